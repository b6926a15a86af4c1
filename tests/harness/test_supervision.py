"""Processes that are kept running."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kfaws.harness.polling import Done, Pending, eventually
from kfaws.harness.process import Command, Process
from kfaws.harness.supervision import Kept, Supervisor

FOREVER = "import signal; signal.pause()"


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    supervisor = Supervisor()
    yield supervisor
    supervisor.close()


def process(folder: Path, program: str, name: str = "program") -> Process:
    return Process(Command(name, [sys.executable, "-c", program]), folder)


def until(supervisor: Supervisor, kept: Kept, state: str) -> None:
    def look() -> Done[None] | Pending:
        supervisor.look()
        return Done(None) if kept.state.startswith(state) else Pending(kept.state)

    eventually(f"{kept.process.name} is {state}", look, 60)


def test_what_was_killed_is_started_again(supervisor: Supervisor, tmp_path: Path) -> None:
    kept = supervisor.start(process(tmp_path, FOREVER))
    until(supervisor, kept, "ready")
    before = kept.process.pid
    os.kill(before, signal.SIGKILL)
    until(supervisor, kept, "failed")
    until(supervisor, kept, "ready")
    assert kept.process.pid != before
    assert kept.restarts == 1


def test_what_ends_again_and_again_says_why(supervisor: Supervisor, tmp_path: Path) -> None:
    kept = supervisor.start(process(tmp_path, "raise SystemExit('no database')"))
    until(supervisor, kept, "failed")
    assert "no database" in kept.state


def test_all_are_ended_at_the_end(tmp_path: Path) -> None:
    supervisor = Supervisor()
    kept = [supervisor.start(process(tmp_path, FOREVER, name)) for name in ("one", "two")]
    supervisor.end("one")
    assert not kept[0].process.running
    supervisor.close()
    assert not kept[1].process.running
    assert supervisor.kept == []
