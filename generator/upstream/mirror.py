"""A mirror: upstream files as `<host>/<owner>/<repo>/<ref>/`, and an index with their commits."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from kfaws.generator.errors import KfawsError
from kfaws.generator.upstream.pins import Pin
from kfaws.generator.upstream.trees import git_tree

VARIABLE = "KFAWS_MIRROR"
INDEX = "MIRROR.yaml"


@dataclass(frozen=True)
class Mirrored:
    """One repository at one ref in a mirror."""

    folder: Path
    commit: str
    digest: str
    """Changes with the mirror's entry, so that a copy made of an older mirror is known as such."""


@dataclass(frozen=True)
class Mirror:
    """A mirror folder and its index."""

    root: Path
    entries: dict[tuple[str, str], Mirrored]
    digest: str
    """A hash of the index."""

    def find(self, repository: str, ref: str) -> Mirrored | None:
        """The entry for a repository at a ref."""
        return self.entries.get((repository, ref))

    def copy(self, pin: Pin, target: Path) -> None:
        """Copy a repository out of the mirror; its commit must be the pinned one."""
        entry = self.entries[pin.repository, pin.ref]
        what = f"{self.root / INDEX}: {pin.repository} {pin.ref}"
        if pin.commit and entry.commit != pin.commit:
            raise KfawsError(
                f"{what} is commit {entry.commit}, but {pin.commit} is pinned: "
                f"mirror that commit, or unset {VARIABLE}"
            )
        if not entry.folder.is_dir():
            raise KfawsError(
                f"{what} is listed, but {entry.folder} is missing: mirror it again, or unset {VARIABLE}"
            )
        if not pin.commit:
            self._hold_to_trees(pin, entry.folder, what)
        shutil.copytree(entry.folder, target, symlinks=True, dirs_exist_ok=True)

    def _hold_to_trees(self, pin: Pin, folder: Path, what: str) -> None:
        for name, tree in pin.trees.items():
            if not (folder / name).is_dir() or git_tree(folder / name) != tree:
                raise KfawsError(
                    f"{what} has another {name}/ than the pinned one: mirror it again, or unset {VARIABLE}"
                )


def configured_mirror() -> Mirror | None:
    """The mirror that KFAWS_MIRROR names, if it is set."""
    value = os.environ.get(VARIABLE)
    if not value:
        return None
    root = Path(value).expanduser().resolve()
    try:
        content = (root / INDEX).read_bytes()
        # Every scalar as text: a ref like 26.10 is no number.
        entries = yaml.load(content, Loader=yaml.CBaseLoader)["repositories"]
        return Mirror(
            root, dict(_entry(root, entry) for entry in entries), hashlib.sha256(content).hexdigest()
        )
    except FileNotFoundError as error:
        raise KfawsError(f"{VARIABLE} is {root}, which has no {INDEX}: correct it, or unset it") from error
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise KfawsError(
            f"{root / INDEX} is no mirror's index ({error}): correct it, or unset {VARIABLE}"
        ) from error


def _entry(root: Path, entry: dict[str, Any]) -> tuple[tuple[str, str], Mirrored]:
    address = urlsplit(entry["repository"])
    path, ref = address.path.strip("/"), str(entry["ref"])
    # A site's own server may have them below a folder; only owner and name count.
    repository = "/".join(path.split("/")[-2:])
    digest = hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()[:8]
    folder = root / str(address.hostname) / path / ref
    return (repository, ref), Mirrored(folder, entry["commit"], digest)
