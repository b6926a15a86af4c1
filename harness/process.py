"""One program that runs beside us: started, waited for, and ended by its process id."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from kfaws.generator.errors import KfawsError
from kfaws.harness.polling import Done, Failed, Pending, eventually

READY_WITHIN = 60.0
ENDS_WITHIN = 10.0
"""Seconds between asking a program to end and ending it."""

RARE_COLLECTION = {"GOGC": "200", "GOMEMLIMIT": "2500MiB"}
"""For the Go programs that make most garbage: less work for some hundred megabytes more, up to a limit."""


@dataclass(frozen=True)
class Command:
    """What to run, and how to tell that it is ready."""

    name: str
    arguments: Sequence[str | Path]
    health: str | Callable[[], bool] | None = None
    """A URL that answers with 2xx, or a question; None: ready as soon as it runs."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Added to our own environment; an empty value takes a variable away."""
    ready_within: float = READY_WITHIN


class Process:
    """A running `Command` with a folder and a log of its own."""

    def __init__(self, command: Command, folder: Path) -> None:
        self.command = command
        self.folder = folder
        self.log = folder / f"{command.name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def name(self) -> str:
        """The command's name."""
        return self.command.name

    @property
    def pid(self) -> int:
        """The process id; raises KfawsError when it was never started."""
        if self._process is None:
            raise KfawsError(f"{self.name} was not started")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has neither ended nor been ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, in a process group of its own so that Ctrl-C reaches it through us only."""
        if self.running:
            raise KfawsError(f"{self.name} runs already")
        self.folder.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, **self.command.environment}
        with self.log.open("ab") as log:
            try:
                self._process = subprocess.Popen(
                    [str(argument) for argument in self.command.arguments],
                    cwd=self.folder,
                    env={key: value for key, value in environment.items() if value},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise KfawsError(f"{self.name} cannot be started: {error}") from error

    def wait_ready(self) -> None:
        """Wait for its health; raises KfawsError with the end of its log when it ends before."""
        eventually(f"{self.name} ready", self._look, self.command.ready_within)

    def look_ready(self) -> bool:
        """Whether it runs and its health says yes, now."""
        return isinstance(self._look(), Done)

    def _look(self) -> Done[None] | Pending | Failed:
        if not self.running:
            return Failed(f"it ended with {self._returned()}; its log ends with: {self.last_words()}")
        health = self.command.health
        healthy = health is None or (health() if callable(health) else answers(health))
        return Done(None) if healthy else Pending(f"no good answer yet; its log: {self.last_words(1)}")

    def ask_to_stop(self) -> None:
        """Send SIGTERM, and do not wait: for whoever ends many at once, and then stops each."""
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGTERM)

    def stop(self, within: float = ENDS_WITHIN) -> None:
        """End it and all it started: asked first, then made to. Twice is as good as once."""
        if self._process is None:
            return
        end_group(self._process.pid, self._wait, within)

    def _wait(self, seconds: float) -> bool:
        with contextlib.suppress(subprocess.TimeoutExpired):
            if self._process:
                self._process.wait(seconds)
        return not self.running

    def _returned(self) -> str:
        return f"exit code {self._process.returncode}" if self._process else "no start"

    def last_words(self, lines: int = 6) -> str:
        """The end of its log, on one line."""
        if not self.log.is_file():
            return "(nothing)"
        with self.log.open(errors="replace") as log:
            return " | ".join(line.strip() for line in deque(log, lines)) or "(nothing)"


def answers(url: str) -> bool:
    """Whether a URL answers with 2xx within two seconds; certificates are not looked at."""
    try:
        return httpx.get(url, timeout=2, verify=False).is_success
    except httpx.HTTPError:
        return False


def accepts(port: int) -> bool:
    """Whether something listens on that port of 127.0.0.1."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def end_group(leader: int, wait: Callable[[float], bool], within: float = ENDS_WITHIN) -> None:
    """End a process group: SIGTERM, then SIGKILL for what is left."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGTERM)
    if not wait(within):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(leader, signal.SIGKILL)
        wait(ENDS_WITHIN)
    # What it had started and left behind.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
