"""Fetches what an upstream folder refers to in other upstream repositories."""

from __future__ import annotations

import os
from pathlib import Path

from kfaws.generator.kustomization import kustomization_file, references
from kfaws.generator.upstream.errors import UpstreamError
from kfaws.generator.upstream.remote import Remote, is_remote
from kfaws.generator.upstream.resolver import Upstream


class Complete:
    """Follows the references of upstream folders until every repository that they need is here."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._seen: set[Path] = set()

    def folder(self, remote: Remote) -> Path:
        """The folder that a reference names, with all that it builds on. Raises UpstreamError."""
        folder = self._upstream.folder(remote)
        base = remote.url.removesuffix(remote.repository)
        self._follow(folder, base)
        return folder

    def _follow(self, folder: Path, base: str) -> None:
        file = kustomization_file(folder)
        if file is None:
            return
        for entry in references(file):
            if is_remote(entry):
                raise UpstreamError(f"{file} refers to {entry}, which is not pinned: add it to our pins")
            path = Path(os.path.normpath(folder / entry))
            if path in self._seen:
                continue
            pin = self._upstream.owner_of(path)
            if pin:
                self._upstream.tree(pin, base + pin.repository)
            if path.is_dir():
                self._follow(path, base)
            elif not path.exists():
                raise UpstreamError(f"{file} refers to {entry}, which is not there")
            self._seen.add(path)
