"""Parameters of AWS resources against AWS's own models: values, lengths, patterns, required ones, names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kfaws.generator.check.aws.kinds import KINDS, AwsKind
from kfaws.generator.check.aws.limits import ALLOWED, NAMES
from kfaws.generator.check.aws.parameters import faults, not_allowed
from kfaws.generator.check.cel.template import holds_expression
from kfaws.generator.check.finding import Breach, Rule
from kfaws.generator.check.inventory import Item
from kfaws.generator.check.world import World

WHY = "AWS refuses the call, and the claim never becomes ready"
PARAMETER = Rule("aws/parameter", WHY, "give a value that the AWS API takes")
NAME = Rule("aws/name", WHY, "give a name that follows AWS's rule")


def check(world: World) -> Iterator[Breach]:
    """Every ACK and Crossplane resource, with the claims' values in it."""
    for (group, kind), aws_kind in KINDS.items():
        for item in world.inventory.of(group, kind):
            yield from _resource(item, aws_kind)


def _resource(item: Item, kind: AwsKind) -> Iterator[Breach]:
    spec: dict[str, Any] = item.manifest
    for part in kind.spec:
        spec = spec.get(part) or {}
    where = ".".join(kind.spec)
    for fault in faults(kind, spec):
        yield PARAMETER.found(item, f"{where}: {fault.what}", hint=_hint(spec, fault.field))
    for field, value in spec.items():
        allowed = ALLOWED.get((item.key.group, item.key.kind, field))
        if allowed and not holds_expression(value) and value not in allowed:
            what = f"{where}: {not_allowed(field, value, allowed)}"
            yield PARAMETER.found(item, what, hint=str(value))
    yield from _name(item, kind, spec)


def _hint(spec: dict[str, Any], field: str) -> str:
    value = spec.get(field)
    return value if isinstance(value, str) else field.rpartition(".")[2]


def _name(item: Item, kind: AwsKind, spec: dict[str, Any]) -> Iterator[Breach]:
    rule = NAMES.get((item.key.group, item.key.kind))
    name = spec.get(kind.identifier) if kind.identifier else None
    if rule and isinstance(name, str) and not holds_expression(name) and not rule[0].fullmatch(name):
        yield NAME.found(item, f"{kind.identifier} is {name!r}; {rule[1]}", hint=name)
