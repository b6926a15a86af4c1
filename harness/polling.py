"""The one polling loop: ask until what was expected is there, or cannot come any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from kfaws.generator.errors import KfawsError

Value = TypeVar("Value")

FIRST_WAIT, LONGEST_WAIT = 0.05, 2.0
"""Seconds between two looks: it doubles from the first to the longest."""


@dataclass(frozen=True)
class Pending:
    """Not yet; `seen` says what was there instead."""

    seen: str


@dataclass(frozen=True)
class Failed:
    """Never: what was seen excludes it."""

    seen: str


@dataclass(frozen=True)
class Done(Generic[Value]):
    """It is there."""

    value: Value


Look = Callable[[], "Done[Value] | Pending | Failed"]


def eventually(
    what: str, look: Look[Value], within: float, pause: Callable[[float], object] | None = None
) -> Value:
    """Look again and again, for at most `within` seconds, and return what is there at last.

    Raises KfawsError with the last thing seen when the time is over or the look says that it cannot be.
    `pause(seconds)` waits between two looks; by default nothing can cut it short but Ctrl-C.
    """
    rest = pause or threading.Event().wait
    end, wait = time.monotonic() + within, FIRST_WAIT
    while True:
        result = look()
        if isinstance(result, Done):
            return result.value
        if isinstance(result, Failed):
            raise KfawsError(f"{what}: {result.seen}")
        if time.monotonic() >= end:
            raise KfawsError(f"{what}: not within {within:g} seconds; last seen: {result.seen}")
        rest(min(wait, max(0.0, end - time.monotonic())))
        wait = min(wait * 2, LONGEST_WAIT)
