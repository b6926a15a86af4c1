"""Metacontroller's stand-in with the environment's own hook for profiles."""

from __future__ import annotations

import pytest

from kfaws.generator.model import Object
from kfaws.harness.kube import Cluster, Kind
from kfaws.harness.standins.controllers.metacontroller.decorators import DECORATORS, MARK, selects
from kfaws.harness.standins.controllers.metacontroller.hooks import CONFIG_MAPS, DEPLOYMENTS, SERVICES
from tests.harness.standins.controllers.conftest import Application
from tests.harness.standins.controllers.plane import apply, available, wait

HOOK, ENABLED = "kubeflow-pipelines-profile-controller", {"pipelines.kubeflow.org/enabled": "true"}
NEEDED = ("metacontroller", "meta-controller", HOOK, "pipeline-install-config")
STATEFUL_SETS = Kind("apps/v1", "StatefulSet")

pytestmark = pytest.mark.xdist_group("controllers")


@pytest.fixture(scope="module", autouse=True)
def delivered(application: Application, cluster: Cluster) -> None:
    """Metacontroller and its hook."""
    objects = [
        item for item in application("pipelines") if any(name in item["metadata"]["name"] for name in NEEDED)
    ]
    apply(cluster, objects)
    available(cluster, "kubeflow", HOOK)
    item = cluster.get(STATEFUL_SETS, "metacontroller", "kubeflow") or {}
    status = {"observedGeneration": item["metadata"]["generation"], "replicas": 1, "readyReplicas": 1}
    cluster.patch(item, {"status": status}, subresource="status")


def _namespace(name: str, labels: dict[str, str]) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def _launcher(cluster: Cluster, namespace: str) -> Object | None:
    return cluster.get(CONFIG_MAPS, "kfp-launcher", namespace)


def test_a_profile_gets_what_pipelines_need(cluster: Cluster) -> None:
    namespace = cluster.apply(_namespace("runs", ENABLED))

    wait("the viewer", lambda: cluster.get(SERVICES, "ml-pipeline-ui-artifact", "runs"))

    launcher = _launcher(cluster, "runs") or {}
    assert launcher["data"]["defaultPipelineRoot"].endswith("/profiles/runs/v2/artifacts")
    assert launcher["metadata"]["annotations"] == {MARK: HOOK}
    [owner] = launcher["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["uid"], owner["controller"]) == (
        "Namespace",
        namespace["metadata"]["uid"],
        True,
    )
    assert cluster.get(DEPLOYMENTS, "ml-pipeline-ui-artifact", "runs")


def test_what_is_changed_comes_back(cluster: Cluster) -> None:
    cluster.apply(_namespace("changed", ENABLED))
    launcher = wait("it is there", lambda: _launcher(cluster, "changed"))

    cluster.patch(launcher, {"data": {"defaultPipelineRoot": "s3://elsewhere"}})

    def look() -> bool | None:
        found = _launcher(cluster, "changed")
        return True if found and found["data"] == launcher["data"] else None

    wait("it is as it was", look)
    cluster.delete(launcher)
    wait("it is there again", lambda: _launcher(cluster, "changed"))


def test_other_namespaces_get_nothing(cluster: Cluster) -> None:
    cluster.apply(_namespace("plain", {}))
    cluster.apply(_namespace("decorated", ENABLED))

    wait("a later one", lambda: _launcher(cluster, "decorated"))

    assert _launcher(cluster, "plain") is None


def test_what_the_hook_wants_no_more_goes(cluster: Cluster) -> None:
    cluster.apply(_namespace("shown", ENABLED))
    stale = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "stale", "namespace": "shown", "annotations": {MARK: HOOK}},
    }
    cluster.apply(stale)

    wait("it is gone", lambda: None if cluster.get(CONFIG_MAPS, "stale", "shown") else True)


@pytest.mark.parametrize(
    ("labels", "resource", "selected"),
    [
        (ENABLED, "namespaces", True),
        ({}, "namespaces", False),
        (ENABLED, "services", False),
    ],
    ids=["label", "no-label", "another-kind"],
)
def test_selectors(labels: dict[str, str], resource: str, selected: bool) -> None:
    about = {"apiVersion": "v1", "resource": resource, "labelSelector": {"matchLabels": ENABLED}}
    decorator = {"apiVersion": DECORATORS.api_version, "spec": {"resources": [about]}}

    assert selects(decorator, _namespace("any", labels)) is selected
