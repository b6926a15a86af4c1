"""What a run stands on: real programs, and what stands in for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from kfaws.harness.tools.catalog import tool_of

TABLE = Path(__file__).parent / "parts.yaml"


@dataclass(frozen=True)
class Part:
    """One row of the table that closes a run."""

    name: str
    real: bool
    what: str
    """For a real part its version, for a stand-in what it stands for."""


@cache
def embedded_parts() -> tuple[Part, ...]:
    """The table of parts.yaml, with the versions of what is built here."""
    listed = yaml.safe_load(TABLE.read_text())
    real = [Part(name, True, f"{what}{_version(name)}") for name, what in listed["real"].items()]
    return (*real, *(Part(name, False, what) for name, what in listed["stands in"].items()))


def _version(name: str) -> str:
    return "" if name == "redis" else f", {tool_of(name).version}"
