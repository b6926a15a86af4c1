"""Policy documents, read leniently enough for kro's expressions and CloudFormation's functions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from kfaws.generator.errors import KfawsError

EXPRESSION = re.compile(r"\$\{[^{}]*\}")
UNKNOWN = "EXPRESSION"
"""Stands in a document for what is known at run time only."""


class DocumentError(KfawsError):
    """A text that is no policy document."""


@dataclass(frozen=True)
class Statement:
    """One statement of a policy, every field that may be one value or several as a tuple."""

    allows: bool
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_resources: tuple[str, ...]
    principal: Any = field(hash=False)
    condition: dict[str, dict[str, Any]] = field(hash=False)
    sid: str = ""

    def conditions(self, key: str) -> tuple[str, ...] | None:
        """The values that a condition key must have one of; None when nothing is asked of it."""
        for operator, wanted in self.condition.items():
            if operator.split(":")[-1].startswith(("StringEquals", "StringLike", "ArnEquals", "ArnLike")):
                for name, values in wanted.items():
                    if name.lower() == key.lower():
                        return several(values)
        return None

    def covers(self, action: str) -> bool:
        """True when the statement's actions include this one."""
        if self.not_actions:
            return not _any_matches(self.not_actions, action)
        return _any_matches(self.actions, action)


def statements(document: Any) -> tuple[Statement, ...]:
    """The statements of a document (JSON text or a map); raises DocumentError when it is none."""
    content = _content(document)
    found = content.get("Statement")
    if found is None:
        raise DocumentError("it has no Statement")
    return tuple(_statement(entry) for entry in (found if isinstance(found, list) else [found]))


def _content(document: Any) -> dict[str, Any]:
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except json.JSONDecodeError as broken:
            try:
                document = json.loads(EXPRESSION.sub(UNKNOWN, document))
            except json.JSONDecodeError:
                raise DocumentError(f"it is no JSON: {broken}") from broken
    if not isinstance(document, dict):
        raise DocumentError("it is no JSON object")
    return document


def _statement(entry: Any) -> Statement:
    if not isinstance(entry, dict):
        raise DocumentError(f"statement {entry!r} is no object")
    if entry.get("Effect") not in ("Allow", "Deny"):
        raise DocumentError(f"a statement has Effect {entry.get('Effect')!r}: it must be Allow or Deny")
    unknown = entry.keys() - FIELDS
    if unknown:
        raise DocumentError(f"a statement has the unknown element {sorted(unknown)[0]}")
    return Statement(
        allows=entry["Effect"] == "Allow",
        actions=several(entry.get("Action")),
        not_actions=several(entry.get("NotAction")),
        resources=several(entry.get("Resource")),
        not_resources=several(entry.get("NotResource")),
        principal=entry.get("Principal"),
        condition=entry.get("Condition") or {},
        sid=str(entry.get("Sid") or ""),
    )


FIELDS = frozenset(
    {
        "Sid",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Principal",
        "NotPrincipal",
        "Condition",
    }
)


def _any_matches(patterns: tuple[str, ...], action: str) -> bool:
    wanted = action.lower()
    lowered = [pattern.lower() for pattern in patterns]
    return wanted in lowered or any("*" in p and fnmatchcase(wanted, p) for p in lowered)


def several(value: Any) -> tuple[str, ...]:
    """One value or a list of them, as a tuple of strings."""
    if value is None:
        return ()
    return tuple(str(item) for item in value) if isinstance(value, list) else (str(value),)


def principals(statement: Statement, kind: str) -> Iterator[str]:
    """Principals of a kind (`Service`, `AWS`, `Federated`)."""
    if isinstance(statement.principal, dict):
        yield from several(statement.principal.get(kind))
