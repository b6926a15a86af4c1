"""The servers of the embedded platform, started in order, stopped in reverse: what knows several of them."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from types import TracebackType

from kfaws.generator.errors import KfawsError
from kfaws.generator.model import Object, RenderedEnvironment
from kfaws.generator.programs import helm
from kfaws.generator.progress import Reporter
from kfaws.generator.render import render
from kfaws.generator.upstream.resolver import Upstream
from kfaws.harness import placeholders
from kfaws.harness.answers import Answers
from kfaws.harness.applications import refresh_failed
from kfaws.harness.bootstrap import ARGO_CD, ROOT, apply
from kfaws.harness.crds import Needed, needed_crds
from kfaws.harness.deployed import DeployedPrograms, Surroundings, all_deployed
from kfaws.harness.kube import Cluster, Kind
from kfaws.harness.left_out import left_out
from kfaws.harness.process import Command, Process
from kfaws.harness.servers import argo_cd, control_plane, standins
from kfaws.harness.servers.git_hosts import GitHosts
from kfaws.harness.standins.cluster import STAGES
from kfaws.harness.standins.cluster.nodes import nodes
from kfaws.harness.supervision import Supervisor
from kfaws.harness.tools import MARIADB, Programs
from kfaws.harness.workload import environment_of

PROGRAMS = (
    *control_plane.PROGRAMS,
    *argo_cd.PROGRAMS,
    *dict.fromkeys(entry.program for entry in all_deployed()),
)
"""All that are built; the rest comes from packages."""
REFRESH_EVERY = 10.0
"""Seconds between two looks for Applications that Argo CD could not compare."""
Stage = Callable[[str], None]
"""Is told what begins now."""
ACCOUNT = "system:serviceaccount:{namespace}:argocd-application-controller"


class Stack:
    """One embedded platform for one generated repository; leaving its context ends everything."""

    def __init__(self, environment: Path, folder: Path, programs: Programs, reporter: Reporter) -> None:
        """`folder` takes all state and logs; `programs` says where the programs are."""
        self.environment = environment
        self.answers = Answers.of(environment)
        self.supervisor = Supervisor()
        self._folder = folder
        self._programs = programs
        self._reporter = reporter
        self._plane = control_plane.Plane(folder / "control-plane")
        self._checkouts = scratch(folder / "checkouts")
        self._argo_cd = argo_cd.ArgoCd(folder / "argocd", self._checkouts)
        self._hosts = GitHosts(folder / "git", self.answers.repository, self.answers.revision)
        pod_identity = self.answers.every.get("credentials") == "pod-identity"
        self._aws = standins.Aws(
            self.answers.account,
            self.answers.region,
            environment,
            pod_identity,
            folder / "databases",
            programs.installed(MARIADB),
        )
        self._deployed: DeployedPrograms | None = None
        self._refreshed = 0.0
        self.left_out: dict[str, str] = {}
        """Applications that cannot be delivered here, each with the reason; known once started."""

    def __enter__(self) -> Stack:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.supervisor.close()
        shutil.rmtree(self._checkouts, ignore_errors=True)

    @property
    def kubeconfig(self) -> Path:
        """The administrator's."""
        return self._plane.kubeconfig

    @cached_property
    def cluster(self) -> Cluster:
        """The API server, as its administrator; once it runs."""
        return Cluster(self.kubeconfig)

    @property
    def aws_endpoint(self) -> str:
        """The URL of AWS."""
        return self._aws.url

    def start(self, stage: Stage) -> None:
        """Start the account and the cluster, and take the two steps of bootstrap/ as a person does."""
        self._programs.ensure(PROGRAMS)
        redis = shutil.which("redis-server")
        if redis is None:
            raise KfawsError("redis-server is missing: install it (on Debian: apt-get install redis-server)")
        stage("starting the account and the control plane")
        started = [self._start(self._aws.command()), self._start(self._argo_cd_redis(Path(redis)))]
        self._plane.prepare()
        paths = {name: self._programs.path(name) for name in control_plane.PROGRAMS}
        started += [self._start(command) for command in self._plane.commands(paths, STAGES)]
        stage("making git repositories of upstream and of the environment")
        upstream = Upstream(self._reporter.say)
        self._hosts.serve(upstream, self.answers.git_base)
        environment = render(self.environment, self._reporter, upstream=upstream)
        self.left_out = left_out(environment)
        self._hosts.push(self.environment, self.left_out)
        stage("waiting for the account and the control plane")
        for process in started:
            process.wait_ready()
        stage(f"applying {ARGO_CD}, while the cluster is furnished")
        with ThreadPoolExecutor(1) as beside:
            # It is a program of its own that mostly waits for the API server.
            argo_cd_is_there = beside.submit(
                apply, self.environment / ARGO_CD, self.kubeconfig, self._hosts.git
            )
            controllers = self._furnish(environment, needed_crds(environment, upstream))
            argo_cd_is_there.result()
        stage("starting Argo CD")
        self._start_argo_cd()
        # They take long to start, and nothing needs them before the first Application.
        for process in controllers:
            process.wait_ready()
        stage(f"applying {ROOT}")
        apply(self.environment / ROOT, self.kubeconfig, self._hosts.git)

    def look(self) -> None:
        """Look once at what Deployments ask for; `supervisor.look()` is for what ended.

        It takes as long as the API server does: whoever looks after that must not wait for it.
        """
        try:
            if self._deployed:
                self._deployed.look()
            if time.monotonic() - self._refreshed > REFRESH_EVERY:
                refresh_failed(self.cluster, self.answers.argo_cd)
                self._refreshed = time.monotonic()
        except KfawsError as error:
            self._reporter.say(f"deployments: {error}")

    def _furnish(self, environment: RenderedEnvironment, needed: Needed) -> list[Process]:
        """Nodes, the CRDs that no Application brings, and who acts in the cluster in the place of others.

        Returns the latter, which are started and may not be ready yet.
        """
        cluster = self.cluster
        for node in nodes(dict(self.answers.every)):
            cluster.apply(node)
        for crd in (*needed.own, *needed.derived, *needed.stubs):
            cluster.apply(crd)
        self._say_what_is_missing(needed)
        for item in (*placeholders.namespaces(environment), *placeholders.controllers(environment)):
            cluster.apply(item)
        around = Surroundings(
            cluster,
            self._folder,
            self._plane.acting_as,
            self._programs.path,
            self._aws.url,
            self._aws.identity,
        )
        self._deployed = DeployedPrograms(around, self.supervisor)
        # Pods of programs must find the list before they are there.
        self._deployed.look()
        commands = (
            standins.kubelet(self.kubeconfig),
            standins.controllers(self.kubeconfig),
            self._aws.claims(self.kubeconfig),
        )
        return [self._start(command) for command in commands]

    def _say_what_is_missing(self, needed: Needed) -> None:
        if needed.missing:
            kinds = ", ".join(f"{kind}.{group}" for group, kind in needed.missing)
            self._reporter.say(f"no CRD can be had for {kinds}: objects of these kinds cannot be applied")

    def _argo_cd_redis(self, program: Path) -> Command:
        self._argo_cd.prepare(self._programs.path("kustomize"), helm().path)
        return self._argo_cd.redis_server(program)

    def _start_argo_cd(self) -> None:
        namespace, cluster = self.answers.argo_cd, self.cluster
        cluster.apply(self._argo_cd.redis_secret(namespace))
        certificate = self._hosts.certificate()
        for host in self._hosts.names:
            self._argo_cd.trust(host, certificate)
        self._start(self._hosts.command()).wait_ready()
        server, controller = "argocd-repo-server", "argocd-application-controller"
        told = environment_of(cluster, _existing(cluster, "Deployment", server, namespace), server)
        git = {**self._hosts.git, "HTTPS_PROXY": f"http://127.0.0.1:{self._hosts.port}"}
        command = self._argo_cd.repository_server(self._programs.path(server), os.environ["PATH"], git, told)
        processes = [self._start(command)]
        told = environment_of(cluster, _existing(cluster, "StatefulSet", controller, namespace), controller)
        account = ACCOUNT.format(namespace=namespace)
        kubeconfig = self._plane.acting_as(account, self._folder / "argocd" / "kubeconfig")
        command = self._argo_cd.application_controller(
            self._programs.path(controller), kubeconfig, namespace, told
        )
        processes.append(self._start(command))
        for process in processes:
            process.wait_ready()

    def _start(self, command: Command) -> Process:
        process = Process(command, self._folder / "logs")
        self.supervisor.start(process)
        if command.name in ("etcd", "kube-apiserver"):
            # The others end when they do not find it.
            process.wait_ready()
        return process


def scratch(otherwise: Path) -> Path:
    """A new folder in memory, where clones take a third of the time; `otherwise` where there is no such."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK):
        return Path(tempfile.mkdtemp(dir=memory, prefix="kfaws-"))
    return otherwise


def _existing(cluster: Cluster, kind: str, name: str, namespace: str) -> Object:
    found = cluster.get(Kind("apps/v1", kind), name, namespace)
    if found is None:
        raise KfawsError(f"bootstrap/argocd makes no {kind} {name}: restore it")
    return found
