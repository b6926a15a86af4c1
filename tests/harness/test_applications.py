"""Argo CD's Applications as rows, and which of them look when files change."""

from __future__ import annotations

from typing import Any

from kfaws.generator.model import Object
from kfaws.harness.applications import Row, applications, everything_is_done, refresh
from kfaws.harness.kube import Cluster, Kind


class Applications(Cluster):
    """A cluster with these Applications."""

    def __init__(self, *items: Object) -> None:
        self.items = list(items)
        self.asked: list[str] = []

    def list(self, kind: Kind, namespace: str | None = None, selector: str | None = None) -> list[Object]:
        return self.items

    def patch(self, item: Object, change: Any, subresource: str = "", how: str = "merge") -> Object:
        self.asked.append(item["metadata"]["name"])
        return item


def application(name: str, path: str = "", paths: str = "", wave: int = 0, **status: Any) -> Object:
    annotations = {"argocd.argoproj.io/sync-wave": str(wave)}
    if paths:
        annotations["argocd.argoproj.io/manifest-generate-paths"] = paths
    source = {"path": path or f"platform/{name}"}
    return {
        "metadata": {"name": name, "annotations": annotations},
        "spec": {"source": source},
        "status": status,
    }


def test_rows_come_by_wave_and_without_the_root() -> None:
    cluster = Applications(
        application("b", wave=5, sync={"status": "Synced"}, health={"status": "Healthy"}),
        application("root"),
        application("a", wave=5),
        application("c", wave=1, conditions=[{"type": "ComparisonError", "message": "no\n such path"}]),
    )
    rows = applications(cluster, "argocd")
    assert [row.name for row in rows] == ["c", "a", "b"]
    assert rows[2].done
    assert rows[0].note == "no such path"
    assert (rows[1].sync, rows[1].health) == ("Unknown", "Missing")


def test_a_note_says_what_the_sync_and_the_objects_wait_for() -> None:
    resources = [
        {"kind": "Job", "name": "x", "health": {"status": "Degraded", "message": "failed"}},
        {"kind": "Pod", "name": "y", "health": {"status": "Healthy"}},
        {"kind": "ConfigMap", "name": "z"},
    ]
    operation = {"phase": "Running", "message": "waiting"}
    cluster = Applications(application("a", operationState=operation, resources=resources))
    assert applications(cluster, "argocd")[0].note == "waiting | Job x: Degraded failed"


def test_everything_is_done_when_all_that_is_expected_is() -> None:
    row = Row("a", 0, "Synced", "Healthy", "", "")
    assert everything_is_done([row], ["a"])
    assert not everything_is_done([row], ["a", "b"])
    assert not everything_is_done([row, Row("b", 0, "OutOfSync", "Healthy", "", "")], ["a"])


def test_only_applications_built_of_a_changed_file_look() -> None:
    cluster = Applications(
        application("relative", paths="."),
        application("parent", path="platform/ack/rds", paths=".;../common"),
        application("absolute", paths="/kubeflow/shared"),
        application("unmarked"),
    )
    assert refresh(cluster, "argocd", ["platform/ack/common/a.yaml"]) == ["parent", "unmarked"]
    assert refresh(cluster, "argocd", ["platform/relative/x/y.yaml"]) == ["relative", "unmarked"]
    assert refresh(cluster, "argocd", ["kubeflow/shared/z"]) == ["absolute", "unmarked"]
    assert refresh(cluster, "argocd", ["platform/relatives"]) == ["unmarked"]
    assert len(refresh(cluster, "argocd")) == 4
