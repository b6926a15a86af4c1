"""Progress on stderr: one line a phase, a bar where a person waits."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn

HEARTBEAT = 60
"""Seconds between two signs of life of a long wait."""
TICK = 0.5
"""Seconds between two movements of a bar that follows the clock."""


class Reporter:
    """Says what happens, on stderr."""

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet

    def say(self, line: str) -> None:
        """Print a line that the user must see."""
        print(line, file=sys.stderr, flush=True)

    @contextmanager
    def phase(self, title: str, total: int) -> Iterator[Callable[[], None]]:
        """A phase of `total` parts: a bar on a terminal, else a line. Call what is yielded after each."""
        if self._quiet or total == 0:
            yield lambda: None
        elif not sys.stderr.isatty():
            self.say(f"{title} ({total})")
            yield lambda: None
        else:
            from rich.progress import MofNCompleteColumn

            with _bar(MofNCompleteColumn()) as progress:
                task = progress.add_task(title, total=total)
                yield lambda: progress.advance(task)

    @contextmanager
    def download(self, title: str, size: int) -> Iterator[Callable[[int], None]]:
        """A file of `size` bytes, 0 where nobody knows. Call what is yielded with the bytes of each piece."""
        if self._quiet:
            yield lambda _: None
        elif not sys.stderr.isatty():
            self.say(f"{title} ({size / 1e6:.1f} MB)" if size else title)
            yield lambda _: None
        else:
            from rich.progress import DownloadColumn, TransferSpeedColumn

            with _bar(DownloadColumn(), TransferSpeedColumn()) as progress:
                task = progress.add_task(title, total=size or None)
                yield lambda count: progress.advance(task, count)

    @contextmanager
    def wait(self, title: str, seconds: int) -> Iterator[None]:
        """A wait of about `seconds`: a bar by the clock on a terminal, else a line every minute."""
        if self._quiet:
            yield
        elif not sys.stderr.isatty():
            with _every(HEARTBEAT, lambda passed: self.say(f"  {title}: {duration(passed)} so far")):
                yield
        else:
            from rich.progress import TextColumn

            with _bar(TextColumn("{task.fields[clock]}")) as progress:
                task = progress.add_task(title, total=seconds, clock=_clock(0, seconds))

                def move(passed: float) -> None:
                    # An estimate that was too short must not look like an end.
                    done = min(passed, seconds * 0.98)
                    progress.update(task, completed=done, clock=_clock(passed, seconds))

                with _every(TICK, move):
                    yield
                progress.update(task, completed=seconds)


def silent() -> Reporter:
    """A reporter for tests and for callers that only want warnings."""
    return Reporter(quiet=True)


def duration(seconds: float) -> str:
    """Seconds as a person says them: `45 s`, `7 min 05 s`."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def _clock(passed: float, seconds: int) -> str:
    return f"{duration(passed)} of about {duration(seconds)}"


@contextmanager
def _every(period: float, act: Callable[[float], None]) -> Iterator[None]:
    """Call a function with the seconds passed, every so often, until the block ends."""
    start, done = time.monotonic(), threading.Event()

    def tick() -> None:
        while not done.wait(period):
            act(time.monotonic() - start)

    teller = threading.Thread(target=tick, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


@contextmanager
def _bar(*columns: ProgressColumn) -> Iterator[Progress]:
    # Imported late: Rich takes longer to load than a cached render takes to run.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    described = (TextColumn("{task.description}"), BarColumn())
    with Progress(*described, *columns, console=Console(file=sys.stderr)) as progress:
        yield progress
