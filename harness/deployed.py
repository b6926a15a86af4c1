"""Programs that stand behind Deployments of the cluster: started, replaced and ended with them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import orjson
import yaml

from kfaws.generator.model import Object
from kfaws.harness.arguments import arguments_of
from kfaws.harness.certificates import self_signed
from kfaws.harness.kube import Cluster, Kind
from kfaws.harness.ports import free_port
from kfaws.harness.process import Command, Process
from kfaws.harness.supervision import Kept, Supervisor
from kfaws.harness.workload import container_of, environment_of

TABLE = Path(__file__).parent / "programs.yaml"
DEPLOYMENTS, ACCOUNTS = Kind("apps/v1", "Deployment"), Kind("v1", "ServiceAccount")
CONFIG_MAPS = Kind("v1", "ConfigMap")
STATES = {"namespace": "kube-system", "name": "embedded-programs"}
"""The ConfigMap by which pods learn whether the program behind them runs."""
PORTS = ("metrics", "health", "webhook", "grpc")


@dataclass(frozen=True)
class Deployed:
    """One entry of programs.yaml."""

    namespace: str
    name: str
    program: str
    container: str
    health: str
    flags: Mapping[str, str | None] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    certificate: str = ""
    """The host for which it gets a certificate of our making, `certificate.pem` in its folder."""

    @property
    def key(self) -> str:
        """Its key in the ConfigMap of states."""
        return f"{self.namespace}.{self.name}"


@cache
def all_deployed() -> tuple[Deployed, ...]:
    """The table."""
    entries = yaml.safe_load(TABLE.read_text())
    return tuple(Deployed(*place.split("/"), **entry) for place, entry in entries.items())


@dataclass
class Surroundings:
    """What a program needs to know of this machine."""

    cluster: Cluster
    folder: Path
    acting_as: Callable[[str, Path], Path]
    """Writes a kubeconfig of that user into a file."""
    path: Callable[[str], Path]
    """The program of that name."""
    aws: str
    """The URL of AWS."""
    identity: Callable[[str, str], Mapping[str, str]]
    """The environment by which a pod of that namespace and ServiceAccount gets its role's credentials."""


class DeployedPrograms:
    """Looks for Deployments of the table, and keeps a program running for each that is there."""

    def __init__(self, around: Surroundings, supervisor: Supervisor) -> None:
        self._around = around
        self._supervisor = supervisor
        self._templates: dict[str, str] = {}
        self._kept: dict[str, Kept] = {}
        self._said: dict[str, str] = {}

    def look(self) -> None:
        """Look once: start, replace and end; tell the pods. Raises ClusterError when the cluster is away."""
        # Before the first Deployment: a pod of the table must never run ahead of its program.
        self._tell()
        for entry in all_deployed():
            deployment = self._around.cluster.get(DEPLOYMENTS, entry.name, entry.namespace)
            template = _fingerprint(deployment)
            if template == self._templates.get(entry.key, ""):
                continue
            self._supervisor.end(entry.name)
            self._kept.pop(entry.key, None)
            if deployment is None:
                del self._templates[entry.key]
            elif self._start(entry, deployment):
                self._templates[entry.key] = template
        self._tell()

    def _start(self, entry: Deployed, deployment: Object) -> bool:
        account = deployment["spec"]["template"]["spec"].get("serviceAccountName", "default")
        if self._around.cluster.get(ACCOUNTS, account, entry.namespace) is None:
            return False
        command = self._command(entry, deployment, account)
        self._kept[entry.key] = self._supervisor.start(Process(command, self._around.folder / "logs"))
        return True

    def _command(self, entry: Deployed, deployment: Object, account: str) -> Command:
        cluster, folder = self._around.cluster, self._around.folder / "programs" / entry.name
        folder.mkdir(parents=True, exist_ok=True)
        user = f"system:serviceaccount:{entry.namespace}:{account}"
        kubeconfig = self._around.acting_as(user, folder / "kubeconfig")
        values = {"kubeconfig": str(kubeconfig), "folder": str(folder), "aws": self._around.aws}
        values |= {name: str(free_port()) for name in PORTS}
        self._write_files(entry, folder)
        told = environment_of(cluster, deployment, entry.container)
        flags = {name: value and value.format_map(values) for name, value in entry.flags.items()}
        arguments = arguments_of(container_of(deployment, entry.container), told, flags)
        own = {name: value.format_map(values) for name, value in entry.environment.items()}
        environment = {
            "KUBECONFIG": str(kubeconfig),
            "POD_NAMESPACE": entry.namespace,
            "POD_NAME": entry.name,
            **self._around.identity(entry.namespace, account),
            **told,
            **own,
        }
        program = self._around.path(entry.program)
        return Command(entry.name, [program, *arguments], entry.health.format_map(values), environment)

    def _write_files(self, entry: Deployed, folder: Path) -> None:
        for name, source in entry.files.items():
            found = self._around.cluster.get(CONFIG_MAPS, source["configMap"], entry.namespace) or {}
            (folder / name).write_text(found.get("data", {}).get(source["key"], ""))
        if entry.certificate:
            self_signed([entry.certificate], folder / "certificate.pem")

    def _tell(self) -> None:
        states = {
            entry.key: self._kept[entry.key].state if entry.key in self._kept else "starting"
            for entry in all_deployed()
        }
        if states != self._said:
            data = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": dict(STATES), "data": states}
            self._around.cluster.apply(data)
            self._said = states


def _fingerprint(deployment: Object | None) -> str:
    """Changes when the Deployment's pods would be replaced."""
    if deployment is None:
        return ""
    template = orjson.dumps(deployment["spec"]["template"], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(template).hexdigest()
