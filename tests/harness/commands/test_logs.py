"""`kfaws logs`."""

from __future__ import annotations

from pathlib import Path

import pytest

from kfaws.harness.platform import Platform
from tests.harness.commands.conftest import Kfaws


@pytest.fixture
def logs(environment: Path) -> Path:
    """The logs of a platform that is not up any more."""
    folder = Platform.of(environment).logs
    folder.mkdir(parents=True)
    (folder / "kro.log").write_text("".join(f"line {number}\n" for number in range(5)))
    (folder / "etcd.log").write_bytes(b"not \xff text\n")
    return folder


def test_a_log_is_printed_whole_after_the_end_too(kfaws: Kfaws, environment: Path, logs: Path) -> None:
    ran = kfaws("logs", "kro", environment)
    assert (ran.code, ran.out) == (0, (logs / "kro.log").read_text())


def test_only_the_last_lines(kfaws: Kfaws, environment: Path, logs: Path) -> None:
    assert kfaws("logs", "kro", environment, "--lines", 2).out == "line 3\nline 4\n"


def test_bytes_that_are_no_text_do_not_end_it(kfaws: Kfaws, environment: Path, logs: Path) -> None:
    assert kfaws("logs", "etcd", environment).out == "not \N{REPLACEMENT CHARACTER} text\n"


def test_an_unknown_name_lists_the_known_ones(kfaws: Kfaws, environment: Path, logs: Path) -> None:
    ran = kfaws("logs", "istiod", environment)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"kfaws: there is no log of istiod for {environment}: choose of etcd, kro\n"


def test_without_any_log_it_says_so(kfaws: Kfaws, environment: Path) -> None:
    ran = kfaws("logs", "kro", environment)
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "choose of none yet" in ran.err
