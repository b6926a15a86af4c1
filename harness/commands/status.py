"""`kfaws status`: how an environment is, and what it waits for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from kfaws.generator.errors import KfawsError
from kfaws.harness.applications import Row, applications
from kfaws.harness.kube import Cluster
from kfaws.harness.platform import Platform, State
from kfaws.harness.targets.live import LiveTarget
from kfaws.harness.waiting import Seen, Waiting, look
from kfaws.harness.waiting.delegation import Parent

SHOWN = 12
"""Things of one kind that are shown; `--json` has all."""


@dataclass(frozen=True)
class Status:
    """What there is to say of an environment."""

    applications: Sequence[Row]
    seen: Seen
    state: State | None
    """Of the embedded platform."""

    def as_json(self) -> dict[str, Any]:
        """The same, as one document."""
        return {
            "applications": [asdict(row) for row in self.applications],
            "waiting": [asdict(one) for one in self.seen.waiting],
            "hidden": list(self.seen.hidden),
            **(asdict(self.state) if self.state else {}),
        }

    def lines(self) -> Iterator[str]:
        """The same, for people."""
        for row in self.applications:
            yield f"{row.wave:>4}  {row.name:28} {row.sync:10} {row.health:12} {row.note}".rstrip()
        yield ""
        yield "waiting for" if self.seen.waiting else "waiting for nothing"
        for _, many in groupby(self.seen.waiting, lambda one: (one.kind, one.group)):
            listed = list(many)
            for one, after in zip_longest(listed[:SHOWN], listed[1:SHOWN]):
                yield from described(one)
                # What many of a kind wait for stands below the last of them.
                if one.blocked and (after is None or after.blocked != one.blocked):
                    yield f"      hint: {one.blocked}"
            if len(listed) > SHOWN:
                yield f"  {listed[0].kind}: {len(listed) - SHOWN} more (--json has all)"
        if self.seen.hidden:
            yield f"  not to be seen with these rights: {', '.join(self.seen.hidden)}"
        if self.state:
            yield ""
        for part in self.state.parts if self.state else ():
            again = f"  (started again {part.restarts} times)" if part.restarts else ""
            yield f"{part.name:32} {part.pid:>8}  {part.state}{again}"


def status(
    folder: Annotated[Path, typer.Argument(help="A generated repository.")] = Path(),
    target: Annotated[
        Literal["embedded", "live"],
        typer.Option(help="Where it is: the platform of `kfaws up`, or the current kubeconfig's cluster."),
    ] = "embedded",
    as_json: Annotated[bool, typer.Option("--json", help="Everything as one JSON document.")] = False,
) -> None:
    """Show the Applications of an environment, what it waits for, and the programs that run for it."""
    found = _live(folder) if target == "live" else _embedded(folder)
    typer.echo(json.dumps(found.as_json(), indent=2) if as_json else "\n".join(found.lines()))


def described(one: Waiting) -> Iterator[str]:
    """A line for one thing, and one more where it says something."""
    name = f"{one.namespace}/{one.name}" if one.namespace else one.name
    marks = [f"normally {one.normally}"] * bool(one.normally)
    marks += ["LONGER THAN NORMAL"] * one.late + ["no waiting ends this"] * one.final
    yield f"  {one.kind} {name}: {one.state}, for {duration(one.seconds)}{''.join(f'; {m}' for m in marks)}"
    if one.says:
        yield f"      {one.says}"


def duration(seconds: int) -> str:
    """As people say it: `40 s`, `6 min`, `3 h`, `2 days`."""
    for unit, length, until in (("s", 1, 90), ("min", 60, 5400), ("h", 3600, 172800)):
        if seconds < until:
            return f"{seconds // length} {unit}"
    return f"{seconds // 86400} days"


def _embedded(folder: Path) -> Status:
    state = Platform.of(folder).running
    if not state.kubeconfig:
        raise KfawsError(f"the platform starts, and has no cluster yet: {state.said}")
    cluster = Cluster(Path(state.kubeconfig))
    rows = applications(cluster, state.argo_cd)
    return Status(rows, look(cluster, state.argo_cd), state)


def _live(folder: Path) -> Status:
    with closing(LiveTarget(folder)) as target:
        seen = look(target.cluster, target.answers.argo_cd, Parent())
        return Status(target.applications(), seen, None)
