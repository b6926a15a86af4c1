"""Builds sources: from the cache what it has, the rest on all processors."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from kfaws.generator.errors import KfawsError
from kfaws.generator.model import Object
from kfaws.generator.programs import kubectl
from kfaws.generator.progress import Reporter
from kfaws.generator.render_cache import RenderCache, key_of
from kfaws.generator.repository import Repository
from kfaws.generator.run import stop_programs
from kfaws.generator.sources import Source
from kfaws.generator.staging import Stage
from kfaws.generator.upstream.errors import UpstreamError
from kfaws.generator.upstream.nested import Complete
from kfaws.generator.upstream.remote import Remote
from kfaws.generator.upstream.resolver import Upstream

FORMAT = 1
"""Part of every cache key; raised when the same inputs come to give other objects."""

T = TypeVar("T")


@dataclass
class Outcome:
    """What came of one source: objects, or why there are none."""

    objects: list[Object] = field(default_factory=list)
    not_rendered: str | None = None
    failed: KfawsError | None = None


@dataclass(frozen=True, eq=False)
class _Task:
    source: Source
    key: str
    outcome: Outcome


class Builder:
    """Builds the sources of one repository."""

    def __init__(self, repository: Repository, upstream: Upstream, reporter: Reporter) -> None:
        self.repository = repository
        self._upstream = upstream
        self._reporter = reporter
        self._cache = RenderCache(reporter.say)
        self._kubectl = kubectl()

    def build(self, sources: list[Source | str], title: str) -> list[Outcome]:
        """One outcome a source; a text in place of a source is the reason why there is none."""
        outcomes = [Outcome(not_rendered=source if isinstance(source, str) else None) for source in sources]
        tasks = [task for pair in zip(sources, outcomes, strict=True) if (task := self._task(*pair))]
        present = [task for task in tasks if self._cache.has(task.key)]
        missing = [task for task in tasks if task not in present]
        damaged: list[_Task] = []

        def read() -> None:
            for task in present:
                objects = self._cache.read(task.key)
                if objects is None:
                    damaged.append(task)
                else:
                    task.outcome.objects = objects

        self._make(missing, title, read)
        self._make(damaged, title, lambda: None)
        if missing or damaged:
            self._cache.prune()
        return outcomes

    def _task(self, source: Source | str, outcome: Outcome) -> _Task | None:
        if isinstance(source, str):
            return None
        try:
            key = key_of([FORMAT, source.inputs(self.repository, self._upstream, self._kubectl)])
        except UpstreamError as error:
            outcome.not_rendered = str(error)
            return None
        return _Task(source, key, outcome)

    def _make(self, tasks: list[_Task], title: str, meanwhile: Callable[[], None]) -> None:
        if not tasks:
            meanwhile()
            return
        complete = Complete(self._upstream)
        remotes = {remote for task in tasks for remote in task.source.remotes(self.repository)}
        with self._reporter.phase("reading upstream", len(remotes)) as advance:
            in_parallel(lambda remote: _prefetch(complete, remote), remotes, advance)
        # The longest first, or one thread would be left alone with it at the end.
        ordered = sorted(tasks, key=lambda task: -_size(task, complete, self.repository))
        with tempfile.TemporaryDirectory(prefix="kfaws-") as folder:
            stage = Stage(Path(folder), self.repository, complete)
            with self._reporter.phase(title, len(tasks)) as advance:
                in_parallel(lambda task: self._make_one(task, stage), ordered, advance, meanwhile)

    def _make_one(self, task: _Task, stage: Stage) -> None:
        try:
            task.outcome.objects = task.source.build(stage, self._kubectl)
            self._cache.write(task.key, task.outcome.objects)
        except UpstreamError as error:
            task.outcome.not_rendered = str(error)
        except KfawsError as error:
            task.outcome.failed = KfawsError(str(error).replace(f"{stage.root}/", ""))


def in_parallel(
    work: Callable[[T], None],
    items: Iterable[T],
    advance: Callable[[], None],
    meanwhile: Callable[[], None] = lambda: None,
) -> None:
    """Do the work on as many threads as there are processors; on Ctrl-C end the programs that run."""
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        futures: list[Future[None]] = [pool.submit(work, item) for item in items]
        try:
            meanwhile()
            for future in futures:
                future.result()
                advance()
        except BaseException as error:
            pool.shutdown(wait=False, cancel_futures=True)
            if isinstance(error, KeyboardInterrupt):
                stop_programs()
            raise


def _prefetch(complete: Complete, remote: Remote) -> None:
    # What cannot be had is remembered, and said of each Application that needs it.
    with suppress(UpstreamError):
        complete.folder(remote)


def _size(task: _Task, complete: Complete, repository: Repository) -> int:
    return sum(complete.size(remote) for remote in task.source.remotes(repository))
