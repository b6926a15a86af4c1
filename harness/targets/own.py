"""A platform that ends with whoever started it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from kfaws.generator.errors import KfawsError
from kfaws.harness.platform.starting import STARTS_WITHIN
from kfaws.harness.platform.state import ENDS_WITHIN, FAILED, RUNNING, Platform, keeper_command
from kfaws.harness.polling import Done, Failed, Pending, eventually
from kfaws.harness.process import Command, Process

LAST_LINES = 12
"""Of the keeper's log: it is taken away with its folder, so a failure has its end."""


@contextmanager
def own_platform(environment: Path, folder: Path, components: Mapping[str, Path]) -> Iterator[Platform]:
    """Start a platform in an empty folder, and end it and all its programs when the context is left.

    Ctrl-C at any moment ends it as well. Raises KfawsError with the reason and the end of the keeper's log.
    """
    platform = Platform(environment, folder)
    # Its process is ours, not found by its state: it can be ended before it has written one.
    keeper = Process(Command("keeper", keeper_command(platform, components, ours=True)), platform.logs)
    try:
        keeper.start()
        eventually("the platform starts", lambda: _look(platform, keeper), STARTS_WITHIN)
        yield platform
    finally:
        _end(keeper)


def _look(platform: Platform, keeper: Process) -> Done[None] | Pending | Failed:
    state = platform.state
    if state is not None and state.phase == FAILED:
        return Failed(f"{state.said}\n{_last_lines(keeper.log)}")
    if not keeper.running:
        return Failed(f"its keeper ended\n{_last_lines(keeper.log)}")
    if state is None:
        return Pending("its keeper says nothing yet")
    return Done(None) if state.phase == RUNNING else Pending(state.said)


def _end(keeper: Process) -> None:
    """It needs longer than other programs: it ends them all."""
    keeper.ask_to_stop()
    try:
        eventually("the platform ends", lambda: Pending("") if keeper.running else Done(None), ENDS_WITHIN)
    except KfawsError:
        keeper.stop()
        raise


def _last_lines(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-LAST_LINES:])
