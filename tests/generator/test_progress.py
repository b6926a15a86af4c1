"""What a person sees of a wait, on a terminal and elsewhere."""

from __future__ import annotations

import io
import threading

import pytest

from kfaws.generator import progress
from kfaws.generator.progress import Reporter, duration, silent


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Called in the test itself: pytest puts a stderr of its own there between a fixture and a test."""
    found = Terminal()
    monkeypatch.setattr("sys.stderr", found)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr(progress, "TICK", 0.01)
    return found


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (59.9, "59 s"), (60, "1 min 00 s"), (425, "7 min 05 s")]
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_a_wait_on_a_terminal_has_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    with Reporter().wait("etcd", 65):
        pass
    assert "etcd" in terminal.getvalue()
    assert "of about 1 min 05 s" in terminal.getvalue()


def test_a_line_said_meanwhile_stands_above_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    reporter = Reporter()
    with reporter.wait("etcd", 65):
        reporter.say("another line")
    assert "another line" in terminal.getvalue()


def test_a_wait_elsewhere_gives_signs_of_life(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "HEARTBEAT", 0.01)
    reporter, alive = Reporter(), threading.Event()
    say = reporter.say

    def heard(line: str) -> None:
        say(line)
        alive.set()

    monkeypatch.setattr(reporter, "say", heard)
    with reporter.wait("etcd", 65):
        assert alive.wait(30)
    assert "  etcd: 0 s so far\n" in capsys.readouterr().err


def test_a_download_on_a_terminal_has_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    with Reporter().download("fetching etcd", 3_000_000) as advance:
        advance(3_000_000)
    assert "3.0/3.0 MB" in terminal.getvalue()


def test_a_download_elsewhere_has_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with Reporter().download("fetching etcd", 3_000_000) as advance:
        advance(3_000_000)
    with Reporter().download("fetching kwok", 0) as advance:
        advance(1)
    assert capsys.readouterr().err == "fetching etcd (3.0 MB)\nfetching kwok\n"


def test_the_silent_one(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    with silent().wait("etcd", 65), silent().download("etcd", 1) as advance:
        advance(1)
    assert terminal.getvalue() == ""
