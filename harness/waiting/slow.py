"""How long what AWS makes normally takes: the table of slow.yaml."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, reduce
from pathlib import Path
from typing import Any

import yaml

from kfaws.generator.model import Object

TABLE = Path(__file__).with_name("slow.yaml")


@dataclass(frozen=True)
class Slow:
    """One entry; slow.yaml says what the fields mean."""

    normally: str
    minutes: float
    blocked: str
    source: str
    when: str = ""
    state: str = ""
    first: Sequence[str] = ()
    never: Sequence[str] = ()


@cache
def all_slow() -> dict[str, tuple[Slow, ...]]:
    """The table, by `Kind.group`."""
    table = yaml.safe_load(TABLE.read_text())
    return {name: tuple(Slow(**entry) for entry in entries) for name, entries in table.items()}


def slow(item: Object) -> Slow | None:
    """What is known of an object's kind."""
    group, _, _ = item["apiVersion"].rpartition("/")
    entries = all_slow().get(f"{item['kind']}.{group}", ())
    return next((entry for entry in entries if not entry.when or field(item, entry.when)), None)


def field(item: Object, path: str) -> Any:
    """The value at a path of dots; None where there is none."""

    def inner(value: Any, name: str) -> Any:
        return value.get(name) if isinstance(value, dict) else None

    return reduce(inner, path.split("."), item) if path else None
