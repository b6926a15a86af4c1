"""Whose place is taken: the table, and which of its controllers are in the cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from kfaws.generator.model import Object

TABLE = Path(__file__).with_name("controllers.yaml")


@dataclass(frozen=True)
class Row:
    """One controller of the table."""

    name: str
    deployment: str = ""
    """`<namespace>/<name>`; it has to be Available."""
    stateful_set: str = ""
    """Instead of a Deployment; all its replicas have to be ready."""
    crd: str = ""
    """Where no Deployment is rendered: a CRD that has to be there."""

    @property
    def workload(self) -> tuple[str, str]:
        """Kind, and `<namespace>/<name>`."""
        if self.stateful_set:
            return "StatefulSet", self.stateful_set
        return "Deployment", self.deployment


@cache
def table() -> Mapping[str, Row]:
    """The content of controllers.yaml, by name."""
    entries = yaml.safe_load(TABLE.read_text())
    return {name: Row(name, **entry) for name, entry in entries.items()}


def is_available(workload: Object) -> bool:
    """Whether a Deployment is Available, or a StatefulSet has its replicas, in its newest generation."""
    status = workload.get("status") or {}
    if status.get("observedGeneration", 0) < workload["metadata"].get("generation", 1):
        return False
    if workload["kind"] == "StatefulSet":
        return bool(status.get("readyReplicas", 0) >= workload["spec"].get("replicas", 1))
    conditions = {one["type"]: one["status"] for one in status.get("conditions") or []}
    return conditions.get("Available") == "True"


def user_of(workload: Object) -> str:
    """The user as whom a workload's pods talk to the API server."""
    account = workload["spec"]["template"]["spec"].get("serviceAccountName") or "default"
    return f"system:serviceaccount:{workload['metadata']['namespace']}:{account}"
