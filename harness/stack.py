"""The servers of the embedded platform, started in order, stopped in reverse: what knows several of them."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import yaml

from kfaws.generator.errors import KfawsError
from kfaws.generator.model import Object
from kfaws.generator.programs import helm, kubectl
from kfaws.generator.progress import Reporter
from kfaws.generator.run import run
from kfaws.generator.upstream.local_git import contents_of, serve
from kfaws.generator.upstream.mirror import Mirror
from kfaws.generator.upstream.resolver import Upstream
from kfaws.harness.certificates import self_signed
from kfaws.harness.git import Snapshots, instead_of
from kfaws.harness.kube import Cluster, Kind
from kfaws.harness.ports import free_port
from kfaws.harness.process import Command, Process
from kfaws.harness.servers import argo_cd, control_plane
from kfaws.harness.tools import Programs
from kfaws.harness.workload import environment_of

PROGRAMS = (*control_plane.PROGRAMS, *argo_cd.PROGRAMS)
ACCOUNT = "system:serviceaccount:{namespace}:argocd-application-controller"


@dataclass(frozen=True)
class Answers:
    """What the platform needs to know of an environment's answers."""

    repository: str
    revision: str
    argo_cd: str
    """Argo CD's namespace."""
    git_base: str

    @classmethod
    def of(cls, folder: Path) -> Answers:
        """Those of a generated repository; raises KfawsError for a folder that is none."""
        file = folder / ".copier-answers.yml"
        if not file.is_file():
            raise KfawsError(f"{folder} is no generated repository (it has no {file.name}): name one")
        answers: dict[str, Any] = yaml.safe_load(file.read_text())
        return cls(
            answers["gitops_repository"],
            answers["gitops_revision"],
            answers["argo_cd_namespace"],
            answers["git_base"],
        )


class Stack:
    """A control plane and Argo CD for one generated repository; leaving its context ends everything."""

    def __init__(self, environment: Path, folder: Path, programs: Programs, reporter: Reporter) -> None:
        """`folder` takes all state and logs; `programs` says where the programs are."""
        self.environment = environment
        self._answers = Answers.of(environment)
        self._folder = folder
        self._programs = programs
        self._reporter = reporter
        self._running = ExitStack()
        self._plane = control_plane.Plane(folder / "control-plane")
        self._argo_cd = argo_cd.ArgoCd(folder / "argocd")
        host = urlsplit(self._answers.repository).netloc
        path = urlsplit(self._answers.repository).path.strip("/").removesuffix(".git")
        self._hosts = folder / "git"
        self._snapshots = Snapshots(self._hosts / host / f"{path}.git", self._answers.revision)
        self._git: dict[str, str] = {}

    def __enter__(self) -> Stack:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()

    @property
    def kubeconfig(self) -> Path:
        """The administrator's."""
        return self._plane.kubeconfig

    @property
    def cluster(self) -> Cluster:
        """The API server, as its administrator."""
        return Cluster(self.kubeconfig)

    def start(self, stages: Path, nodes: list[Object], mirror: Mirror) -> None:
        """Start the control plane with its nodes, and the git hosts with upstream and the environment."""
        self._programs.ensure(PROGRAMS)
        self._plane.prepare()
        paths = {name: self._programs.path(name) for name in control_plane.PROGRAMS}
        started = [self._start(command) for command in self._plane.commands(paths, stages)]
        self._serve_git(mirror)
        for process in started:
            process.wait_ready()
        for node in nodes:
            self.cluster.apply(node)

    def bootstrap(self) -> None:
        """Take the two steps that a person takes: Argo CD, then the root Application."""
        self._apply("bootstrap/argocd")
        self._start_argo_cd()
        self._apply("bootstrap/root")

    def snapshot(self) -> str:
        """Push the environment's folder as it is now; returns the commit."""
        return self._snapshots.take(self.environment)

    def _serve_git(self, mirror: Mirror) -> None:
        base = urlsplit(self._answers.git_base)
        upstream = self._hosts / base.netloc / base.path.strip("/")
        upstream.mkdir(parents=True)
        serve(contents_of(mirror, Upstream(self._reporter.say), self._answers.git_base), upstream)
        self.snapshot()
        self._git = instead_of({f"https://{host.name}/": host for host in self._hosts.iterdir()})

    def _start_argo_cd(self) -> None:
        redis = shutil.which("redis-server")
        if redis is None:
            raise KfawsError("redis-server is missing: install it (on Debian: apt-get install redis-server)")
        self._argo_cd.prepare(self._programs.path("kustomize"), helm().path)
        proxy = self._start_git_hosts()
        self._start(self._argo_cd.redis_server(Path(redis))).wait_ready()
        namespace = self._answers.argo_cd
        server, controller = "argocd-repo-server", "argocd-application-controller"
        cluster = self.cluster
        told = environment_of(cluster, _existing(cluster, "Deployment", server, namespace), server)
        git = {**self._git, "HTTPS_PROXY": f"http://127.0.0.1:{proxy}"}
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

    def _start_git_hosts(self) -> int:
        """The port of the proxy behind which the git hosts are."""
        port, certificate = free_port(), self._folder / "git-hosts.pem"
        hosts = [host.name for host in self._hosts.iterdir()]
        for host, pem in dict.fromkeys(hosts, self_signed(hosts, certificate)).items():
            self._argo_cd.trust(host, pem)
        module = [sys.executable, "-m", "kfaws.harness.standins.git_hosts"]
        options: list[str | Path] = ["--port", str(port), "--root", self._hosts, "--certificate", certificate]
        command = Command("git-hosts", [*module, *options], lambda: argo_cd.accepts(port))
        self._start(command).wait_ready()
        return port

    def _start(self, command: Command) -> Process:
        process = Process(command, self._folder / "logs")
        # Registered first: what starts only half is ended as well.
        self._running.callback(process.stop)
        process.start()
        if command.name in ("etcd", "kube-apiserver"):
            # The others end when they do not find it.
            process.wait_ready()
        return process

    def _apply(self, folder: str) -> None:
        environment = {**os.environ, **self._git, "KUBECONFIG": str(self.kubeconfig)}
        command: list[str | Path] = [kubectl().path, "apply", "--server-side", "--force-conflicts", "-k"]
        run([*command, self.environment / folder], env=environment)


def _existing(cluster: Cluster, kind: str, name: str, namespace: str) -> Object:
    found = cluster.get(Kind("apps/v1", kind), name, namespace)
    if found is None:
        raise KfawsError(f"bootstrap/argocd makes no {kind} {name}: restore it")
    return found
