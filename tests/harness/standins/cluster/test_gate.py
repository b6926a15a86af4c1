"""The gate over a cluster whose watches have missed something."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, Literal

from kfaws.generator.model import Object
from kfaws.harness.kube import Cluster, EventType, Kind
from kfaws.harness.standins.cluster import MAY_RUN
from kfaws.harness.standins.cluster.gate import PODS, Gate
from kfaws.harness.standins.cluster.references import ACCOUNT, SECRET
from tests.harness.standins.cluster.pods import pod


class OnePod(Cluster):
    """One scheduled pod that names a Secret, which a list shows and which may be gone by now."""

    def __init__(self, *there: str) -> None:
        self.there = there
        self.written: list[Object] = []
        self.gate = Gate(self)
        metadata = {"uid": "1", "resourceVersion": "7"}
        self.pod = pod(envFrom=[{"secretRef": {"name": "login"}}], metadata=metadata)
        self.pod["spec"]["nodeName"] = "workers-1"

    def list(self, kind: Kind, namespace: str | None = None, selector: str | None = None) -> list[Object]:
        name = {ACCOUNT: "runner", SECRET: "login"}.get(kind.kind)
        return [{"metadata": {"name": name, "namespace": "team"}}] if name else []

    def get(self, kind: Kind, name: str, namespace: str | None = None) -> Object | None:
        return {"metadata": {"name": name, "namespace": namespace}} if name in self.there else None

    def watch(
        self, kind: Kind, stop: threading.Event, namespace: str | None = None
    ) -> Iterator[tuple[EventType, Object]]:
        if kind == PODS:
            yield "ADDED", self.pod
        stop.wait()

    def patch(
        self, item: Object, change: Any, subresource: str = "", how: Literal["merge", "json"] = "merge"
    ) -> Object:
        self.written.append(change)
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
