"""The Applications of a platform while they turn healthy: a live table, or a line each."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from kfaws.generator.errors import KfawsError
from kfaws.harness.applications import Row, applications, everything_is_done
from kfaws.harness.kube import Cluster, ClusterError
from kfaws.harness.platform.state import Platform

LOOK = 1.0
SHOWN = 16
"""Applications that the live table shows at once."""
Show = Callable[[Sequence[Row], float], None]


@dataclass(frozen=True)
class Watched:
    """How it ended."""

    all: int
    done: int
    waiting: tuple[Row, ...]
    seconds: float


def expected(environment: Path) -> list[str]:
    """The Applications that apps/kustomization.yaml lists, by their files' names."""
    listed = yaml.safe_load((environment / "apps" / "kustomization.yaml").read_text())
    names = []
    for resource in listed["resources"]:
        content = yaml.safe_load((environment / "apps" / resource).read_text())
        names.append(content["metadata"]["name"])
    return names


def watch(platform: Platform, begun: float, within: float) -> Watched:
    """Show the Applications until all are Synced and Healthy, or for `within` seconds after `begun`."""
    state = platform.running
    cluster = Cluster(Path(state.kubeconfig))
    wanted = [name for name in expected(platform.environment) if name not in state.left_out]
    rest = threading.Event()
    with _shown() as show:
        while True:
            seconds = time.monotonic() - begun
            if platform.state is None:
                raise KfawsError(f"the platform of {platform.environment} was ended meanwhile")
            rows = _rows(cluster, state.argo_cd, wanted)
            show(rows, seconds)
            if everything_is_done(rows, wanted) or seconds > within:
                waiting = tuple(row for row in rows if not row.done)
                return Watched(len(rows), len(rows) - len(waiting), waiting, seconds)
            rest.wait(LOOK)


def _rows(cluster: Cluster, namespace: str, wanted: Sequence[str]) -> list[Row]:
    try:
        rows = applications(cluster, namespace)
    except ClusterError:
        # The API server itself may be on its way back.
        rows = []
    there = {row.name for row in rows}
    waits = "its wave has not begun"
    return rows + [Row(name, 0, "", "", "", waits) for name in wanted if name not in there]


@contextmanager
def _shown() -> Iterator[Show]:
    if not sys.stderr.isatty():
        yield _Lines().show
        return
    with Live(console=Console(file=sys.stderr), refresh_per_second=4, transient=True) as live:
        yield lambda rows, seconds: live.update(_table(rows, seconds))


class _Lines:
    """A line for each Application that turns healthy."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def show(self, rows: Sequence[Row], seconds: float) -> None:
        for row in rows:
            if row.done and row.name not in self._said:
                self._said.add(row.name)
                print(f"{seconds:6.1f} s  {row.name} is Synced and Healthy", file=sys.stderr, flush=True)


def _table(rows: Sequence[Row], seconds: float) -> Group:
    done = sum(row.done for row in rows)
    table = Table(box=None, pad_edge=False)
    for title in ("wave", "Application", "sync", "health", ""):
        table.add_column(title, no_wrap=True)
    under_way = [row for row in rows if not row.done and row.health]
    for row in under_way[:SHOWN]:
        table.add_row(str(row.wave), row.name, row.sync, row.health, row.note)
    head = Text(f"{done} of {len(rows)} Applications are Synced and Healthy after {seconds:.0f} s")
    return Group(head, table)
