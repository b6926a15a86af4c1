"""Which fields of which resources an expression reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kfaws.generator.check.cel.syntax import Call, Index, ListOf, Literal, MapOf, Name, Node, Select

BINDING_MACROS = frozenset(
    {
        "map",
        "filter",
        "all",
        "exists",
        "exists_one",
        "existsOne",
        "transformList",
        "transformMap",
        "transformMapEntry",
        "sortBy",
    }
)
"""Macros whose first argument (or first two, before the last ones) is a variable of their own."""

NAMESPACES = frozenset(
    {"cel", "optional", "lists", "base64", "json", "hash", "random", "math", "sets", "url"}
)
"""Identifiers before a dot that belong to a function's name, not to a resource."""

ANY_ELEMENT = "[]"
"""A path segment for an index that is not known before run time."""


@dataclass(frozen=True)
class Reference:
    """A path from an identifier at the root, as far as it is plain field and index access."""

    root: str
    path: tuple[str, ...]
    optional: bool = False
    """True when an optional selection (`.?`) or `has()` allows the path to be absent."""

    def __str__(self) -> str:
        return ".".join((self.root, *self.path)).replace(f".{ANY_ELEMENT}", ANY_ELEMENT)


def references(node: Node, bound: frozenset[str] = frozenset()) -> Iterator[Reference]:
    """Every reference of an expression to a name that the expression does not bind itself."""
    chain = _chain(node)
    if chain is not None:
        if chain.root not in bound:
            yield chain
        yield from _inside_keys(node, bound)
        return
    if isinstance(node, Select | Index):
        yield from references(node.operand, bound)
        if isinstance(node, Index):
            yield from references(node.key, bound)
    elif isinstance(node, Call):
        yield from _call(node, bound)
    elif isinstance(node, ListOf):
        for item in node.items:
            yield from references(item, bound)
    elif isinstance(node, MapOf):
        for key, value in node.entries:
            yield from references(key, bound)
            yield from references(value, bound)


def _call(node: Call, bound: frozenset[str]) -> Iterator[Reference]:
    if node.target is not None and not _is_namespace(node.target):
        yield from references(node.target, bound)
    arguments, inner = node.arguments, bound
    if node.target is not None and node.function in BINDING_MACROS:
        names = [a.name for a in arguments[:-1] if isinstance(a, Name)]
        inner = bound | frozenset(names)
        arguments = tuple(a for a in arguments if not (isinstance(a, Name) and a.name in names))
    elif node.function == "bind" and isinstance(arguments[0], Name):
        yield from references(arguments[1], bound)
        inner = bound | {arguments[0].name}
        arguments = arguments[2:]
    for argument in arguments:
        for reference in references(argument, inner):
            optional = reference.optional or node.function == "has"
            yield Reference(reference.root, reference.path, optional)


def _is_namespace(node: Node) -> bool:
    return isinstance(node, Name) and node.name in NAMESPACES


def _chain(node: Node) -> Reference | None:
    """The node as one reference, or None when it is more than field and index access."""
    if isinstance(node, Name):
        return Reference(node.name, ())
    if isinstance(node, Select):
        before = _chain(node.operand)
        if before is None:
            return None
        return Reference(before.root, (*before.path, node.field), before.optional or node.optional)
    if isinstance(node, Index):
        before = _chain(node.operand)
        if before is None:
            return None
        key = node.key
        segment = key.value if isinstance(key, Literal) and isinstance(key.value, str) else ANY_ELEMENT
        return Reference(before.root, (*before.path, segment), before.optional or node.optional)
    return None


def _inside_keys(node: Node, bound: frozenset[str]) -> Iterator[Reference]:
    while isinstance(node, Select | Index):
        if isinstance(node, Index):
            yield from references(node.key, bound)
        node = node.operand
