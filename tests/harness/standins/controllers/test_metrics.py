"""metrics.k8s.io, as kube-apiserver and the autoscaling controller see it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from kfaws.generator.model import Object
from kfaws.harness.kube import Cluster, Kind
from kfaws.harness.ports import free_port
from kfaws.harness.standins.controllers.metrics.usage import API, node_metrics, pod_metrics
from tests.harness.standins.controllers.conftest import acted_on
from tests.harness.standins.controllers.plane import conditions, wait

SCALERS = Kind("autoscaling/v2", "HorizontalPodAutoscaler")
PODS, SERVICES = Kind("v1", "Pod"), Kind("apiregistration.k8s.io/v1", "APIService")
MANAGER = ("--horizontal-pod-autoscaler-sync-period=1s", "--concurrent-horizontal-pod-autoscaler-syncs=1")
LABELS = {"app": "web"}

pytestmark = pytest.mark.xdist_group("controllers")


def _pod(name: str = "web-1", phase: str = "Running", **requests: str) -> Object:
    return {
        "metadata": {"name": name, "namespace": "team", "labels": LABELS},
        "spec": {"nodeName": "node", "containers": [{"name": "main", "resources": {"requests": requests}}]},
        "status": {"phase": phase},
    }


def test_a_container_uses_half_of_what_it_requests() -> None:
    found = pod_metrics(_pod(cpu="500m", memory="1Gi")) or {}

    assert found["containers"] == [{"name": "main", "usage": {"cpu": "250000000n", "memory": "524288Ki"}}]
    assert found["metadata"]["labels"] == LABELS


def test_a_container_that_requests_nothing_uses_little() -> None:
    found = pod_metrics(_pod()) or {}

    assert found["containers"][0]["usage"] == {"cpu": "1000000n", "memory": "16384Ki"}


def test_a_pod_that_does_not_run_uses_nothing() -> None:
    assert pod_metrics(_pod(phase="Pending")) is None


def test_a_node_uses_what_its_pods_use() -> None:
    pods = [
        _pod(cpu="1", memory="2Gi"),
        _pod("web-2", cpu="1", memory="2Gi"),
        _pod("web-3", "Failed", cpu="8"),
    ]

    found = node_metrics({"metadata": {"name": "node"}}, pods)

    assert found["usage"] == {"cpu": "1000000000n", "memory": "2097152Ki"}


@pytest.fixture(scope="module")
def managed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster with the real controller manager."""
    folder = tmp_path_factory.mktemp("managed")
    with acted_on(folder, MANAGER, "--metrics-port", str(free_port())) as found:
        yield found


def test_the_api_server_asks_us(managed: Cluster) -> None:
    name = ".".join(reversed(API.split("/")))

    def look() -> bool | None:
        found = conditions(managed.get(SERVICES, name))
        return True if found.get("Available") == ("True", "Passed") else None

    wait("it is available", look)
    assert managed.list(Kind(API, "PodMetrics"), "default") == []


def test_an_autoscaler_has_figures(managed: Cluster) -> None:
    wait("accounts", lambda: managed.get(Kind("v1", "ServiceAccount"), "default", "default"))
    container = {"name": "main", "image": "web", "resources": {"requests": {"cpu": "100m"}}}
    template = {"metadata": {"labels": LABELS}, "spec": {"containers": [container]}}
    metadata = {"name": "web", "namespace": "default"}
    spec = {"selector": {"matchLabels": LABELS}, "template": template}
    managed.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec})
    [pod] = wait("its pod", lambda: managed.list(PODS, "default", "app=web") or None)
    began = (datetime.now(UTC) - timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M:%SZ")
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": began}
    # In the place of kubelet.
    running = {"phase": "Running", "startTime": began, "conditions": [ready]}
    managed.patch(pod, {"status": running}, subresource="status")
    target = {"type": "Utilization", "averageUtilization": 80}
    scaled = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
        "maxReplicas": 3,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
    }
    scaler = {"apiVersion": SCALERS.api_version, "kind": SCALERS.kind, "metadata": metadata, "spec": scaled}
    managed.apply(scaler)

    def look() -> Object | None:
        item = managed.get(SCALERS, "web", "default") or {}
        return item if conditions(item).get("ScalingActive") == ("True", "ValidMetricFound") else None

    [metric] = wait("it scales by them", look)["status"]["currentMetrics"]
    assert metric["resource"]["current"]["averageUtilization"] == 50
