"""`kfaws up`: the embedded platform for an environment, and a look at how it becomes healthy."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from kfaws.generator.errors import KfawsError
from kfaws.generator.progress import Reporter
from kfaws.harness.answers import Answers
from kfaws.harness.parts import embedded_parts
from kfaws.harness.platform import Platform, State
from kfaws.harness.platform.starting import started
from kfaws.harness.platform.state import FAILED
from kfaws.harness.platform.watching import Watched, watch
from kfaws.harness.stack import PROGRAMS
from kfaws.harness.tools import Programs

WITHIN = 900.0
"""Seconds after which an environment that is not healthy will hardly become so."""


def up(
    folder: Annotated[Path, typer.Argument(help="A generated repository.")] = Path(),
    component: Annotated[
        list[str] | None, typer.Option(help="NAME=PATH: your own program in the place of one of ours.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="End it when the environment is healthy.")] = False,
    within: Annotated[float, typer.Option(help="Seconds to wait for the environment.")] = WITHIN,
) -> None:
    """Start the embedded platform and sync the repository in it; again: sync what changed."""
    Answers.of(folder)
    platform, components = Platform.of(folder), components_of(component or [])
    state = platform.state
    begun = time.monotonic()
    if state is None or state.phase == FAILED:
        Programs(Reporter(), components).ensure(PROGRAMS)
        begun = time.monotonic()
    else:
        _push(platform)
    try:
        state = started(platform, components)
        watched = watch(platform, begun, within)
    except KeyboardInterrupt:
        platform.stop()
        raise
    _tell(state, watched, components)
    if once:
        platform.stop()
    else:
        _tell_how_to_go_on(platform, state)
    if watched.waiting:
        raise typer.Exit(1)


def components_of(given: list[str]) -> dict[str, Path]:
    """Programs by name, of words NAME=PATH."""
    pairs = {}
    for word in given:
        name, equals, path = word.partition("=")
        if not (name and equals and path):
            raise KfawsError(f"--component {word}: write NAME=PATH, for instance kro=/usr/local/bin/kro")
        pairs[name] = Path(path)
    return pairs


def _push(platform: Platform) -> None:
    """Push what changed since the last time."""
    changed, asked = platform.push(platform.environment)
    what = f"{len(changed)} changed files in {', '.join(asked)}" if changed else "nothing changed"
    print(f"the platform is up: {what}", file=sys.stderr)


def _tell(state: State, watched: Watched, components: Mapping[str, Path]) -> None:
    """What came of it, and what it stood on."""
    print(f"{watched.done} of {watched.all} Applications are Synced and Healthy ({watched.seconds:.0f} s).")
    for name, reason in state.left_out.items():
        print(f"  left out: {name}: {reason}")
    for row in watched.waiting:
        print(f"  waits:    {row.name}: {row.sync} {row.health} {row.note}")
    for part in embedded_parts(components):
        print(f"  {'real' if part.real else 'stand-in':8}  {part.name:29}  {part.what}")


def _tell_how_to_go_on(platform: Platform, state: State) -> None:
    """How a person looks at it, and ends it."""
    print(f"  kubectl:  export KUBECONFIG={state.kubeconfig}")
    print(f"  aws:      export AWS_ENDPOINT_URL={state.aws}")
    print(f"  more:     kfaws status {platform.environment}; kfaws logs NAME {platform.environment}")
    print(f"  the end:  kfaws down {platform.environment}")
