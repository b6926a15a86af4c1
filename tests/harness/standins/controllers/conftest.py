"""An API server on which the stand-in acts, and the objects of the walkthrough's environment."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from kfaws.generator.answers import read_answers
from kfaws.generator.model import Object, RenderedEnvironment
from kfaws.generator.progress import silent
from kfaws.generator.render import render
from kfaws.generator.scaffold import Request, Source, copy
from kfaws.generator.upstream.mirror import Mirror
from kfaws.harness.kube import Cluster
from kfaws.harness.ports import free_port
from kfaws.harness.process import Command, Process
from kfaws.harness.servers.control_plane import Plane
from kfaws.harness.tools import Programs

Application = Callable[[str], list[Object]]
NAMES = ("etcd", "kube-apiserver")


@pytest.fixture(scope="session")
def rendered(
    template: Path, walkthrough: Path, mirror: Mirror, tmp_path_factory: pytest.TempPathFactory
) -> RenderedEnvironment:
    """The walkthrough's environment."""
    folder = tmp_path_factory.mktemp("controllers") / "environment"
    copy(Request(Source(str(template)), folder, read_answers(walkthrough)))
    return render(folder, silent())


@pytest.fixture(scope="session")
def application(rendered: RenderedEnvironment) -> Application:
    """The objects of one Application, by name."""

    def objects(name: str) -> list[Object]:
        [found] = [one for one in rendered.applications if one.application.name == name]
        return list(found.objects)

    return objects


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """etcd, an API server, and the stand-in; no pod runs here, tests say what is Available."""
    programs = Programs(silent())
    paths = {name: path for name in NAMES if (path := programs.find(name))}
    missing = [name for name in NAMES if name not in paths]
    if missing:
        pytest.skip(f"not built: {', '.join(missing)} (run `kfaws tools`)")
    folder = tmp_path_factory.mktemp("plane")
    plane, port = Plane(folder), free_port()
    plane.prepare()
    options: list[str | Path] = ["--kubeconfig", plane.kubeconfig, "--health-port", str(port)]
    module: list[str | Path] = [sys.executable, "-m", "kfaws.harness.standins.controllers"]
    with ExitStack() as running:
        for command in (
            plane.etcd_server(paths["etcd"]),
            plane.api_server(paths["kube-apiserver"]),
            Command("controllers", [*module, *options], f"http://127.0.0.1:{port}/readyz"),
        ):
            process = Process(command, folder)
            running.callback(process.stop)
            process.start()
            process.wait_ready()
        yield Cluster(plane.kubeconfig)
