"""Groups, kinds and scopes: which object a reference means."""

from __future__ import annotations

from typing import NamedTuple

from kfaws.generator.model import Object
from kfaws.generator.scope import CLUSTER_SCOPED as BY_GROUP

CLUSTER_SCOPED = frozenset((group, kind) for group, kinds in BY_GROUP.items() for kind in kinds)
"""Kinds of Kubernetes itself that live in no namespace."""

WORKLOADS = frozenset(
    {
        ("", "Pod"),
        ("", "ReplicationController"),
        ("apps", "Deployment"),
        ("apps", "StatefulSet"),
        ("apps", "DaemonSet"),
        ("apps", "ReplicaSet"),
        ("batch", "Job"),
        ("batch", "CronJob"),
    }
)
"""Kinds that run pods from a pod specification of their own."""


class Key(NamedTuple):
    """What makes an object one of a kind in a cluster."""

    group: str
    kind: str
    namespace: str
    """Empty for what lives in no namespace."""
    name: str

    def __str__(self) -> str:
        return "/".join(part for part in (self.kind, self.namespace, self.name) if part)


class Type(NamedTuple):
    """Group, version and kind."""

    group: str
    version: str
    kind: str

    def __str__(self) -> str:
        return f"{self.group}/{self.version} {self.kind}" if self.group else f"{self.version} {self.kind}"


def type_of(manifest: Object) -> Type:
    """Group, version and kind of an object; empty parts where it names none."""
    group, _, version = str(manifest.get("apiVersion") or "").rpartition("/")
    return Type(group, version, str(manifest.get("kind") or ""))


def pod_specification(manifest: Object) -> Object | None:
    """The pod specification that a workload runs, or None for anything else."""
    declared = type_of(manifest)
    if (declared.group, declared.kind) not in WORKLOADS:
        return None
    spec = manifest.get("spec") or {}
    if declared.kind == "Pod":
        return dict(spec)
    if declared.kind == "CronJob":
        spec = (spec.get("jobTemplate") or {}).get("spec") or {}
    return dict((spec.get("template") or {}).get("spec") or {})


def containers(pod: Object) -> list[Object]:
    """All containers of a pod specification, those that only start it up included."""
    return [
        container
        for field in ("initContainers", "containers", "ephemeralContainers")
        for container in pod.get(field) or []
        if isinstance(container, dict)
    ]
