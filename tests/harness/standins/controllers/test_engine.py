"""The engine over a cluster of the test's own making: who acts, when, and what a failure does."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Mapping

import pytest

from kfaws.generator.model import Object
from kfaws.harness.kube import EventType, Kind
from kfaws.harness.standins.controllers.client import Client
from kfaws.harness.standins.controllers.controller import Place, Requests, itself
from kfaws.harness.standins.controllers.engine import WORKLOADS, Engine
from kfaws.harness.standins.controllers.present import Row, is_available
from tests.harness.standins.controllers.plane import wait

THINGS = Kind("example.com/v1", "Thing")
DEPLOYMENT, STATEFUL_SET = WORKLOADS
WITHIN = 10.0


def _thing(name: str) -> Object:
    return {"apiVersion": THINGS.api_version, "kind": THINGS.kind, "metadata": {"name": name}}


def _deployment(status: str, name: str = "acts") -> Object:
    return {
        "apiVersion": DEPLOYMENT.api_version,
        "kind": DEPLOYMENT.kind,
        "metadata": {"name": name, "namespace": "system", "generation": 1},
        "spec": {"template": {"spec": {"serviceAccountName": "actor"}}},
        "status": {"observedGeneration": 1, "conditions": [{"type": "Available", "status": status}]},
    }


class Told(Client):
    """A cluster that shows what the test puts into `shows`."""

    def __init__(self) -> None:
        self.shows: dict[Kind, queue.Queue[tuple[EventType, Object]]] = {
            kind: queue.Queue() for kind in (THINGS, *WORKLOADS)
        }

    def show(self, item: Object, event: EventType = "ADDED") -> None:
        self.shows[Kind.of(item)].put((event, item))

    def get(self, kind: Kind, name: str, namespace: str | None = None) -> Object | None:
        return _thing(name)

    def watch(
        self, kind: Kind, stop: threading.Event, namespace: str | None = None
    ) -> Iterator[tuple[EventType, Object]]:
        while not stop.is_set():
            yield self.shows[kind].get()


class Noting:
    """A controller that notes whom it looks at; a thing named `broken` fails once."""

    def __init__(self) -> None:
        self.looked: queue.Queue[str] = queue.Queue()
        self.failed = False

    @property
    def watches(self) -> Mapping[Kind, Requests]:
        return {THINGS: itself}

    def reconcile(self, place: Place, item: Object) -> float | None:
        name: str = item["metadata"]["name"]
        if name == "broken" and not self.failed:
            self.failed = True
            raise ZeroDivisionError
        self.looked.put(name)
        return None


class World:
    """One engine with one controller."""

    def __init__(self) -> None:
        self.cluster, self.controller, self.users = Told(), Noting(), queue.Queue[str]()
        row = Row("acts", deployment="system/acts")
        self.engine = Engine(self.cluster, self._acting_as, {row: self.controller})

    def _acting_as(self, user: str) -> Client:
        self.users.put(user)
        return self.cluster


@pytest.fixture
def world() -> Iterator[World]:
    """An engine that runs."""
    found, ready = World(), threading.Event()
    threading.Thread(target=found.engine.run, args=(ready.set,), daemon=True).start()
    assert ready.wait(WITHIN)
    yield found
    found.engine.stop()


def test_nothing_is_looked_at_before_the_controller_is_available(world: World) -> None:
    world.cluster.show(_thing("early"))
    world.cluster.show(_deployment("False"))
    world.cluster.show(_deployment("True", "another"))
    world.cluster.show(_deployment("True"), "MODIFIED")

    assert world.controller.looked.get(timeout=WITHIN) == "early"
    assert world.users.get(timeout=WITHIN) == "system:serviceaccount:system:actor"


def test_a_controller_that_goes_stops_and_finds_all_when_it_comes_back(world: World) -> None:
    world.cluster.show(_deployment("True"))
    world.cluster.show(_thing("first"))
    assert world.controller.looked.get(timeout=WITHIN) == "first"

    world.cluster.show(_deployment("True"), "DELETED")
    wait("it is gone", lambda: None if world.engine.present else True)
    world.cluster.show(_thing("second"))
    world.cluster.show(_deployment("True"))

    looked: set[str] = set()
    while looked != {"first", "second"}:
        looked.add(world.controller.looked.get(timeout=WITHIN))


def test_what_fails_is_tried_again_and_holds_up_nobody(world: World) -> None:
    world.cluster.show(_deployment("True"))
    world.cluster.show(_thing("broken"))
    world.cluster.show(_thing("whole"))

    assert {world.controller.looked.get(timeout=WITHIN) for _ in range(2)} == {"broken", "whole"}


@pytest.mark.parametrize(
    ("ready", "generation", "available"), [(2, 1, True), (1, 1, False), (2, 2, False)], ids=str
)
def test_a_stateful_set_needs_all_its_replicas(ready: int, generation: int, available: bool) -> None:
    item = {
        "kind": STATEFUL_SET.kind,
        "metadata": {"generation": generation},
        "spec": {"replicas": 2},
        "status": {"observedGeneration": 1, "readyReplicas": ready},
    }

    assert is_available(item) is available
