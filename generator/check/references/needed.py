"""One reference of an object to another, as every extractor yields it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kfaws.generator.check.inventory import Item
from kfaws.generator.check.kinds import Key


@dataclass(frozen=True)
class Needed:
    """An object that another one names."""

    key: Key
    where: str
    """The field that names it."""
    data_key: str | None = None
    """For a ConfigMap or Secret: the key that must be in it."""
    port: int | str | None = None
    """For a Service: the port, by number or name."""


Extractor = Callable[[Item], Iterator[Needed]]
