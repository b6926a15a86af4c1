"""Folders of plain manifests, read as Argo CD reads its directory sources."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kfaws.generator.errors import KfawsError
from kfaws.generator.manifests import parse
from kfaws.generator.model import Object

MANIFEST = re.compile(r"\.(yaml|yml|json)$")
SKIPPED = "+argocd:skip-file-rendering"


def read(folder: Path, options: dict[str, Any]) -> list[Object]:
    """Parse a folder's manifests. `options` is `spec.source.directory`: recurse, include, exclude."""
    objects: list[Object] = []
    for name in sorted(_names(folder, bool(options.get("recurse")))):
        included = not options.get("include") or matches(options["include"], name)
        excluded = bool(options.get("exclude")) and matches(options["exclude"], name)
        if not included or excluded:
            continue
        if name.endswith(".jsonnet"):
            raise KfawsError(
                f"{folder / name}: jsonnet is not supported here: write YAML, or exclude the file"
            )
        if MANIFEST.search(name):
            text = (folder / name).read_text()
            if SKIPPED not in text:
                objects.extend(parse(text, str(folder / name)))
    return objects


def _names(folder: Path, recurse: bool) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):
        yield from ((Path(parent) / name).relative_to(folder).as_posix() for name in names)
        if not recurse:
            folders.clear()


def matches(pattern: str, name: str) -> bool:
    """Match as Argo CD's globs do: `*` crosses slashes, `{a,b}` is either."""
    return re.fullmatch(_translate(pattern), name) is not None


def _translate(pattern: str) -> str:
    result, depth = "", 0
    for part in re.findall(r"\\.|\[[^\]]*\]|.", pattern):
        if part.startswith("\\"):
            result += re.escape(part[1])
        elif part.startswith("["):
            result += part.replace("[!", "[^")
        elif part == "{":
            depth, result = depth + 1, result + "(?:"
        elif part == "}" and depth:
            depth, result = depth - 1, result + ")"
        elif part == "," and depth:
            result += "|"
        else:
            result += {"*": ".*", "?": "."}.get(part, re.escape(part))
    return result
