"""The reviewed table of fields that AWS takes at creation only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kfaws.generator.check.kinds import Key
from kfaws.generator.diff.fields import Change

TABLE = Path(__file__).parent / "create_only.yaml"
INDEX = re.compile(r"\[[^\]]*\]")
REFERENCE = re.compile(r"(?<=.)(IDs?|Ids?|Name|ARN|Refs?)$")
"""Endings of a field that points to another resource, by an id or by the name of its object."""


@dataclass(frozen=True)
class Limits:
    """How the fields of one kind may change."""

    fixed_fields: frozenset[str] = frozenset()
    growing_fields: frozenset[str] = frozenset()
    interrupting_fields: frozenset[str] = frozenset()
    interruption: str = ""

    def fixed(self, change: Change) -> bool:
        """Whether the change is one that AWS refuses."""
        return _among(change, self.fixed_fields)

    def shrinks(self, change: Change) -> bool:
        """Whether a number gets smaller that may only grow."""
        numbers = isinstance(change.old, int | float) and isinstance(change.new, int | float)
        return numbers and change.new < change.old and _among(change, self.growing_fields)

    def interrupts(self, change: Change) -> bool:
        """Whether the change restarts the resource."""
        return _among(change, self.interrupting_fields)


def limits_of(key: Key) -> Limits:
    """The limits of a kind; a kind that is not in the table has none that we know of."""
    entry = table().get(f"{key.group}/{key.kind}")
    if entry is None:
        return Limits()
    return Limits(
        frozenset([*entry.get("name", []), *entry.get("fixed", []), *entry.get("reviewed", {})]),
        frozenset(entry.get("grows", [])),
        frozenset(entry.get("interrupts", [])),
        str(entry.get("interruption", "")),
    )


@cache
def table() -> dict[str, dict[str, Any]]:
    """The table, by `group/Kind`."""
    entries: dict[str, dict[str, Any]] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return entries


def _among(change: Change, fields: frozenset[str]) -> bool:
    """Whether a changed path is one of the fields, or lies below one."""
    path = INDEX.sub("", change.path).removeprefix("spec.").removeprefix("forProvider.")
    referred = REFERENCE.sub("", path.split(".")[0])
    return any(
        path == field or path.startswith(f"{field}.") or referred == REFERENCE.sub("", field)
        for field in fields
    )
