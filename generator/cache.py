"""The folder of what can be made again, and the only ways to write into it: whole, or not at all."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PARTIAL = ".partial-"
"""How the name of what is not finished begins."""


def cache_home() -> Path:
    """`$XDG_CACHE_HOME/kubeflow-aws-gitops`, by default in `~/.cache`."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "kubeflow-aws-gitops"


def write_whole(path: Path, content: bytes, executable: bool = False) -> None:
    """Write a file so that a reader sees all of it or none, whatever interrupts the writing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=PARTIAL)
    partial = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        partial.chmod(0o755 if executable else 0o644)
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Yield an empty folder that becomes `target` when the block ends well and vanishes otherwise.

    An older `target` is replaced.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with _partial_folder(target.parent) as partial:
        yield partial
        _swap(partial, target)


def remove_leftovers(parent: Path) -> None:
    """Remove the half-made folders of runs that were killed; what a run works on now stays."""
    for folder in parent.glob(f"{PARTIAL}*"):
        # It may be a file, vanish meanwhile, or be locked by the run that makes it.
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)


@contextmanager
def _partial_folder(parent: Path) -> Iterator[Path]:
    """An empty folder that vanishes at the end, and is locked until then, so that it is no leftover."""
    partial, lock = _make_locked(parent)
    try:
        yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        os.close(lock)


def _make_locked(parent: Path) -> tuple[Path, int]:
    while True:
        partial = Path(tempfile.mkdtemp(dir=parent, prefix=PARTIAL))
        with suppress(FileNotFoundError):
            lock = os.open(partial, os.O_RDONLY)
            # A file system without locks has no leftovers removed either.
            with suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_EX)
            if partial.exists():
                partial.chmod(0o755)
                return partial, lock
            os.close(lock)
        # Another run took it for a leftover before it was locked: once more.


def _swap(partial: Path, target: Path) -> None:
    if not target.exists():
        try:
            partial.rename(target)
        except OSError:
            # Another run was faster and has put its copy there; its content is the same by construction.
            if not target.exists():
                raise
        return
    with _partial_folder(target.parent) as old:
        target.rename(old / "old")
        partial.rename(target)
