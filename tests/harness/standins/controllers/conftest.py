"""An API server on which the stand-in acts, and the objects of the walkthrough's environment."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
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
from kfaws.harness.servers.control_plane import PROGRAMS, Plane
from kfaws.harness.tools import Programs

Application = Callable[[str], list[Object]]
NAMES, MANAGER = ("etcd", "kube-apiserver"), "kube-controller-manager"


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
    with acted_on(tmp_path_factory.mktemp("plane"), ()) as found:
        yield found


@contextmanager
def acted_on(folder: Path, manager: tuple[str, ...], *options: str) -> Iterator[Cluster]:
    """A cluster on which the stand-in acts, called with `options`.

    With a controller manager where `manager` has flags for one.
    """
    names = (*NAMES, *([MANAGER] if manager else []))
    programs = Programs(silent())
    paths = {name: path for name in names if (path := programs.find(name))}
    missing = [name for name in names if name not in paths]
    if missing:
        pytest.skip(f"not built: {', '.join(missing)} (run `kfaws tools`)")
    plane, port = Plane(folder), free_port()
    plane.prepare()
    commands = [plane.etcd_server(paths["etcd"]), plane.api_server(paths["kube-apiserver"])]
    if manager:
        everything = {name: paths.get(name, Path()) for name in PROGRAMS}
        [command] = [one for one in plane.commands(everything, Path()) if one.name == MANAGER]
        commands.append(replace(command, arguments=[*command.arguments, *manager]))
    module = [sys.executable, "-m", "kfaws.harness.standins.controllers"]
    flags = ["--kubeconfig", str(plane.kubeconfig), "--health-port", str(port), *options]
    commands.append(Command("controllers", [*module, *flags], f"http://127.0.0.1:{port}/readyz"))
    with ExitStack() as running:
        for command in commands:
            process = Process(command, folder)
            running.callback(process.stop)
            process.start()
            process.wait_ready()
        yield Cluster(plane.kubeconfig)
