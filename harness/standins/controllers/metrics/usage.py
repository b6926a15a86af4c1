"""Figures of pods and nodes, as metrics.k8s.io/v1beta1 has them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from kubernetes.utils.quantity import parse_quantity

from kfaws.generator.model import Object
from kfaws.harness.standins.cluster.references import containers

API = "metrics.k8s.io/v1beta1"
WINDOW = "1s"
"""Over which time the figures were taken: the autoscaler waits that long after a pod turned ready."""
LEAST = {"cpu": "2m", "memory": "32Mi"}
"""What a container stands for that requests nothing."""


def pod_metrics(pod: Object) -> Object | None:
    """A pod's figures; None where it does not run."""
    metadata = pod["metadata"]
    if (pod.get("status") or {}).get("phase") != "Running" or "deletionTimestamp" in metadata:
        return None
    labels = {"labels": metadata["labels"]} if metadata.get("labels") else {}
    return {
        "kind": "PodMetrics",
        "apiVersion": API,
        "metadata": {
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            "creationTimestamp": _now(),
            **labels,
        },
        "timestamp": _now(),
        "window": WINDOW,
        "containers": [
            {"name": container["name"], "usage": _written(_usage(container))}
            for container in containers(pod, "containers")
        ],
    }


def node_metrics(node: Object, pods: Iterable[Object]) -> Object:
    """A node's figures: those of the pods on it."""
    name = node["metadata"]["name"]
    usages = [
        _usage(container)
        for pod in pods
        if pod["spec"].get("nodeName") == name and pod_metrics(pod)
        for container in containers(pod, "containers")
    ]
    total = {resource: sum((usage[resource] for usage in usages), Decimal()) for resource in LEAST}
    return {
        "kind": "NodeMetrics",
        "apiVersion": API,
        "metadata": {"name": name, "creationTimestamp": _now()},
        "timestamp": _now(),
        "window": WINDOW,
        "usage": _written(total),
    }


def _usage(container: Object) -> dict[str, Decimal]:
    """In cores and bytes."""
    requests = (container.get("resources") or {}).get("requests") or {}
    return {resource: parse_quantity(requests.get(resource, least)) / 2 for resource, least in LEAST.items()}


def _written(usage: dict[str, Decimal]) -> dict[str, str]:
    return {"cpu": f"{int(usage['cpu'] * 10**9)}n", "memory": f"{int(usage['memory'] / 1024)}Ki"}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
