"""The start of a platform's keeper."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from kfaws.harness.platform.state import FAILED, RUNNING, Platform, State, keeper_command
from kfaws.harness.polling import Done, Failed, Pending, eventually
from kfaws.harness.process import Command, Process

STARTS_WITHIN = 180.0
_STARTED: list[Process] = []


def started(platform: Platform, components: Mapping[str, Path]) -> State:
    """Start a platform unless it is up, and wait until Argo CD has the environment.

    It outlives us: who wants it to end calls `platform.stop()`. Raises KfawsError with the reason.
    """
    state = platform.state
    if state is None or state.phase == FAILED:
        platform.forget()
        (platform.logs / "keeper.log").unlink(missing_ok=True)
        # It has a session of its own, so that Ctrl-C is ours to pass on.
        keeper = Process(Command("keeper", keeper_command(platform, components)), platform.logs)
        keeper.start()
        # It is let go of while it runs, which Python takes for a mistake otherwise.
        _STARTED.append(keeper)
    said: list[str] = []

    def look() -> Done[State] | Pending | Failed:
        seen = _look(platform)
        if isinstance(seen, Pending) and seen.seen not in said:
            said.append(seen.seen)
            print(seen.seen, file=sys.stderr, flush=True)
        return seen

    try:
        return eventually("the platform starts", look, STARTS_WITHIN)
    except KeyboardInterrupt:
        if platform.state is None and _STARTED:
            # Nobody else knows of it yet.
            _STARTED[-1].stop()
        raise


def _look(platform: Platform) -> Done[State] | Pending | Failed:
    state = platform.state
    if state is None:
        return Pending("starting the platform")
    if state.phase == FAILED:
        return Failed(f"{state.said} (its log: {platform.logs / 'keeper.log'})")
    return Done(state) if state.phase == RUNNING else Pending(state.said)
