"""Conditions in a status, and writing one only where it changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from kfaws.generator.model import Object
from kfaws.harness.kube import Cluster


@dataclass(frozen=True)
class Condition:
    """What one condition says."""

    type: str
    status: bool
    reason: str
    message: str = ""


def conditions_of(
    item: Object, wanted: Iterable[Condition], *, gone: tuple[str, ...] = (), generation: bool = True
) -> list[Object]:
    """The conditions of an object with `wanted` set and the types `gone` taken away.

    The time of a condition changes with its status only; `generation`: say for which one it was seen.
    """
    before = {one["type"]: one for one in (item.get("status") or {}).get("conditions") or []}
    after = {name: one for name, one in before.items() if name not in gone}
    for one in wanted:
        status, old = str(one.status), before.get(one.type, {})
        since = old.get("lastTransitionTime") if old.get("status") == status else None
        condition = {
            "type": one.type,
            "status": status,
            "reason": one.reason,
            "message": one.message,
            "lastTransitionTime": since or now(),
        }
        if generation:
            condition["observedGeneration"] = item["metadata"].get("generation", 1)
        after[one.type] = {key: value for key, value in condition.items() if value != ""}
    return list(after.values())


def write_status(cluster: Cluster, item: Object, status: Object) -> None:
    """Write the fields of a status that differ; a field that is None is taken away."""
    before = item.get("status") or {}
    changed = {key: value for key, value in status.items() if before.get(key) != value}
    if changed:
        metadata = {"resourceVersion": item["metadata"]["resourceVersion"]}
        cluster.patch(item, {"metadata": metadata, "status": changed}, subresource="status")


def now() -> str:
    """The time, as Kubernetes writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
