"""The pins: which commit each upstream ref stands for, and which Go module carries the same folders."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kfaws.generator.errors import KfawsError

PINS_FILE = Path(__file__).parent / "pins.yaml"


@dataclass(frozen=True)
class Module:
    """A Go module that carries folders of the repository."""

    path: str
    version: str
    sum: str
    """The hash that go.sum has for its zip, `h1:...`."""


@dataclass(frozen=True)
class Pin:
    """One repository at one ref."""

    repository: str
    ref: str
    commit: str | None = None
    """None where only `trees` are known."""
    module: Module | None = None
    trees: dict[str, str] = field(default_factory=dict, hash=False)
    """Git's hash of each folder that the module serves."""

    @property
    def identity(self) -> str:
        """What its content is known by."""
        if self.commit:
            return self.commit[:12]
        joined = "\n".join(f"{folder} {tree}" for folder, tree in sorted(self.trees.items()))
        return "tree-" + hashlib.sha256(joined.encode()).hexdigest()[:12]


@cache
def pins() -> dict[tuple[str, str], Pin]:
    """All pins, by repository and ref."""
    entries = yaml.load(PINS_FILE.read_bytes(), Loader=yaml.CSafeLoader)["repositories"]
    return {(entry["repository"], entry["ref"]): _pin(entry) for entry in entries}


@cache
def pins_digest() -> str:
    """A hash of the pins file, for cache keys."""
    return hashlib.sha256(PINS_FILE.read_bytes()).hexdigest()


def _pin(entry: dict[str, Any]) -> Pin:
    module = Module(**entry["module"], sum=entry["sum"]) if "module" in entry else None
    pin = Pin(entry["repository"], entry["ref"], entry.get("commit"), module, entry.get("trees", {}))
    if not pin.commit and not pin.trees:
        raise KfawsError(
            f"{PINS_FILE.name}: {pin.repository} {pin.ref} has neither commit nor trees: add one"
        )
    return pin
