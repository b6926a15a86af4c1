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
        self._sizes: dict[Path, int] = {}

    def folder(self, remote: Remote) -> Path:
        """The folder that a reference names, with all that it builds on. Raises UpstreamError."""
        folder = self._upstream.folder(remote)
        self._follow(folder, remote.url.removesuffix(remote.repository))
        return folder

    def size(self, remote: Remote) -> int:
        """Bytes of manifests behind a reference that was followed; 0 for one that could not be."""
        try:
            return self._sizes.get(self._upstream.folder(remote), 0)
        except UpstreamError:
            return 0

    def _follow(self, folder: Path, base: str) -> int:
        if folder in self._sizes:
            return self._sizes[folder]
        file = kustomization_file(folder)
        total = 0
        for entry in references(file) if file else []:
            if is_remote(entry):
                raise UpstreamError(f"{file} refers to {entry}, which is not pinned: add it to our pins")
            path = Path(os.path.normpath(folder / entry))
            pin = self._upstream.owner_of(path)
            if pin:
                self._upstream.tree(pin, base + pin.repository)
            if path.is_dir():
                total += self._follow(path, base)
            elif path.is_file():
                total += path.stat().st_size
            else:
                raise UpstreamError(f"{file} refers to {entry}, which is not there")
        self._sizes[folder] = total
        return total
