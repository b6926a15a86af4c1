"""Programs behind Deployments, with a few objects and a program that only answers its health URL."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kfaws.generator.model import Object
from kfaws.harness import deployed
from kfaws.harness.deployed import (
    ACCOUNTS,
    CONFIG_MAPS,
    DEPLOYMENTS,
    Deployed,
    DeployedPrograms,
    Surroundings,
)
from kfaws.harness.kube import Cluster, Kind
from kfaws.harness.polling import Done, Pending, eventually
from kfaws.harness.process import Process
from kfaws.harness.supervision import Kept, Supervisor

PROGRAM = f"""#!{sys.executable}
import http.server, json, os, sys
json.dump([sys.argv[1:], dict(os.environ)], open(os.environ["TOLD"], "w"))
[health] = [one.partition("=")[2] for one in sys.argv if one.startswith("--health=")]
http.server.HTTPServer(("127.0.0.1", int(health)), http.server.SimpleHTTPRequestHandler).serve_forever()
"""
ENTRY = Deployed(
    "system",
    "controller",
    "a-program",
    "main",
    health="http://127.0.0.1:{health}/",
    flags={"health": "{health}", "aws": "{aws}", "leader-elect": None},
    environment={"TOLD": "{folder}/told.json", "SHOWN": "ours"},
    files={"settings.yaml": {"configMap": "settings", "key": "all"}},
)
OTHER = Deployed("system", "other", "a-program", "main", health="http://127.0.0.1:{health}/")
SETTINGS = {"data": {"all": "a: 1", "level": "debug"}}


class Objects(Cluster):
    """A cluster with some objects of the namespace `system`; it writes down what is applied."""

    def __init__(self) -> None:
        self.there: dict[tuple[Kind, str], Object] = {(CONFIG_MAPS, "settings"): SETTINGS}
        self.applied: list[Object] = []

    def get(self, kind: Kind, name: str, namespace: str | None = None) -> Object | None:
        return self.there.get((kind, name)) if namespace == "system" else None

    def apply(self, item: Object, manager: str = "", subresource: str = "") -> Object:
        self.applied.append(item)
        return item


@dataclass
class World:
    """What a test acts on."""

    cluster: Objects
    supervisor: Supervisor
    programs: DeployedPrograms
    folder: Path
    users: list[str] = field(default_factory=list)

    def deploy(self, *arguments: str, account: bool = True) -> None:
        """Let the Deployment of ENTRY be there, and look."""
        container = {
            "name": "main",
            "args": ["--leader-elect", "--level=$(LEVEL)", *arguments],
            "env": [
                {"name": "LEVEL", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "level"}}},
                {"name": "SHOWN", "value": "theirs"},
            ],
        }
        spec = {"serviceAccountName": "runner", "containers": [{"name": "sidecar"}, container]}
        self.cluster.there[DEPLOYMENTS, "controller"] = {
            "metadata": {"namespace": "system"},
            "spec": {"replicas": 1, "template": {"spec": spec}},
        }
        if account:
            self.cluster.there[ACCOUNTS, "runner"] = {}
        self.programs.look()

    @property
    def states(self) -> Any:
        """What the pods were told last."""
        return self.cluster.applied[-1]["data"]

    @property
    def kept(self) -> Kept:
        """The one program that is kept."""
        [found] = self.supervisor.kept
        return found

    def ready(self) -> None:
        """Wait until it is, and until the pods know."""

        def look() -> Done[None] | Pending:
            self.supervisor.look()
            return Done(None) if self.kept.ready else Pending(self.kept.state)

        eventually("the program is ready", look, 60)
        self.programs.look()

    def told(self) -> tuple[list[str], dict[str, str]]:
        """Arguments and environment of the program."""
        arguments, environment = json.loads((self.folder / "programs/controller/told.json").read_text())
        return arguments, environment


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(deployed, "all_deployed", lambda: (ENTRY, OTHER))
    program = tmp_path / "a-program"
    program.write_text(PROGRAM)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    users: list[str] = []

    def acting_as(user: str, file: Path) -> Path:
        users.append(user)
        file.write_text(f"a kubeconfig of {user}")
        return file

    def identity(namespace: str, account: str) -> dict[str, str]:
        return {"AWS_ROLE": f"{namespace}/{account}"}

    supervisor, cluster = Supervisor(), Objects()
    around = Surroundings(
        cluster, tmp_path, acting_as, lambda name: tmp_path / name, "http://127.0.0.1:9", identity
    )
    yield World(cluster, supervisor, DeployedPrograms(around, supervisor), tmp_path, users)
    supervisor.close()


def test_without_a_deployment_nothing_runs_and_pods_are_held(world: World) -> None:
    world.programs.look()
    assert world.supervisor.kept == []
    assert world.states == {"system.controller": "starting", "system.other": "starting"}
    assert world.cluster.applied[-1]["metadata"] == {"namespace": "kube-system", "name": "embedded-programs"}


def test_a_program_waits_for_its_service_account(world: World) -> None:
    world.deploy(account=False)
    assert world.supervisor.kept == []
    world.deploy()
    assert world.kept.process.running


def test_a_program_gets_what_its_container_would_and_what_this_machine_needs(world: World) -> None:
    world.deploy("--theirs")
    world.ready()
    arguments, environment = world.told()
    assert "--level=debug" in arguments
    assert "--theirs" in arguments
    assert "--aws=http://127.0.0.1:9" in arguments
    assert not any("leader-elect" in argument for argument in arguments)
    assert environment["SHOWN"] == "ours"
    assert environment["AWS_ROLE"] == "system/runner"
    assert (environment["POD_NAMESPACE"], environment["POD_NAME"]) == ("system", "controller")
    assert world.users == ["system:serviceaccount:system:runner"]
    folder = world.folder / "programs/controller"
    assert environment["KUBECONFIG"] == str(folder / "kubeconfig")
    assert (folder / "settings.yaml").read_text() == "a: 1"


def test_pods_learn_that_their_program_is_ready_and_nothing_twice(world: World) -> None:
    world.deploy()
    world.ready()
    assert world.states == {"system.controller": "ready", "system.other": "starting"}
    before = len(world.cluster.applied)
    world.programs.look()
    assert len(world.cluster.applied) == before


def test_pods_are_told_before_the_first_program_starts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    start = world.supervisor.start

    def noted(process: Process) -> Kept:
        told.append(len(world.cluster.applied))
        return start(process)

    monkeypatch.setattr(world.supervisor, "start", noted)
    world.deploy()
    assert told == [1]


def test_another_pod_template_replaces_the_program(world: World) -> None:
    world.deploy()
    world.ready()
    first = world.kept.process
    world.deploy("--more")
    assert not first.running
    assert world.kept.process.pid != first.pid
    assert world.states["system.controller"] == "starting"
    world.ready()
    assert "--more" in world.told()[0]


def test_what_does_not_change_the_pods_leaves_the_program_alone(world: World) -> None:
    world.deploy()
    first = world.kept.process.pid
    world.cluster.there[DEPLOYMENTS, "controller"]["spec"]["replicas"] = 2
    world.programs.look()
    assert world.kept.process.pid == first


def test_the_program_ends_with_its_deployment_and_comes_back_with_it(world: World) -> None:
    world.deploy()
    world.ready()
    first = world.kept.process
    del world.cluster.there[DEPLOYMENTS, "controller"]
    world.programs.look()
    assert world.supervisor.kept == []
    assert not first.running
    assert world.states["system.controller"] == "starting"
    world.deploy()
    assert world.kept.process.running


def test_a_program_that_ended_is_told_with_its_last_words(world: World) -> None:
    world.deploy()
    world.ready()
    os.kill(world.kept.process.pid, 9)

    def look() -> Done[None] | Pending:
        world.supervisor.look()
        world.programs.look()
        state = world.states["system.controller"]
        return Done(None) if state.startswith("failed: it ended") else Pending(state)

    eventually("the pods learn of it", look, 60)


def test_every_entry_of_the_table_can_be_filled_in() -> None:
    values = {"kubeconfig": "k", "folder": "f", "aws": "a", **dict.fromkeys(deployed.PORTS, "1")}
    entries = deployed.all_deployed()
    assert len({entry.name for entry in entries}) == len(entries), "programs are ended by their names"
    for entry in entries:
        texts = [entry.health, *entry.environment.values(), *filter(None, entry.flags.values())]
        assert not any("{" in text.format_map(values) for text in texts)
