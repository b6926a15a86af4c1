"""What a change of git does to AWS: created, changed, interrupted, refused, deleted or kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from kfaws.generator.check.kinds import Key
from kfaws.generator.check.world import World
from kfaws.generator.diff.create_only import Limits, limits_of
from kfaws.generator.diff.fate import fate
from kfaws.generator.diff.fields import Change
from kfaws.generator.diff.objects import Difference

ACK = ".services.k8s.aws"
CROSSPLANE = re.compile(r"^[a-z0-9]+\.aws\.(m\.)?upbound\.io$")


class Effect(StrEnum):
    """What happens to a resource in AWS, the gravest first."""

    DELETE = "delete"
    REPLACE = "replace"
    """A field changed that AWS takes at creation only: the controller refuses, a new resource is needed."""
    INTERRUPT = "interrupt"
    """Changed in place, with a restart or a failover."""
    KEEP = "keep"
    """No longer in git; AWS keeps it, and nothing manages it any more."""
    CREATE = "create"
    CHANGE = "change"


@dataclass(frozen=True)
class AwsChange:
    """One AWS resource, and what the sync would do to it."""

    effect: Effect
    key: Key
    why: str
    fields: tuple[Change, ...] = ()


def is_aws(key: Key) -> bool:
    """Whether objects of that kind stand for resources in AWS."""
    return key.group.endswith(ACK) or bool(CROSSPLANE.match(key.group))


def aws_changes(differences: list[Difference], new: World) -> list[AwsChange]:
    """The effects of all differences on AWS, the gravest first."""
    order = list(Effect)
    found = [change for difference in differences for change in _effect(difference, new)]
    return sorted(found, key=lambda change: (order.index(change.effect), change.key))


def _effect(difference: Difference, new: World) -> Iterator[AwsChange]:
    key = difference.key
    if not is_aws(key):
        return
    if difference.old is None:
        yield AwsChange(Effect.CREATE, key, "it is new in git")
    elif difference.new is None:
        becomes = fate(difference.old, new)
        yield AwsChange(Effect.DELETE if becomes.deleted else Effect.KEEP, key, becomes.why)
    else:
        fields = tuple(field for field in difference.fields if field.path.startswith("spec"))
        if fields:
            yield _changed(key, fields)


def _changed(key: Key, fields: tuple[Change, ...]) -> AwsChange:
    limits = limits_of(key)
    fixed = [field for field in fields if limits.fixed(field)]
    if fixed:
        why = f"AWS sets {_names(fixed)} when it creates the resource, and never after"
        return AwsChange(Effect.REPLACE, key, why, tuple(fixed))
    shrunk = [field for field in fields if limits.shrinks(field)]
    if shrunk:
        return AwsChange(Effect.REPLACE, key, f"{_names(shrunk)} can only grow", tuple(shrunk))
    interrupting = [field for field in fields if limits.interrupts(field)]
    if interrupting:
        why = f"{_names(interrupting)}: {_interruption(limits)}"
        return AwsChange(Effect.INTERRUPT, key, why, fields)
    return AwsChange(Effect.CHANGE, key, "changed in place", fields)


def _interruption(limits: Limits) -> str:
    return limits.interruption or "the resource restarts"


def _names(fields: list[Change]) -> str:
    return ", ".join(field.path.removeprefix("spec.").removeprefix("forProvider.") for field in fields)
