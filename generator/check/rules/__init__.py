"""All rules, one module a family, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import ModuleType
from typing import NamedTuple

from kfaws.generator.check.finding import Breach, Rule
from kfaws.generator.check.rules import (
    access,
    aws,
    consistency,
    definition,
    duplicates,
    iam,
    identity,
    images,
    order,
    projects,
    references,
    refresh,
    retention,
    schema,
    secrets,
    workloads,
    writers,
)
from kfaws.generator.check.world import World


class Family(NamedTuple):
    """A family of rules that look at the same thing."""

    name: str
    check: Callable[[World], Iterable[Breach]]
    rules: tuple[Rule, ...]


def _family(name: str, module: ModuleType) -> Family:
    rules = tuple(value for value in vars(module).values() if isinstance(value, Rule))
    return Family(name, module.check, tuple(rule for rule in rules if rule.id.startswith(f"{name}/")))


FAMILIES: tuple[Family, ...] = (
    _family("schema", schema),
    _family("definition", definition),
    _family("duplicate", duplicates),
    _family("aws", aws),
    _family("reference", references),
    _family("identity", identity),
    _family("iam", iam),
    _family("access", access),
    _family("consistency", consistency),
    _family("order", order),
    _family("writer", writers),
    _family("project", projects),
    _family("refresh", refresh),
    _family("image", images),
    _family("secret", secrets),
    _family("retention", retention),
    _family("workload", workloads),
)


def all_rules() -> list[Rule]:
    """Every rule of every family."""
    return [rule for family in FAMILIES for rule in family.rules]
