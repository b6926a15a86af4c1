"""Progress on stderr: one line a phase, a bar where a person waits."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn


class Reporter:
    """Says what happens, on stderr."""

    def __init__(self, quiet: bool = False) -> None:
        self._console = Console(file=sys.stderr, highlight=False, soft_wrap=True)
        self._quiet = quiet

    def say(self, line: str) -> None:
        """Print a line that the user must see."""
        self._console.print(line, markup=False)

    @contextmanager
    def phase(self, title: str, total: int) -> Iterator[Callable[[], None]]:
        """A phase of `total` parts: a bar on a terminal, else a line. Call what is yielded after each."""
        if self._quiet or total == 0:
            yield lambda: None
        elif not self._console.is_terminal:
            self.say(f"{title} ({total})")
            yield lambda: None
        else:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
            with Progress(*columns, console=self._console) as progress:
                task = progress.add_task(title, total=total)
                yield lambda: progress.advance(task)


def silent() -> Reporter:
    """A reporter for tests and for callers that only want warnings."""
    return Reporter(quiet=True)
