"""Fields of schemas by path, and the paths that definitions use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kfaws.generator.check.cel.references import ANY_ELEMENT, references
from kfaws.generator.check.cel.template import strings
from kfaws.generator.check.rules.definition import parsed
from kfaws.generator.model import Object

Schema = Mapping[str, Any]
ENTRY, VALUE = "[]", "{}"
"""Path segments for the entries of a list, and for the values of a map with free keys."""


def schema_of(crd: Object) -> Schema:
    """The schema of the stored version of a kind."""
    [stored] = [version for version in crd["spec"]["versions"] if version["storage"]]
    schema: Schema = stored["schema"]["openAPIV3Schema"]
    return schema


def types(schema: Schema, path: str = "") -> dict[str, str]:
    """The type of each field below a schema, by path."""
    found = {path: str(schema.get("type"))}
    for name, child in (schema.get("properties") or {}).items():
        found |= types(child, f"{path}.{name}".lstrip("."))
    if "items" in schema:
        found |= types(schema["items"], path + ENTRY)
    if isinstance(schema.get("additionalProperties"), dict):
        found |= types(schema["additionalProperties"], path + VALUE)
    return found


def type_at(schema: Schema, path: tuple[str, ...]) -> str | None:
    """The type at a path, where free keys of maps and any index are segments too; None: no such field."""
    for segment in path:
        properties = schema.get("properties") or {}
        if segment in properties:
            schema = properties[segment]
        elif segment == ANY_ELEMENT and "items" in schema:
            schema = schema["items"]
        elif isinstance(schema.get("additionalProperties"), dict):
            schema = schema["additionalProperties"]
        else:
            return None
    return str(schema.get("type"))


def written(template: Object) -> Iterator[tuple[str, ...]]:
    """Paths of all fields that a template sets, below its metadata."""
    yield from _below({name: value for name, value in template.items() if name in ("spec", "status")}, ())


def _below(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if path:
        yield path
    if isinstance(value, dict):
        for name, child in value.items():
            yield from _below(child, (*path, name))
    elif isinstance(value, list):
        for child in value:
            yield from _below(child, (*path, ANY_ELEMENT))


def read(definition: Object, resource: str) -> Iterator[tuple[str, ...]]:
    """Paths of one resource that the expressions of its definition read."""
    for _, text in strings(definition["spec"]):
        for tree in parsed(text):
            for reference in references(tree):
                if reference.root == resource and reference.path[:1] in (("spec",), ("status",)):
                    yield reference.path
