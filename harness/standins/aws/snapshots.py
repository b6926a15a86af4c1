"""Snapshots of databases: their files at one moment, as a volume's snapshot has them."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

from kfaws.harness.process import Process


class Snapshots:
    """Copies of data folders by the snapshot's name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, name: str, data: Path, process: Process | None) -> None:
        """Copy the data; a server that runs on them stands still meanwhile, and recovers from such a copy."""
        with _still(process) if process and process.running else contextlib.nullcontext():
            # One of that name may have been deleted.
            shutil.rmtree(self._folder / name, ignore_errors=True)
            shutil.copytree(data, self._folder / name, ignore=shutil.ignore_patterns("*.sock", "*.pid"))

    def restore(self, name: str, data: Path) -> bool:
        """Make a data folder of a snapshot; whether there is one of that name with data."""
        if not (self._folder / name).is_dir():
            return False
        shutil.copytree(self._folder / name, data)
        return True


@contextlib.contextmanager
def _still(process: Process) -> Iterator[None]:
    os.kill(process.pid, signal.SIGSTOP)
    try:
        # Asking is not enough: each of its threads finishes the call that it is in. How it ends is not taken
        # from whoever waits for that.
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGCONT)
