"""Rendered objects by the hash of all that they were made from."""

from __future__ import annotations

import hashlib
import os
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from kfaws.generator.cache import cache_home, write_whole
from kfaws.generator.model import Object

KEPT_SECONDS = 30 * 24 * 3600
"""An entry that no run has read for so long is removed."""


def key_of(parts: Any) -> str:
    """The key of what is made from `parts` (anything that JSON can hold)."""
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()


class RenderCache:
    """Files of compressed JSON behind their own checksum."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._folder = cache_home() / "rendered"
        self._say = say

    def has(self, key: str) -> bool:
        """Tell whether there is an entry, damaged or not."""
        return self._path(key).is_file()

    def read(self, key: str) -> list[Object] | None:
        """What was stored, or None; a damaged entry is reported and counts as absent."""
        path = self._path(key)
        try:
            stored = path.read_bytes()
        except FileNotFoundError:
            return None
        checksum, _, content = stored.partition(b"\n")
        if checksum.decode("ascii", "replace") != hashlib.sha256(content).hexdigest():
            self._say(f"{path} was damaged: rendering again what it held")
            return None
        os.utime(path)
        objects: list[Object] = orjson.loads(zlib.decompress(content))
        return objects

    def write(self, key: str, objects: list[Object]) -> None:
        """Store what was rendered."""
        content = zlib.compress(orjson.dumps(objects), 1)
        write_whole(self._path(key), hashlib.sha256(content).hexdigest().encode() + b"\n" + content)

    def prune(self) -> None:
        """Remove entries that nobody has read for KEPT_SECONDS."""
        oldest = time.time() - KEPT_SECONDS
        for path in self._folder.glob("*"):
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / key
