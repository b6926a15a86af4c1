"""An API server with kro, for a test of definitions: etcd, kube-apiserver and kro, as somebody built them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from kfaws.generator.progress import silent
from kfaws.harness.kube import Cluster
from kfaws.harness.ports import free_port
from kfaws.harness.process import Command, Process
from kfaws.harness.servers.control_plane import Plane
from kfaws.harness.tools import Programs

NAMES = ("etcd", "kube-apiserver", "kro")


def programs() -> dict[str, Path]:
    """Those of the programs that need no build, by name."""
    found = {name: Programs(silent()).find(name) for name in NAMES}
    return {name: path for name, path in found.items() if path}


@contextmanager
def plane(folder: Path, paths: dict[str, Path]) -> Iterator[Cluster]:
    """A cluster without nodes, in which kro acts on definitions; kro needs its CRDs, see `start_kro`."""
    servers = Plane(folder)
    servers.prepare()
    with ExitStack() as running:
        for command in (
            servers.etcd_server(paths["etcd"]),
            servers.api_server(paths["kube-apiserver"]),
        ):
            process = Process(command, folder)
            running.callback(process.stop)
            process.start()
            process.wait_ready()
        yield Cluster(servers.kubeconfig)


@contextmanager
def kro(folder: Path, path: Path) -> Iterator[None]:
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
