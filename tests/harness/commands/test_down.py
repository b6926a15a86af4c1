"""`kfaws down`."""

from __future__ import annotations

from pathlib import Path

from kfaws.harness.platform import Platform, State
from kfaws.harness.platform.state import FAILED
from tests.harness.commands.conftest import Kfaws


def test_where_nothing_is_up_it_says_so(kfaws: Kfaws, environment: Path) -> None:
    ran = kfaws("down", environment)
    assert (ran.code, ran.out) == (0, f"no platform was up for {environment}\n")


def test_what_is_up_is_ended_and_its_logs_stay(kfaws: Kfaws, environment: Path, platform: Platform) -> None:
    ran = kfaws("down", environment)
    assert (ran.code, ran.out) == (0, f"ended; logs: {platform.logs}\n")
    assert platform.state is None
    assert "keeper's own words" in (platform.logs / "keeper.log").read_text()
    assert "no platform was up" in kfaws("down", environment).out


def test_a_platform_that_failed_is_forgotten(kfaws: Kfaws, environment: Path) -> None:
    platform = Platform.of(environment)
    # As far as the system knows, nobody has that process id.
    platform.write(State(2**22 + 1, str(environment), FAILED, "etcd is missing"))
    assert "no platform was up" in kfaws("down", environment).out
    assert platform.state is None
    assert not any(platform.folder.iterdir())
