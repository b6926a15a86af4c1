"""Keeps processes running: what ends is started again, each time a little later."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from kfaws.generator.errors import KfawsError
from kfaws.harness.process import Process

FIRST_DELAY, LONGEST_DELAY = 0.5, 10.0
"""Seconds before a program that ended is started again: doubled each time until it was ready once more."""
FAREWELL = 5.0
"""Seconds for all programs of a platform together: what they would still write is not kept."""


@dataclass
class Kept:
    """One process under supervision."""

    process: Process
    ready: bool = False
    restarts: int = 0
    why: str = ""
    """Why it does not run: empty while it does."""
    _delay: float = FIRST_DELAY
    _start_at: float = field(default=0.0)

    @property
    def state(self) -> str:
        """`ready`, `starting` or `failed: why`."""
        if self.why:
            return f"failed: {self.why}"
        return "ready" if self.ready else "starting"

    def look(self) -> None:
        """Notice that it ended, start it again when its time has come, notice that it is ready."""
        if self.process.running:
            if not self.ready and self.process.look_ready():
                self.ready, self._delay = True, FIRST_DELAY
        elif not self.why:
            self.ready, self.why = False, f"it ended; its log ends with: {self.process.last_words(2)}"
            self._start_at = time.monotonic() + self._delay
            self._delay = min(self._delay * 2, LONGEST_DELAY)
        elif time.monotonic() >= self._start_at:
            self._again()

    def _again(self) -> None:
        self.restarts += 1
        try:
            self.process.start()
        except KfawsError as error:
            self.why, self._start_at = str(error), time.monotonic() + self._delay
        else:
            self.why = ""


class Supervisor:
    """The processes of a platform, in the order in which they were started; several threads may use it."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}
        self._lock = threading.RLock()
        self._closed = False

    def start(self, process: Process) -> Kept:
        """Start a process and keep it running from now on."""
        with self._lock:
            if self._closed:
                raise KfawsError(f"{process.name} is not started: everything is being ended")
            # Registered first: what starts only half is ended as well.
            kept = self._kept[process.name] = Kept(process)
            process.start()
        return kept

    def end(self, name: str) -> None:
        """End one process and forget it; one that is not known is as good."""
        with self._lock:
            kept = self._kept.pop(name, None)
            if kept:
                kept.process.stop()

    def look(self) -> None:
        """Look after all of them once."""
        for kept in self.kept:
            with self._lock:
                # Whoever ended it meanwhile has taken it out.
                if self._kept.get(kept.process.name) is kept:
                    kept.look()

    @property
    def kept(self) -> list[Kept]:
        """All of them, first started first."""
        return list(self._kept.values())

    def close(self) -> None:
        """End all, last started first; nothing is kept, so nobody has to wait for another's farewell."""
        with self._lock:
            self._closed = True
            for kept in reversed(self.kept):
                kept.process.ask_to_stop()
            end = time.monotonic() + FAREWELL
            while self._kept:
                _, kept = self._kept.popitem()
                kept.process.stop(max(0.1, end - time.monotonic()))
