"""Two objects to the fields that differ, as paths a person can follow in the YAML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ABSENT = object()
"""Stands for a value where a field is not there."""
NAMES = ("name", "key", "id", "ruleName", "policyName", "user")
"""Fields by which the entries of a list are told apart, the first that all entries have."""


@dataclass(frozen=True)
class Change:
    """One field that differs."""

    path: str
    old: Any
    """ABSENT where the field is new."""
    new: Any
    """ABSENT where the field is gone."""

    def as_dict(self) -> dict[str, Any]:
        """The change as JSON would show it; a value that is not there has no key."""
        values = {"old": self.old, "new": self.new}
        return {"path": self.path} | {name: value for name, value in values.items() if value is not ABSENT}


def changes(old: Any, new: Any, path: str = "") -> Iterator[Change]:
    """Yield every field that differs, the deepest that says it all."""
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for name in [*old, *(name for name in new if name not in old)]:
            yield from changes(old.get(name, ABSENT), new.get(name, ABSENT), _join(path, str(name)))
    elif isinstance(old, list) and isinstance(new, list):
        before, after = _entries(old, new)
        for label in [*before, *(label for label in after if label not in before)]:
            yield from changes(before.get(label, ABSENT), after.get(label, ABSENT), f"{path}[{label}]")
        kept = [
            [label for label in one if label in other] for one, other in ((before, after), (after, before))
        ]
        if kept[0] != kept[1]:
            yield Change(f"{path}[order]", *kept)
    else:
        yield Change(path, old, new)


def _join(path: str, name: str) -> str:
    if "." in name or "/" in name:
        return f"{path}[{name}]"
    return f"{path}.{name}" if path else name


def _entries(old: list[Any], new: list[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Label the entries of two lists alike: by name where they have one, else by value, else by position."""
    for name in NAMES:
        if all(isinstance(entry, dict) and name in entry for entry in [*old, *new]):
            before, after = [{f"{name}={entry[name]}": entry for entry in side} for side in (old, new)]
            if len(before) == len(old) and len(after) == len(new):
                return before, after
    if all(isinstance(entry, str) for entry in [*old, *new]):
        return {entry: entry for entry in old}, {entry: entry for entry in new}
    return {str(i): entry for i, entry in enumerate(old)}, {str(i): entry for i, entry in enumerate(new)}


def shown(value: Any) -> str:
    """A value on one line, cut where it is long."""
    if value is ABSENT:
        return "(none)"
    text = " ".join(value.split()) if isinstance(value, str) else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
