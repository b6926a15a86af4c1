"""A copy of the parts of a repository that are built, in which every reference to elsewhere is a path."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

from kfaws.generator.kustomization import NAMES, localise
from kfaws.generator.repository import Repository
from kfaws.generator.upstream.errors import UpstreamError
from kfaws.generator.upstream.nested import Complete
from kfaws.generator.upstream.remote import Remote, parse_remote


class Stage:
    """A temporary copy; kustomize never reaches out from it."""

    def __init__(self, root: Path, repository: Repository, upstream: Complete) -> None:
        self.root = root.resolve()
        self._repository = repository
        self._upstream = upstream
        self._copied: set[Path] = set()
        self._lock = threading.Lock()

    def folder(self, folder: Path) -> Path:
        """Stage a folder with everything that building it reads. Raises UpstreamError."""
        closure = self._repository.closure(folder)
        located = {
            entry: self.upstream(read_reference(entry)) for entries in closure.values() for entry in entries
        }
        with self._lock:
            for part in closure:
                self._copy(part)
            for part, entries in closure.items():
                self._localise(part, {entry: located[entry] for entry in entries})
        return self.root / folder

    def upstream(self, remote: Remote) -> Path:
        """The folder of a reference to elsewhere, complete."""
        return self._upstream.folder(remote)

    def _copy(self, folder: Path) -> None:
        for file in self._repository.files(folder):
            if file not in self._copied:
                target = self.root / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(self._repository.folder / file, target)
                self._copied.add(file)

    def _localise(self, folder: Path, located: dict[str, Path]) -> None:
        if not located:
            return
        target = self.root / folder
        file = next(target / name for name in NAMES if (target / name).is_file())
        source = self._repository.folder / folder / file.name
        file.write_text(localise(source.read_text(), located, target))


def read_reference(entry: str) -> Remote:
    """Read a reference that a kustomization of the repository has."""
    remote = parse_remote(entry)
    if remote is None:
        raise UpstreamError(f"{entry} cannot be pinned: write <base>/<owner>/<repository>//<path>?ref=<ref>")
    return remote
