"""A queue of objects: each at most once at a time, again at a given time, and ever later where it failed."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

FIRST_WAIT, LONGEST_WAIT = 0.2, 15.0
"""Seconds after the first and after many failures: it doubles in between."""


@dataclass
class WorkQueue(Generic[Key]):
    """Keys that have to be looked at."""

    _due: dict[Key, float] = field(default_factory=dict)
    _heap: list[tuple[float, int, Key]] = field(default_factory=list)
    _busy: set[Key] = field(default_factory=set)
    _failures: dict[Key, int] = field(default_factory=dict)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _count: int = 0
    _closed: bool = False

    def add(self, key: Key, after: float = 0.0) -> None:
        """Look at it after so many seconds, or sooner where that was said before."""
        when = time.monotonic() + after
        with self._changed:
            if when < self._due.get(key, float("inf")):
                self._due[key] = when
                self._push(when, key)
                self._changed.notify()

    def add_failed(self, key: Key) -> None:
        """Look at it again, later than the last time."""
        with self._changed:
            failures = self._failures[key] = self._failures.get(key, 0) + 1
        self.add(key, min(FIRST_WAIT * 2 ** (failures - 1), LONGEST_WAIT))

    def forget(self, key: Key) -> None:
        """It went well: the next failure is the first one."""
        with self._changed:
            self._failures.pop(key, None)

    def take(self) -> Key | None:
        """Wait for the next one that is due and that nobody looks at; None once the queue is closed."""
        with self._changed:
            while not self._closed:
                wait = None
                while self._heap:
                    when, _, key = self._heap[0]
                    if self._due.get(key) != when:
                        heapq.heappop(self._heap)
                        continue
                    wait = when - time.monotonic()
                    if wait > 0:
                        break
                    heapq.heappop(self._heap)
                    if key in self._busy:
                        # Whoever looks at it puts it back when done.
                        self._due[key] = 0.0
                        continue
                    del self._due[key]
                    self._busy.add(key)
                    return key
                self._changed.wait(wait)
        return None

    def done(self, key: Key) -> None:
        """It was looked at; what changed meanwhile is due at once."""
        with self._changed:
            self._busy.discard(key)
            if self._due.get(key) == 0.0:
                self._push(0.0, key)
                self._changed.notify()

    def close(self) -> None:
        """Nobody waits any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _push(self, when: float, key: Key) -> None:
        self._count += 1
        heapq.heappush(self._heap, (when, self._count, key))
