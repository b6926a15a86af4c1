"""What a kustomization refers to, and how its references to elsewhere are turned into paths."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from kfaws.generator.errors import KfawsError
from kfaws.generator.upstream.remote import is_remote

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
FIELDS = ("resources", "components", "bases")


def kustomization_file(folder: Path) -> Path | None:
    """The kustomization of a folder, if it has one."""
    return next((folder / name for name in NAMES if (folder / name).is_file()), None)


def references(file: Path) -> list[str]:
    """The entries of a kustomization that may be folders or lie elsewhere, in its order."""
    try:
        content: Any = yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise KfawsError(f"{file} is not valid YAML: {error}") from error
    if not isinstance(content, dict):
        raise KfawsError(f"{file} is no kustomization: it must be a mapping")
    return [str(entry) for name in FIELDS for entry in content.get(name) or []]


def localise(text: str, located: dict[str, Path], folder: Path) -> str:
    """Put paths relative to `folder` in place of references to elsewhere."""
    for entry, path in located.items():
        relative = os.path.relpath(path, folder).replace("\\", "\\\\")
        text, count = re.subn(re.escape(entry) + r"(?=[\s'\",\]]|$)", relative, text)
        if not count:
            raise KfawsError(f"{folder}: the reference {entry} is not written on one line: write it so")
    return text


def localise_tree(tree: Path, place: Path, planned: Callable[[str], Path | None]) -> None:
    """Turn the references to other repositories in all kustomizations of a copy into paths.

    `place` is where the copy will be moved; `planned` gives the folder of a reference, or None to leave it.
    """
    for file in _kustomizations(tree):
        text = file.read_text()
        if "://" not in text and "github.com/" not in text:
            continue
        located = {entry: path for entry in references(file) if is_remote(entry) and (path := planned(entry))}
        if located:
            file.write_text(localise(text, located, place / file.parent.relative_to(tree)))


def _kustomizations(tree: Path) -> Iterator[Path]:
    for folder, _, names in os.walk(tree):
        yield from (Path(folder) / name for name in NAMES if name in names)
