"""A generated repository on disk: its answers, its files and what they refer to."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from kfaws.generator.errors import KfawsError
from kfaws.generator.kustomization import kustomization_file, references
from kfaws.generator.upstream.remote import is_remote

ANSWERS = ".copier-answers.yml"


class Repository:
    """The files of one environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        if not (self.folder / ANSWERS).is_file():
            raise KfawsError(
                f"{folder} is no generated repository ({ANSWERS} is missing): make one with `kfaws new`"
            )
        self._digests: dict[Path, str] = {}

    @cached_property
    def answers(self) -> dict[str, Any]:
        """The answers that it was generated from."""
        content = yaml.load((self.folder / ANSWERS).read_bytes(), Loader=yaml.CSafeLoader)
        if not isinstance(content, dict):
            raise KfawsError(f"{self.folder / ANSWERS} holds no answers: restore it from git")
        return content

    @property
    def kubernetes_version(self) -> str:
        """The cluster's version that the answers chose."""
        return str(self.answers["kubernetes_version"])

    def declaring_file(self, folder: Path, name: str) -> Path:
        """The file in a folder that declares the Application `name`, relative to the repository."""
        usual = folder / f"{name}.yaml"
        if (self.folder / usual).is_file():
            return usual
        declared = re.compile(rf"^  name: [\"']?{re.escape(name)}[\"']?$", re.MULTILINE)
        files = sorted(self.files(folder))
        return next((file for file in files if declared.search((self.folder / file).read_text())), folder)

    def positions(self, folder: Path) -> dict[str, int]:
        """Where a folder's kustomization lists each file; kustomize itself sorts by name."""
        file = kustomization_file(self.folder / folder)
        return {entry: index for index, entry in enumerate(references(file) if file else [])}

    def owns(self, url: str) -> bool:
        """Tell whether an Application's `repoURL` is this repository."""
        return _plain(url) == _plain(str(self.answers.get("gitops_repository", "")))

    def closure(self, folder: Path) -> dict[Path, list[str]]:
        """The folders that building a folder reads, with the references to elsewhere of each.

        Paths are relative to the repository. A folder without a kustomization stands for itself.
        """
        found: dict[Path, list[str]] = {}
        pending = [folder]
        while pending:
            current = pending.pop()
            if current in found:
                continue
            found[current] = []
            file = kustomization_file(self.folder / current)
            for entry in references(file) if file else []:
                path = Path(os.path.normpath(current / entry))
                if is_remote(entry):
                    found[current].append(entry)
                elif (self.folder / path).is_dir() and path.parts[:1] != ("..",):
                    pending.append(path)
        return found

    def digest(self, folder: Path) -> str:
        """A hash over all files below a folder."""
        if folder not in self._digests:
            total = hashlib.sha256()
            for file in sorted(self.files(folder)):
                content = (self.folder / file).read_bytes()
                total.update(f"{file}\0{hashlib.sha256(content).hexdigest()}\n".encode())
            self._digests[folder] = total.hexdigest()
        return self._digests[folder]

    def files(self, folder: Path) -> Iterator[Path]:
        """All files below a folder, relative to the repository."""
        for parent, _, names in os.walk(self.folder / folder):
            base = Path(parent).relative_to(self.folder)
            yield from (base / name for name in names)


def _plain(url: str) -> str:
    return url.rstrip("/").removesuffix(".git").lower()
