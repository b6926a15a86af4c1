"""An API server with the objects of the walkthrough's Applications, for the stand-in to act on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from kfaws.generator.model import Object
from kfaws.harness.kube import Cluster, ClusterError, Kind
from kfaws.harness.polling import Done, Pending, eventually

DEPLOYMENTS = Kind("apps/v1", "Deployment")
WITHIN = 60.0
FIRST = ("Namespace", "CustomResourceDefinition")
CONFLICT, NOT_FOUND = 409, 404


def apply(cluster: Cluster, objects: list[Object]) -> None:
    """Apply objects in an order in which they can be, as Argo CD would."""
    for item in sorted(objects, key=lambda item: FIRST.index(item["kind"]) if item["kind"] in FIRST else 9):
        eventually(item["kind"], lambda item=item: _applied(cluster, item), WITHIN)


def _applied(cluster: Cluster, item: Object) -> Done[None] | Pending:
    try:
        cluster.apply(item, "argocd")
    except ClusterError as error:
        # A kind is served a moment after its CRD.
        if error.status != NOT_FOUND:
            raise
        return Pending(str(error))
    return Done(None)


def available(cluster: Cluster, namespace: str, name: str, status: str = "True") -> None:
    """Write what the Deployment controller would write once its pods are ready."""
    item = cluster.get(DEPLOYMENTS, name, namespace) or {}
    condition = {"type": "Available", "status": status, "reason": "Test", "message": ""}
    seen = {"observedGeneration": item["metadata"]["generation"], "conditions": [condition]}
    cluster.patch(item, {"status": seen}, subresource="status")


def conditions(item: Object | None) -> dict[str, tuple[str, str]]:
    """Status and reason of each condition."""
    found = ((item or {}).get("status") or {}).get("conditions") or []
    return {one["type"]: (one["status"], one["reason"]) for one in found}
