"""The control plane: etcd, API server, controller manager and scheduler, and kwok for the nodes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe

import yaml
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kfaws.harness.ports import free_port
from kfaws.harness.process import RARE_COLLECTION, Command

PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok")
NOT_ADMITTING = "MutatingAdmissionWebhook,ValidatingAdmissionWebhook"
"""No webhook runs here: a call to one would end in a refusal. standins/cluster lists what that leaves out."""
SERVICES = "10.96.0.0/16"


@dataclass(frozen=True)
class Plane:
    """Where the servers of one control plane meet: folder, ports, and the administrator's token."""

    folder: Path
    etcd: int = field(default_factory=free_port)
    api: int = field(default_factory=free_port)
    token: str = field(default_factory=token_urlsafe)

    @property
    def kubeconfig(self) -> Path:
        """The administrator's."""
        return self.folder / "kubeconfig"

    def prepare(self) -> None:
        """Write what the servers read: the key of service accounts, the token, the kubeconfig."""
        self.folder.mkdir(parents=True, exist_ok=True)
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        _private(self._key, pem)
        _private(self._tokens, f"{self.token},administrator,administrator,system:masters\n".encode())
        _private(self.kubeconfig, yaml.safe_dump(self._kubeconfig(None)).encode())

    def acting_as(self, user: str, file: Path) -> Path:
        """A kubeconfig with which a program acts as another user, for instance as a service account."""
        _private(file, yaml.safe_dump(self._kubeconfig(user)).encode())
        return file

    def commands(self, programs: dict[str, Path], stages: Path) -> Iterable[Command]:
        """The servers, in the order in which they start."""
        return (
            self.etcd_server(programs["etcd"]),
            self.api_server(programs["kube-apiserver"]),
            self._controller_manager(programs["kube-controller-manager"]),
            self._scheduler(programs["kube-scheduler"]),
            self._kwok(programs["kwok"], stages),
        )

    @property
    def _key(self) -> Path:
        return self.folder / "accounts.key"

    @property
    def _tokens(self) -> Path:
        return self.folder / "tokens.csv"

    @property
    def _certificates(self) -> Path:
        return self.folder / "certificates"

    def etcd_server(self, program: Path) -> Command:
        """etcd, with its data in the folder."""
        client, peer = f"http://127.0.0.1:{self.etcd}", f"http://127.0.0.1:{free_port()}"
        arguments = [
            f"--data-dir={self.folder / 'etcd'}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
            "--unsafe-no-fsync",
            "--log-level=warn",
        ]
        return Command("etcd", [program, *arguments], f"{client}/health")

    def api_server(self, program: Path) -> Command:
        """The API server; it ends when etcd is not there."""
        arguments = [
            f"--etcd-servers=http://127.0.0.1:{self.etcd}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={self.api}",
            f"--cert-dir={self._certificates}",
            f"--token-auth-file={self._tokens}",
            "--authorization-mode=RBAC",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={self._key}",
            f"--service-account-signing-key-file={self._key}",
            f"--service-cluster-ip-range={SERVICES}",
            "--endpoint-reconciler-type=none",
            f"--disable-admission-plugins={NOT_ADMITTING}",
            "--allow-privileged=true",
        ]
        health = f"https://127.0.0.1:{self.api}/readyz"
        return Command("kube-apiserver", [program, *arguments], health, RARE_COLLECTION)

    def _controller_manager(self, program: Path) -> Command:
        port = free_port()
        arguments = [
            f"--kubeconfig={self.kubeconfig}",
            "--bind-address=127.0.0.1",
            f"--secure-port={port}",
            "--authentication-skip-lookup=true",
            "--leader-elect=false",
            f"--service-account-private-key-file={self._key}",
            f"--root-ca-file={self._certificates / 'apiserver.crt'}",
        ]
        return Command("kube-controller-manager", [program, *arguments], f"https://127.0.0.1:{port}/healthz")

    def _scheduler(self, program: Path) -> Command:
        port = free_port()
        arguments = [
            f"--kubeconfig={self.kubeconfig}",
            "--bind-address=127.0.0.1",
            f"--secure-port={port}",
            "--authentication-skip-lookup=true",
            "--leader-elect=false",
        ]
        return Command("kube-scheduler", [program, *arguments], f"https://127.0.0.1:{port}/healthz")

    def _kwok(self, program: Path, stages: Path) -> Command:
        port = free_port()
        arguments = [
            f"--kubeconfig={self.kubeconfig}",
            "--manage-all-nodes=true",
            f"--config={stages}",
            f"--server-address=127.0.0.1:{port}",
            "--node-ip=127.0.0.1",
            "--cidr=10.244.0.0/16",
        ]
        return Command("kwok", [program, *arguments], f"http://127.0.0.1:{port}/healthz")

    def _kubeconfig(self, user: str | None) -> dict[str, object]:
        server = {
            "server": f"https://127.0.0.1:{self.api}",
            "certificate-authority": str(self._certificates / "apiserver.crt"),
            # Between two programs of one machine, packing costs more than it spares.
            "disable-compression": True,
        }
        acting = {"token": self.token} | ({"as": user} if user else {})
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "embedded", "cluster": server}],
            "users": [{"name": "administrator", "user": acting}],
            "contexts": [{"name": "embedded", "context": {"cluster": "embedded", "user": "administrator"}}],
            "current-context": "embedded",
        }


def _private(file: Path, content: bytes) -> None:
    """Write a file that only its owner reads."""
    file.touch(mode=0o600)
    file.write_bytes(content)
