"""The choice of a target, and of what it needs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kfaws.harness.platform import Platform, State
from kfaws.harness.platform.state import FAILED, RUNNING
from kfaws.harness.stack import PROGRAMS
from kfaws.harness.targets.chosen import EMBEDDED, LIVE, chosen, missing
from kfaws.harness.targets.live import LiveTarget


@pytest.fixture(autouse=True)
def nothing_is_built(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache is empty already; nor does a variable name a program."""
    for variable in [name for name in os.environ if name.startswith("KFAWS_") and name != "KFAWS_MIRROR"]:
        monkeypatch.delenv(variable)


def test_all_programs_are_missing_but_those_that_were_given(environment: Path) -> None:
    assert missing(EMBEDDED, environment, {}) == list(PROGRAMS)
    assert "kro" not in missing(EMBEDDED, environment, {"kro": Path("/bin/true")})


def test_a_platform_that_is_up_lacks_nothing(environment: Path) -> None:
    platform = Platform.of(environment)
    platform.write(State(os.getpid(), str(environment), FAILED, "why"))
    assert missing(EMBEDDED, environment, {})
    platform.write(State(os.getpid(), str(environment), RUNNING))
    assert missing(EMBEDDED, environment, {}) == []


def test_a_live_target_needs_no_programs(environment: Path) -> None:
    assert missing(LIVE, environment, {}) == []
    target = chosen(LIVE, environment, {})
    assert isinstance(target, LiveTarget)
    target.close()
