"""`kfaws up`: the embedded platform for an environment, and a look at how it becomes healthy."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from kfaws.generator.errors import KfawsError
from kfaws.generator.progress import Reporter
from kfaws.harness.answers import Answers
from kfaws.harness.platform import Platform, State
from kfaws.harness.platform.state import FAILED, RUNNING, keeper_command
from kfaws.harness.platform.watching import Watched, watch
from kfaws.harness.polling import Done, Failed, Pending, eventually
from kfaws.harness.process import Command, Process
from kfaws.harness.stack import PROGRAMS
from kfaws.harness.tools import Programs

STARTS_WITHIN = 180.0
WITHIN = 900.0
"""Seconds after which an environment that is not healthy will hardly become so."""


def up(
    folder: Annotated[Path, typer.Argument(help="A generated repository.")] = Path(),
    component: Annotated[
        list[str] | None, typer.Option(help="NAME=PATH: your own program in the place of one of ours.")
    ] = None,
    within: Annotated[float, typer.Option(help="Seconds to wait for the environment.")] = WITHIN,
) -> None:
    """Start the embedded platform and sync the repository in it; again: sync what changed."""
    Answers.of(folder)
    platform, components = Platform.of(folder), _components(component or [])
    state = platform.state
    begun = time.monotonic()
    if state is None or state.phase == FAILED:
        Programs(Reporter(), components).ensure(PROGRAMS)
        begun = time.monotonic()
        _start(platform, components)
    else:
        _push(platform)
    try:
        state = eventually("the platform starts", lambda: _look(platform), STARTS_WITHIN)
        watched = watch(platform, begun, within)
    except KeyboardInterrupt:
        platform.stop()
        raise
    _tell(platform, state, watched)
    if watched.waiting:
        raise typer.Exit(1)


def _components(given: list[str]) -> dict[str, Path]:
    pairs = {}
    for word in given:
        name, equals, path = word.partition("=")
        if not (name and equals and path):
            raise KfawsError(f"--component {word}: write NAME=PATH, for instance kro=/usr/local/bin/kro")
        pairs[name] = Path(path)
    return pairs


def _start(platform: Platform, components: dict[str, Path]) -> None:
    platform.forget()
    (platform.logs / "keeper.log").unlink(missing_ok=True)
    # It has a session of its own, so that Ctrl-C is ours to pass on, and outlives us.
    Process(Command("keeper", keeper_command(platform, components)), platform.logs).start()


def _look(platform: Platform) -> Done[State] | Pending | Failed:
    state = platform.state
    if state is None:
        return Pending("its keeper says nothing yet")
    if state.phase == FAILED:
        return Failed(f"{state.said} (its log: {platform.logs / 'keeper.log'})")
    return Done(state) if state.phase == RUNNING else Pending(state.said)


def _push(platform: Platform) -> None:
    """Push what changed since the last time."""
    changed, asked = platform.push(platform.environment)
    what = f"{len(changed)} changed files in {', '.join(asked)}" if changed else "nothing changed"
    print(f"the platform is up: {what}", file=sys.stderr)


def _tell(platform: Platform, state: State, watched: Watched) -> None:
    print(f"{watched.done} of {watched.all} Applications are Synced and Healthy.")
    for name, reason in state.left_out.items():
        print(f"  left out: {name}: {reason}")
    for row in watched.waiting:
        print(f"  waits:    {row.name}: {row.sync} {row.health} {row.note}")
    print(f"  kubectl:  export KUBECONFIG={state.kubeconfig}")
    print(f"  aws:      export AWS_ENDPOINT_URL={state.aws}")
    print(f"  logs:     kfaws logs NAME {platform.environment}; kfaws status {platform.environment}")
    print(f"  the end:  kfaws down {platform.environment}")
