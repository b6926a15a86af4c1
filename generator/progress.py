"""Progress on stderr: one line a phase, a bar where a person waits."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


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
            with _bar(title, total) as advance:
                yield advance


def silent() -> Reporter:
    """A reporter for tests and for callers that only want warnings."""
    return Reporter(quiet=True)


@contextmanager
def _bar(title: str, total: int) -> Iterator[Callable[[], None]]:
    # Imported late: Rich takes longer to load than a cached render takes to run.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(file=sys.stderr)) as progress:
        task = progress.add_task(title, total=total)
        yield lambda: progress.advance(task)
