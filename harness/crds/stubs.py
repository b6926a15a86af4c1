"""CRDs without a schema, for kinds that nothing can be derived of."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kfaws.generator.model import Object
from kfaws.harness.crds.manifest import OPEN, Named, crd

TABLE = Path(__file__).parent / "stubs.yaml"
ORIGIN = "nothing: any spec is taken"


@cache
def stubs() -> dict[tuple[str, str], dict[str, Any]]:
    """The table, by group and kind."""
    entries: dict[str, dict[str, Any]] = yaml.load(TABLE.read_bytes(), Loader=yaml.CSafeLoader)
    return {(name.split("/")[0], name.split("/")[1]): entry for name, entry in entries.items()}


def stub_crd(group: str, kind: str) -> Object:
    """The CRD of one of `stubs()`."""
    entry = stubs()[group, kind]
    named = Named(group, kind, tuple(entry["versions"]), ORIGIN, entry.get("scope", "Namespaced"))
    return crd(named, dict(OPEN), dict(OPEN))
