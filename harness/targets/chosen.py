"""The one place that decides where an environment is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kfaws.generator.progress import silent
from kfaws.harness.stack import PROGRAMS
from kfaws.harness.targets.embedded import EmbeddedTarget, is_up
from kfaws.harness.targets.live import LiveTarget
from kfaws.harness.targets.target import Target
from kfaws.harness.tools import Programs

EMBEDDED, LIVE = "embedded", "live"
TARGETS = (EMBEDDED, LIVE)


def chosen(name: str, environment: Path, components: Mapping[str, Path]) -> Target:
    """The target of that name."""
    return LiveTarget(environment) if name == LIVE else EmbeddedTarget(environment, components)


def missing(name: str, environment: Path, components: Mapping[str, Path]) -> list[str]:
    """The programs that would have to be built before the target can start; none for one that is up."""
    if name == LIVE or is_up(environment):
        return []
    programs = Programs(silent(), components)
    return [program for program in PROGRAMS if programs.find(program) is None]
