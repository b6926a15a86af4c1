"""The one way to run a program."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kfaws.generator.errors import KfawsError

OUTPUT_KEPT = 2000
"""Characters of a failed program's output that its error repeats (the end, where the cause is)."""


class ProgramError(KfawsError):
    """A program ended with an exit code other than 0, or not in time."""

    def __init__(self, command: Sequence[str], outcome: str, output: str) -> None:
        """Name the command, its exit code (or time-out) and its output."""
        self.output = output
        super().__init__(f"`{shlex.join(command)}` {outcome}: {output.strip()[-OUTPUT_KEPT:] or 'no output'}")


@dataclass(frozen=True)
class Completed:
    """What a program printed."""

    stdout: bytes
    stderr: bytes


class _Running:
    """The programs that run now, so that Ctrl-C can end them although other threads wait for them."""

    def __init__(self) -> None:
        self.stopped = False
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()

    def start(
        self, arguments: list[str], cwd: Path | None, env: Mapping[str, str] | None
    ) -> subprocess.Popen[bytes]:
        with self._lock:
            if self.stopped:
                raise KfawsError("interrupted")
            # A session of its own: git starts helpers, and all of them must end when it is told to.
            process = subprocess.Popen(
                arguments,
                cwd=cwd,
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            self._processes.add(process)
            return process

    def ended(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._processes.discard(process)

    def stop(self) -> None:
        with self._lock:
            self.stopped = True
            for process in self._processes:
                _kill(process)


_running = _Running()


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    timeout: float | None = None,
) -> Completed:
    """Run a program to its end and return what it printed.

    `env` replaces the environment, `timeout` is in seconds. Raises ProgramError when it fails or takes
    too long.
    """
    arguments = [str(part) for part in command]
    try:
        process = _running.start(arguments, cwd, env)
    except FileNotFoundError as missing:
        raise ProgramError(arguments, "could not be started", str(missing)) from missing
    try:
        stdout, stderr = process.communicate(stdin, timeout)
    except subprocess.TimeoutExpired as late:
        _kill(process)
        _, stderr = process.communicate()
        raise ProgramError(arguments, f"took more than {timeout:g} s", _text(stderr)) from late
    except BaseException:
        _kill(process)
        process.communicate()
        raise
    finally:
        _running.ended(process)
    if process.returncode != 0:
        raise ProgramError(
            arguments, f"ended with exit code {process.returncode}", _text(stderr) or _text(stdout)
        )
    return Completed(stdout, stderr)


def stop_programs() -> None:
    """End every program that runs, and start no more: for the way out after Ctrl-C."""
    _running.stop()


def _kill(process: subprocess.Popen[bytes]) -> None:
    # It may have ended by itself a moment ago.
    with suppress(ProcessLookupError):
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)


def _text(output: bytes | None) -> str:
    return (output or b"").decode(errors="replace")
