"""Running programs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kfaws.generator.errors import KfawsError
from kfaws.harness.polling import Done, Pending, eventually
from kfaws.harness.ports import free_port
from kfaws.harness.process import Command, Process, answers

WEB = """
import http.server, sys
http.server.test(http.server.SimpleHTTPRequestHandler, port=int(sys.argv[1]), bind="127.0.0.1")
"""
STUBBORN = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
print(child.pid, flush=True)
signal.pause()
"""


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Process]:
    port = free_port()
    arguments = [sys.executable, "-c", WEB, str(port)]
    process = Process(Command("web", arguments, f"http://127.0.0.1:{port}/"), tmp_path)
    yield process
    process.stop()


def test_is_ready_when_its_health_says_so(web: Process) -> None:
    web.start()
    web.wait_ready()

    assert web.running
    assert web.look_ready()


def test_stopped_twice_is_as_good_as_once(web: Process) -> None:
    web.start()
    web.wait_ready()
    url = web.command.health

    web.stop()
    web.stop()

    assert not web.running
    assert isinstance(url, str)
    assert not answers(url)


def test_started_twice_is_refused(web: Process) -> None:
    web.start()
    with pytest.raises(KfawsError, match="web runs already"):
        web.start()


def test_one_that_ends_before_it_is_ready_says_its_last_words(tmp_path: Path) -> None:
    ends = [sys.executable, "-c", "import sys; sys.exit('no such flag')"]
    process = Process(Command("ends", ends, "http://127.0.0.1:9/"), tmp_path)
    process.start()

    with pytest.raises(KfawsError, match=r"ends ready: it ended with exit code 1.*no such flag"):
        process.wait_ready()


def test_one_that_never_answers_is_given_up(tmp_path: Path) -> None:
    waits = [sys.executable, "-c", "import signal; signal.pause()"]
    process = Process(Command("mute", waits, f"http://127.0.0.1:{free_port()}/", ready_within=0.2), tmp_path)
    process.start()
    try:
        with pytest.raises(KfawsError, match=r"mute ready: not within 0\.2 seconds"):
            process.wait_ready()
    finally:
        process.stop()


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(KfawsError, match="ghost cannot be started"):
        Process(Command("ghost", [tmp_path / "ghost"]), tmp_path).start()


def test_what_does_not_listen_is_ended_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kfaws.harness.process.ENDS_WITHIN", 0.5)
    process = Process(Command("stubborn", [sys.executable, "-c", STUBBORN]), tmp_path)
    process.start()
    child = eventually("the child", lambda: _number(process.log), 20)

    process.stop()

    assert not process.running
    eventually("the child has ended", lambda: Pending("alive") if _alive(child) else Done(None), 20)


def _number(log: Path) -> Done[int] | Pending:
    text = log.read_text().strip()
    return Done(int(text)) if text else Pending("an empty log")


def _alive(pid: int) -> bool:
    """Running: neither gone nor waiting to be taken note of."""
    status = Path(f"/proc/{pid}/stat")
    return status.is_file() and status.read_text().rpartition(")")[2].split()[0] != "Z"
