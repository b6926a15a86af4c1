"""The gate over a cluster of which it sees some things late."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, Literal

import pytest

from kfaws.generator.model import Object
from kfaws.harness.kube import Cluster, EventType, Kind
from kfaws.harness.standins.cluster import MAY_RUN
from kfaws.harness.standins.cluster.gate import PODS, Gate
from kfaws.harness.standins.cluster.references import ACCOUNT, SECRET
from tests.harness.standins.cluster.pods import pod

WITHIN = 10.0


def _named(name: str) -> Object:
    return {"metadata": {"name": name, "namespace": "team"}}


class OnePod(Cluster):
    """One scheduled pod that names a Secret, which a list shows and which may be gone by now.

    Or the Secret `appears` once the pod is held.
    """

    def __init__(self, *there: str, appears: bool = False) -> None:
        self.there, self.appears = there, appears
        self.held = threading.Event()
        self.written: list[Object] = []
        self.gate = Gate(self)
        metadata = {"uid": "1", "resourceVersion": "7"}
        self.pod = pod(envFrom=[{"secretRef": {"name": "login"}}], metadata=metadata)
        self.pod["spec"]["nodeName"] = "workers-1"

    def list(self, kind: Kind, namespace: str | None = None, selector: str | None = None) -> list[Object]:
        shown = {ACCOUNT: "runner"} if self.appears else {ACCOUNT: "runner", SECRET: "login"}
        return [_named(shown[kind.kind])] if kind.kind in shown else []

    def get(self, kind: Kind, name: str, namespace: str | None = None) -> Object | None:
        return _named(name) if name in self.there else None

    def watch(
        self, kind: Kind, stop: threading.Event, namespace: str | None = None
    ) -> Iterator[tuple[EventType, Object]]:
        if kind == PODS:
            yield "ADDED", self.pod
        if kind.kind == SECRET and self.appears:
            self.held.wait(WITHIN)
            self.there = (*self.there, "login")
            yield "ADDED", _named("login")
        stop.wait()

    def patch(
        self, item: Object, change: Any, subresource: str = "", how: Literal["merge", "json"] = "merge"
    ) -> Object:
        self.written.append(change)
        self.held.set()
        if "status" not in change or not self.appears:
            self.gate.stop()
        return item


def test_what_the_watches_show_is_asked_for_before_a_pod_runs() -> None:
    cluster = OnePod("runner")

    cluster.gate.run(lambda: None)

    [change] = cluster.written
    [status] = change["status"]["containerStatuses"]
    assert status["state"]["waiting"]["message"] == 'secret "login" not found'
    assert change["metadata"] == {"resourceVersion": "7"}


def test_a_pod_that_has_all_is_let_run() -> None:
    cluster = OnePod("runner", "login")

    cluster.gate.run(lambda: None)

    assert cluster.written == [{"metadata": {"uid": "1", "annotations": {MAY_RUN: "true"}}}]


def test_a_held_pod_goes_on_when_what_it_lacks_appears(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kfaws.harness.standins.cluster.gate.RESYNC", WITHIN)
    cluster = OnePod("runner", appears=True)
    late = threading.Timer(WITHIN / 2, cluster.gate.stop)
    late.start()

    cluster.gate.run(lambda: None)

    late.cancel()
    assert ["status" in change for change in cluster.written] == [True, False]
