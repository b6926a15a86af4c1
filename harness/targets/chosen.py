"""The one place that decides where an environment is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kfaws.harness.stack import PROGRAMS
from kfaws.harness.targets.embedded import EmbeddedTarget
from kfaws.harness.targets.live import LiveTarget
from kfaws.harness.targets.target import Target
from kfaws.harness.tools import Programs

EMBEDDED, LIVE = "embedded", "live"
TARGETS = (EMBEDDED, LIVE)


def chosen(name: str, environment: Path, components: Mapping[str, Path]) -> Target:
    """The target of that name."""
    return LiveTarget(environment) if name == LIVE else EmbeddedTarget(environment, components)


def missing(name: str, programs: Programs) -> list[str]:
    """The programs that the target needs and that would have to be built first."""
    return [] if name == LIVE else [one for one in PROGRAMS if programs.find(one) is None]
