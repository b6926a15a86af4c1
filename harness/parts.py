"""What a run stands on: real programs, and what stands in for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from kfaws.generator.progress import silent
from kfaws.harness.tools import MARIADB, Programs
from kfaws.harness.tools.catalog import tool_of

TABLE = Path(__file__).parent / "parts.yaml"


@dataclass(frozen=True)
class Part:
    """One row of the table that closes a run."""

    name: str
    real: bool
    what: str
    """For a real part its version, for a stand-in what it stands for."""


def embedded_parts(components: Mapping[str, Path]) -> tuple[Part, ...]:
    """The table of parts.yaml, with versions of what is built; `components` are the user's programs."""
    listed = yaml.safe_load(TABLE.read_text())
    real = [Part(name, True, f"{what}{_version(name)}") for name, what in listed["real"].items()]
    there = Programs(silent(), components).installed(MARIADB) is not None
    standing = {**listed["stands in"], **({} if there else listed["missing"])}
    return (*real, *(Part(name, False, what) for name, what in standing.items()))


def _version(name: str) -> str:
    return "" if name == "redis" else f", {tool_of(name).version}"
