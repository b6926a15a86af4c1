"""A comparison in words: for a terminal, a pull request, or a program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from kfaws.generator.diff.effects import AwsChange, Effect
from kfaws.generator.diff.fields import Change, shown
from kfaws.generator.diff.objects import Difference

MARKS = {
    Effect.DELETE: "\N{COLLISION SYMBOL} delete",
    Effect.REPLACE: "\N{NO ENTRY} replace",
    Effect.INTERRUPT: "\N{WARNING SIGN}\N{VARIATION SELECTOR-16} interrupt",
}
FIELDS_SHOWN = 20


@dataclass(frozen=True)
class Comparison:
    """All that differs between two versions of an environment."""

    objects: tuple[Difference, ...]
    aws: tuple[AwsChange, ...]
    skipped: dict[str, str]
    """What could not be rendered, and why."""

    def as_dict(self) -> dict[str, Any]:
        """The comparison as JSON shows it."""
        return {
            "objects": [
                {
                    "change": _change(difference),
                    "application": difference.application,
                    "object": difference.key._asdict(),
                    "fields": [field.as_dict() for field in difference.fields],
                }
                for difference in self.objects
            ],
            "aws": [
                {
                    "effect": str(change.effect),
                    "object": change.key._asdict(),
                    "why": change.why,
                    "fields": [field.as_dict() for field in change.fields],
                }
                for change in self.aws
            ],
            "notCompared": self.skipped,
        }


def _change(difference: Difference) -> str:
    if difference.old is None:
        return "added"
    return "removed" if difference.new is None else "changed"


def _totals(comparison: Comparison) -> str:
    counted = Counter(map(_change, comparison.objects))
    in_cluster = ", ".join(f"{counted[kind]} {kind}" for kind in ("added", "changed", "removed"))
    effects = Counter(change.effect for change in comparison.aws)
    in_aws = ", ".join(f"{effects[effect]} to {effect}" for effect in Effect if effects[effect])
    return f"Objects: {in_cluster}. AWS resources: {in_aws or 'no change'}."


def as_text(comparison: Comparison) -> str:
    """The comparison for a terminal."""
    lines = []
    for change in comparison.aws:
        lines.append(f"{change.effect:<10} {change.key.group.split('.')[0]} {change.key}: {change.why}")
        lines += [f"           {_field(field)}" for field in change.fields]
    for application, group in groupby(comparison.objects, lambda difference: difference.application):
        lines.append(f"\n{application}" if lines else application)
        for difference in group:
            lines.append(f"  {_change(difference):<8} {difference.key}")
            lines += [f"           {_field(field)}" for field in difference.fields]
    lines += [f"not compared: {phase}: {reason}" for phase, reason in comparison.skipped.items()]
    lines.append(_totals(comparison))
    return "\n".join(lines) + "\n"


def as_markdown(comparison: Comparison) -> str:
    """The comparison for a pull request: AWS first, objects folded away an Application each."""
    return "\n".join(_markdown(comparison)) + "\n"


def _markdown(comparison: Comparison) -> Iterator[str]:
    yield "### What a sync of this would change"
    yield ""
    yield _totals(comparison)
    if comparison.aws:
        yield ""
        yield "| AWS | resource | why |"
        yield "| --- | --- | --- |"
        for change in comparison.aws:
            where = f"`{_cell(str(change.key))}` ({change.key.group.split('.')[0]})"
            yield f"| {MARKS.get(change.effect, change.effect)} | {where} | {_cell(change.why)} |"
    for application, group in groupby(comparison.objects, lambda difference: difference.application):
        yield ""
        yield f"<details><summary>{application}</summary>"
        yield ""
        for difference in group:
            yield f"- {_change(difference)} `{difference.key}`"
            yield from _markdown_fields(difference.fields)
        yield ""
        yield "</details>"
    for phase, reason in comparison.skipped.items():
        yield ""
        yield f"Not compared: {phase}: {reason}"


def _markdown_fields(fields: tuple[Change, ...]) -> Iterator[str]:
    for field in fields[:FIELDS_SHOWN]:
        yield f"  - `{_field(field).replace('`', chr(39))}`"
    if len(fields) > FIELDS_SHOWN:
        yield f"  - and {len(fields) - FIELDS_SHOWN} more fields"


def _field(field: Change) -> str:
    return f"{field.path}: {shown(field.old)} -> {shown(field.new)}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
