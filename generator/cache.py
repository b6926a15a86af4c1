"""The folder of what can be made again, and the only ways to write into it: whole, or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def cache_home() -> Path:
    """`$XDG_CACHE_HOME/kubeflow-aws-gitops`, by default in `~/.cache`."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "kubeflow-aws-gitops"


def write_whole(path: Path, content: bytes, executable: bool = False) -> None:
    """Write a file so that a reader sees all of it or none, whatever interrupts the writing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".partial-")
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
    partial = Path(tempfile.mkdtemp(dir=target.parent, prefix=".partial-"))
    try:
        partial.chmod(0o755)
        yield partial
        _swap(partial, target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _swap(partial: Path, target: Path) -> None:
    if not target.exists():
        try:
            partial.rename(target)
        except OSError:
            # Another run was faster and has put its copy there; its content is the same by construction.
            if not target.exists():
                raise
        return
    old = Path(tempfile.mkdtemp(dir=target.parent, prefix=".partial-"))
    target.rename(old / "old")
    partial.rename(target)
    shutil.rmtree(old)
