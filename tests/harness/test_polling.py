"""The polling loop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kfaws.generator.errors import KfawsError
from kfaws.harness.polling import Done, Failed, Pending, eventually

Look = Done[int] | Pending | Failed


def answers(*looks: Look) -> Iterator[Look]:
    """These, and the last one for ever."""
    yield from looks
    while True:
        yield looks[-1]


def test_what_comes_later_is_returned() -> None:
    looks = answers(Pending("0"), Pending("1"), Done(2))

    assert eventually("two", lambda: next(looks), 10, lambda seconds: None) == 2


def test_waits_grow_and_end_with_the_time() -> None:
    waits: list[float] = []
    looks = answers(Pending("nothing"), Pending("nothing"), Pending("nothing"), Done(1))

    eventually("one", lambda: next(looks), 10, waits.append)

    assert waits == [0.05, 0.1, 0.2]


def test_time_out_says_what_was_seen_last() -> None:
    looks = answers(Pending("three pods"), Pending("four pods"))

    with pytest.raises(KfawsError, match=r"five pods: not within 0 seconds; last seen: three pods"):
        eventually("five pods", lambda: next(looks), 0)


def test_what_cannot_come_is_not_waited_for() -> None:
    looks = answers(Pending("starting"), Failed("it ended"))

    with pytest.raises(KfawsError, match="a server: it ended"):
        eventually("a server", lambda: next(looks), 60, lambda seconds: None)
