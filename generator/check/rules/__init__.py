"""All rules, one module a family, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from kfaws.generator.check.finding import Breach
from kfaws.generator.check.rules import (
    definition,
    images,
    order,
    projects,
    references,
    schema,
    secrets,
    writers,
)
from kfaws.generator.check.world import World


class Family(NamedTuple):
    """A family of rules that look at the same thing."""

    name: str
    check: Callable[[World], Iterable[Breach]]


FAMILIES: tuple[Family, ...] = (
    Family("schema", schema.check),
    Family("definition", definition.check),
    Family("reference", references.check),
    Family("order", order.check),
    Family("writer", writers.check),
    Family("project", projects.check),
    Family("image", images.check),
    Family("secret", secrets.check),
)
