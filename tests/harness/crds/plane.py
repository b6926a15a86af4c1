"""An API server with kro, for a test of definitions: etcd, kube-apiserver and kro, as somebody built them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import yaml
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kfaws.harness.kube import Cluster, ClusterError, Kind
from kfaws.harness.ports import free_port
from kfaws.harness.process import Command, Process

NAMES = ("etcd", "kube-apiserver", "kro")
TOKEN = "administrator"
NAMESPACES = Kind("v1", "Namespace")


def variable(name: str) -> str:
    """The variable that says where a program is, as KFAWS_KUBECTL does for kubectl."""
    return f"KFAWS_{name.upper().replace('-', '_')}"


def programs() -> dict[str, str] | None:
    """Paths of all that is needed, by variable or on PATH; None where one is missing."""
    found = {name: os.environ.get(variable(name)) or shutil.which(name) for name in NAMES}
    return {name: path for name, path in found.items() if path} if all(found.values()) else None


@contextmanager
def plane(folder: Path, paths: dict[str, str]) -> Iterator[Cluster]:
    """A cluster without nodes, in which kro acts on definitions; kro needs its CRDs, see `start_kro`."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as running:
        etcd = free_port()
        for command in (
            _etcd(paths["etcd"], folder, etcd),
            _api_server(paths["kube-apiserver"], folder, etcd),
        ):
            process = Process(command, folder)
            process.start()
            running.callback(process.stop)
            process.wait_ready()
        yield Cluster(folder / "kubeconfig")


@contextmanager
def kro(folder: Path, path: str) -> Iterator[None]:
    """kro, acting on the cluster of that folder, whose CRDs must be there."""
    metrics, health = free_port(), free_port()
    arguments = [
        f"--metrics-bind-address=127.0.0.1:{metrics}",
        f"--health-probe-bind-address=127.0.0.1:{health}",
        # As apps/kro.yaml has it: four times as fast as by default.
        "--resource-graph-definition-concurrent-reconciles=8",
        "--rgd-progress-requeue-delay=500ms",
        "--graph-revision-concurrent-reconciles=4",
        "--dynamic-controller-concurrent-reconciles=4",
    ]
    process = Process(
        Command(
            "kro",
            [path, *arguments],
            f"http://127.0.0.1:{health}/readyz",
            {"KUBECONFIG": str(folder / "kubeconfig")},
        ),
        folder,
    )
    process.start()
    try:
        process.wait_ready()
        yield
    finally:
        process.stop()


def _etcd(path: str, folder: Path, port: int) -> Command:
    client, peer = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{free_port()}"
    arguments = [
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--unsafe-no-fsync",
    ]
    return Command("etcd", [path, *arguments], f"{client}/health")


def _api_server(path: str, folder: Path, etcd: int) -> Command:
    port = free_port()
    _write_key(folder / "accounts.key")
    (folder / "tokens.csv").write_text(f"{TOKEN},administrator,administrator,system:masters\n")
    (folder / "kubeconfig").write_text(yaml.safe_dump(_kubeconfig(folder, port)))
    arguments = [
        f"--etcd-servers=http://127.0.0.1:{etcd}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        f"--secure-port={port}",
        f"--cert-dir={folder / 'certificates'}",
        f"--token-auth-file={folder / 'tokens.csv'}",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={folder / 'accounts.key'}",
        f"--service-account-signing-key-file={folder / 'accounts.key'}",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--endpoint-reconciler-type=none",
        "--disable-admission-plugins=ServiceAccount",
    ]
    return Command("kube-apiserver", [path, *arguments], lambda: _answers(folder))


def _answers(folder: Path) -> bool:
    if not (folder / "certificates" / "apiserver.crt").is_file():
        return False
    try:
        return bool(Cluster(folder / "kubeconfig").list(NAMESPACES))
    except ClusterError:
        return False


def _write_key(file: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))


def _kubeconfig(folder: Path, port: int) -> dict[str, object]:
    authority = str(folder / "certificates" / "apiserver.crt")
    cluster = {"server": f"https://127.0.0.1:{port}", "certificate-authority": authority}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": cluster}],
        "users": [{"name": "administrator", "user": {"token": TOKEN}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "administrator"}}],
        "current-context": "test",
    }
