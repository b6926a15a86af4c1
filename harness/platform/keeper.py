"""`python -m kfaws.harness.platform.keeper`: starts a platform, looks after it, and ends it on SIGTERM."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

from kfaws.generator.errors import KfawsError
from kfaws.generator.progress import Reporter
from kfaws.harness.platform.state import FAILED, RUNNING, STARTING, Part, Platform, State
from kfaws.harness.stack import Stack
from kfaws.harness.tools import Programs

LOOK = 0.5
"""Seconds between two looks at the programs."""
LOOK_AT_DEPLOYMENTS = 1.0
"""Seconds between two looks at what the cluster asks for, which are work for the API server."""


class Keeper:
    """One platform, from its start to its end."""

    def __init__(self, platform: Platform, stack: Stack) -> None:
        self._platform = platform
        self._stack = stack
        self._ended = threading.Event()
        self._written: State | None = None
        self._begun = time.monotonic()

    def end(self, *_: object) -> None:
        """For signal handlers: end before the next step."""
        if not self._ended.is_set():
            self._ended.set()
            # A start that waits for a program is cut short as well.
            raise KeyboardInterrupt

    def run(self) -> None:
        """Start, bootstrap, and look after all of it until `end`."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.end)
        self._stack.start(self._stage)
        deployments = threading.Thread(target=self._look_at_deployments, daemon=True)
        deployments.start()
        while not self._ended.is_set():
            self._stack.supervisor.look()
            self._write(RUNNING, "")
            self._ended.wait(LOOK)

    def _stage(self, said: str) -> None:
        print(f"{time.monotonic() - self._begun:6.1f} s  {said}", file=sys.stderr, flush=True)
        self._write(STARTING, said)

    def _look_at_deployments(self) -> None:
        while not self._ended.is_set():
            self._stack.look()
            self._ended.wait(LOOK_AT_DEPLOYMENTS)

    def fail(self, why: str) -> None:
        """Say why it ends."""
        self._write(FAILED, why)

    def _write(self, phase: str, said: str) -> None:
        stack = self._stack
        parts = tuple(
            Part(kept.process.name, kept.process.pid, kept.state, kept.restarts)
            for kept in stack.supervisor.kept
        )
        where = (str(stack.kubeconfig), stack.aws_endpoint, stack.answers.argo_cd)
        state = State(os.getpid(), str(stack.environment), phase, said, *where, parts, stack.left_out)
        if state != self._written:
            self._platform.write(state)
            self._written = state


def main() -> None:
    """Run until SIGTERM; what goes wrong stands in the state's `said`."""
    parser = argparse.ArgumentParser(prog="keeper", description=__doc__)
    parser.add_argument("--environment", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--ends-with", type=int, metavar="PID", help="end when that parent has ended")
    parser.add_argument("--component", action="append", default=[], metavar="NAME=PATH")
    asked = parser.parse_args()
    if asked.ends_with:
        threading.Thread(target=_end_with, args=[asked.ends_with], daemon=True).start()
    pairs = [component.partition("=") for component in asked.component]
    platform = Platform(asked.environment, asked.folder)
    reporter = Reporter(quiet=True)
    _empty(asked.folder)
    programs = Programs(reporter, {name: Path(path) for name, _, path in pairs})
    with Stack(asked.environment, asked.folder, programs, reporter) as stack:
        keeper = Keeper(platform, stack)
        try:
            keeper.run()
        except KeyboardInterrupt:
            platform.forget()
        except KfawsError as error:
            keeper.fail(str(error))
            print(f"keeper: {error}", file=sys.stderr)
            sys.exit(1)


def _end_with(parent: int) -> None:
    """Wait until the parent has ended, then end as after SIGTERM: it may have had no time to ask for it."""
    rest = threading.Event()
    while os.getppid() == parent:
        rest.wait(LOOK)
    os.kill(os.getpid(), signal.SIGTERM)


def _empty(folder: Path) -> None:
    """Take away what an earlier platform left, but the log that is being written."""
    for name in ("control-plane", "argocd", "git", "programs"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for log in (folder / "logs").glob("*.log"):
        if log.name != "keeper.log":
            log.unlink()


if __name__ == "__main__":
    main()
