"""Whole command lines, and platforms whose keeper runs no programs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kfaws.cli import run_reporting_errors
from kfaws.harness.platform import Platform
from kfaws.harness.platform.state import RUNNING
from kfaws.harness.polling import Done, Pending, eventually
from kfaws.harness.process import Command, Process
from tests.harness.targets.conftest import PROJECT, environment

__all__ = ["environment"]


@dataclass(frozen=True)
class Ran:
    """How a command line ended."""

    code: int
    out: str
    err: str


Kfaws = Callable[..., Ran]


@pytest.fixture
def kfaws(capsys: pytest.CaptureFixture[str]) -> Kfaws:
    """Run `kfaws` with those words."""

    def run(*words: object) -> Ran:
        code = run_reporting_errors([str(word) for word in words], debug=False)
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return run


@pytest.fixture
def platform(environment: Path) -> Iterator[Platform]:
    """A platform that is up; its keeper only waits for its end."""
    found = Platform.of(environment)
    found.folder.mkdir(parents=True)
    words = [sys.executable, "-m", "tests.harness.targets.keeper", str(environment), str(found.folder)]
    variables = {"PYTHONPATH": str(PROJECT)}
    keeper = Process(Command("keeper", [*words, RUNNING, "http://127.0.0.1:9"], None, variables), found.logs)
    keeper.start()
    try:
        eventually("it is up", lambda: Done(None) if found.state else Pending("no state"), 60)
        yield found
    finally:
        keeper.stop()
