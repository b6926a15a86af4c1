"""What tests do to the cluster in the place of Argo CD and of the controllers that no test needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from kfaws.generator.model import Object
from kfaws.harness.kube import Cluster, ClusterError, Kind
from kfaws.harness.polling import Done, Pending, eventually

DEPLOYMENTS, NAMESPACES = Kind("apps/v1", "Deployment"), Kind("v1", "Namespace")
WITHIN = 60.0
FIRST = ("Namespace", "CustomResourceDefinition")
NOT_FOUND = 404

Value = TypeVar("Value")


def apply(cluster: Cluster, objects: Iterable[Object]) -> None:
    """Apply objects with their namespaces, in an order in which they can be."""
    objects = list(objects)
    names = {namespace for item in objects if (namespace := item["metadata"].get("namespace"))}
    for name in sorted(names):
        cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    for item in sorted(objects, key=lambda item: item["kind"] not in FIRST):
        _apply(cluster, item)


def _apply(cluster: Cluster, item: Object) -> None:
    def look() -> Done[None] | Pending:
        try:
            cluster.apply(item, "argocd")
        except ClusterError as error:
            # A kind is served a moment after its CRD.
            if error.status != NOT_FOUND:
                raise
            return Pending(str(error))
        return Done(None)

    eventually(f"{item['kind']} {item['metadata']['name']} is applied", look, WITHIN)


def available(cluster: Cluster, namespace: str, name: str, status: str = "True") -> None:
    """Write what the Deployment controller would write once its pods are ready."""
    item = cluster.get(DEPLOYMENTS, name, namespace) or {}
    condition = {"type": "Available", "status": status, "reason": "Test", "message": ""}
    seen = {"observedGeneration": item["metadata"]["generation"], "conditions": [condition]}
    cluster.patch(item, {"status": seen}, subresource="status")


def conditions(item: Object | None) -> dict[str, tuple[str, str]]:
    """Status and reason of each condition."""
    found = ((item or {}).get("status") or {}).get("conditions") or []
    return {one["type"]: (one["status"], one.get("reason", "")) for one in found}


def wait(what: str, look: Callable[[], Value | None]) -> Value:
    """Wait until there is something."""

    def asked() -> Done[Value] | Pending:
        found = look()
        return Pending("nothing yet") if found is None else Done(found)

    return eventually(what, asked, WITHIN)
