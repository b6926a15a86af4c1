"""`${...}` expressions in the strings of a kro template."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kfaws.generator.check.cel.syntax import CelError

START = "${"
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Embedded:
    """One expression and where its `${` and the character after its `}` stand in the string."""

    text: str
    start: int
    end: int


def expressions(string: str) -> list[Embedded]:
    """All expressions of a string, by kro's own rule: braces count, except between double quotes."""
    found: list[Embedded] = []
    start = string.find(START)
    while start >= 0:
        end = _end(string, start + len(START))
        if end is None:
            raise CelError(f"{string!r} opens an expression with `${{` and never closes it")
        found.append(Embedded(string[start + len(START) : end], start, end + 1))
        start = string.find(START, end + 1)
    return found


def _end(string: str, position: int) -> int | None:
    """Where the brace stands that closes an expression, or None."""
    depth = 1
    quoted = False
    while position < len(string):
        character = string[position]
        if quoted and character == "\\":
            position += 1
        elif character == '"':
            quoted = not quoted
        elif not quoted and character == "{":
            depth += 1
        elif not quoted and character == "}":
            depth -= 1
            if depth == 0:
                return position
        position += 1
    return None


def holds_expression(value: object) -> bool:
    """True for a string with a `${` in it: its value is known at run time only."""
    return isinstance(value, str) and START in value


def is_expression(value: object) -> bool:
    """True for a string that is one expression and nothing else: it may stand for a value of any type."""
    if not isinstance(value, str) or not value.startswith(START):
        return False
    found = expressions(value)
    return len(found) == 1 and found[0].end == len(value)


def strings(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every string in a tree, keys of maps that hold an expression included, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, child in value.items():
            if START in key:
                yield (*path, key), key
            yield from strings(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from strings(child, (*path, index))
