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
    crd: str = ""
    """Where no Deployment is rendered: a CRD that has to be there."""


@cache
def table() -> Mapping[str, Row]:
    """The content of controllers.yaml, by name."""
    entries = yaml.safe_load(TABLE.read_text())
    return {name: Row(name, **entry) for name, entry in entries.items()}


def is_available(deployment: Object) -> bool:
    """Whether a Deployment has the condition Available, for its newest generation."""
    status = deployment.get("status") or {}
    seen = status.get("observedGeneration", 0) >= deployment["metadata"].get("generation", 1)
    conditions = {one["type"]: one["status"] for one in status.get("conditions") or []}
    return seen and conditions.get("Available") == "True"


def user_of(deployment: Object) -> str:
    """The user as whom a Deployment's pods talk to the API server."""
    account = deployment["spec"]["template"]["spec"].get("serviceAccountName") or "default"
    return f"system:serviceaccount:{deployment['metadata']['namespace']}:{account}"
