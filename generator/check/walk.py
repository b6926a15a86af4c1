"""Every string of an object, once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]


def strings(node: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """All strings of a tree with their paths; keys of maps are not values."""
    if isinstance(node, str):
        yield path, node
    elif isinstance(node, dict):
        for key, child in node.items():
            yield from strings(child, (*path, key))
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from strings(child, (*path, index))


def maps(node: Any, path: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """All maps of a tree with their paths, the outer ones first."""
    if isinstance(node, dict):
        yield path, node
        for key, child in node.items():
            yield from maps(child, (*path, key))
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from maps(child, (*path, index))
