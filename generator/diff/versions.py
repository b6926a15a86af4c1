"""The two sides of a diff: folders, or refs of a git repository."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from kfaws.generator.check.world import ANSWERS
from kfaws.generator.errors import KfawsError
from kfaws.generator.run import ProgramError, run


@contextmanager
def version(name: str, repository: Path) -> Iterator[Path]:
    """Yield a folder that holds a version: the folder of that name, or what a git ref has.

    In a repository with several environments `repository` is the folder of one. Raises KfawsError when the
    name is neither.
    """
    folder = Path(name)
    if (folder / ANSWERS).is_file():
        yield folder
        return
    with TemporaryDirectory(prefix="kfaws-diff-") as temporary:
        target = Path(temporary) / "environment"
        archive = _archive(name, repository)
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(target, filter="data")
        if not (target / ANSWERS).is_file():
            raise KfawsError(f"{name} holds no {ANSWERS} in {repository}: run it where the environment is")
        yield target


def _archive(ref: str, repository: Path) -> bytes:
    try:
        run(["git", "-C", repository, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"])
    except ProgramError as error:
        raise KfawsError(
            f"{ref} is neither a generated repository nor a git ref in {repository}: give one of both"
        ) from error
    return run(["git", "-C", repository, "archive", "--format=tar", ref]).stdout
