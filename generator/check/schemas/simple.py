"""kro's SimpleSchema: `string | required=true default="x"` as an OpenAPI schema, by kro v0.9's own rules."""

from __future__ import annotations

import json
import re
from typing import Any

from kfaws.generator.errors import KfawsError

Schema = dict[str, Any]
ATOMIC = {"string": "string", "integer": "integer", "boolean": "boolean", "float": "number"}
MARKER = re.compile(
    r"""\s*(?P<key>\w+)=(?P<value>"(?:[^"\\]|\\.)*"|\{[^}]*\}|\[[^\]]*\]|[^\s"]*)(?=\s|$)""", re.DOTALL
)
NUMBERS = frozenset({"minimum", "maximum"})
COUNTS = frozenset({"minLength", "maxLength", "minItems", "maxItems"})
WITHOUT_EFFECT_HERE = frozenset({"immutable", "listType", "listMapKey"})
"""Markers that only matter to an update, or to how lists merge."""


class SimpleSchemaError(KfawsError):
    """A field that is not SimpleSchema; kro refuses the definition."""


def open_api(fields: Schema, types: Schema | None = None) -> Schema:
    """The OpenAPI schema of an object with these fields; `types` are the definition's custom types."""
    return _Transformer(types or {}).struct(fields)


class _Transformer:
    def __init__(self, types: Schema) -> None:
        self.types = types
        self.resolving: list[str] = []

    def struct(self, fields: Schema) -> Schema:
        schema: Schema = {"type": "object", "properties": {}}
        required: list[str] = []
        for name, specification in fields.items():
            if isinstance(specification, dict):
                schema["properties"][name] = self.struct(specification)
            elif isinstance(specification, str):
                schema["properties"][name] = self.field(name, specification, required)
            else:
                raise SimpleSchemaError(
                    f"field {name} is {specification!r}: it must be a type, or a map of fields"
                )
        if required:
            schema["required"] = sorted(required)
        elif any("default" in child for child in schema["properties"].values()):
            schema["default"] = {}
        return schema

    def field(self, name: str, text: str, required: list[str]) -> Schema:
        declared, _, markers = text.partition("|")
        schema = dict(self.type(declared.strip(), name, required))
        for key, value in _markers(markers, name):
            if key == "required":
                if value.lower() in ("true", "1", "t"):
                    required.append(name)
            else:
                _mark(schema, key, value, name)
        return schema

    def type(self, declared: str, name: str, required: list[str]) -> Schema:
        if declared in ATOMIC:
            return {"type": ATOMIC[declared]}
        if declared == "object":
            return {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        if declared.startswith("[]"):
            return {"type": "array", "items": self.type(declared[2:].strip(), name, [])}
        if declared.startswith("map[string]"):
            value = self.type(declared.removeprefix("map[string]").strip(), name, [])
            return {"type": "object", "additionalProperties": value}
        return self.custom(declared, name, required)

    def custom(self, declared: str, name: str, required: list[str]) -> Schema:
        if declared not in self.types:
            known = ", ".join([*ATOMIC, "object", *self.types])
            raise SimpleSchemaError(f"field {name} has the unknown type {declared!r} (known: {known})")
        if declared in self.resolving:
            raise SimpleSchemaError(f"type {declared} contains itself")
        self.resolving.append(declared)
        specification = self.types[declared]
        if isinstance(specification, dict):
            schema = self.struct(specification)
        else:
            schema = self.field(name, specification, required)
        self.resolving.pop()
        return schema


def _markers(text: str, name: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    position = 0
    text = text.rstrip()
    while position < len(text):
        match = MARKER.match(text, position)
        if match is None:
            raise SimpleSchemaError(f"field {name}: {text[position:].strip()!r} is not `marker=value`")
        value = match["value"]
        if value.startswith('"'):
            value = re.sub(r'\\(["\\])', r"\1", value[1:-1])
        found.append((match["key"], value))
        position = match.end()
    return found


def _mark(schema: Schema, key: str, value: str, name: str) -> None:
    kind = schema.get("type", "object")
    if key == "default":
        schema["default"] = _typed(value, kind, name)
    elif key == "enum":
        schema["enum"] = [_typed(part.strip(), kind, name) for part in value.split(",")]
    elif key in NUMBERS:
        schema[key] = _typed(value, "number", name)
    elif key in COUNTS:
        schema[key] = _typed(value, "integer", name)
    elif key == "uniqueItems":
        schema["uniqueItems"] = value == "true"
    elif key in ("pattern", "description"):
        schema[key] = value
    elif key == "validation":
        schema.setdefault("x-kubernetes-validations", []).append({"rule": value})
    elif key not in WITHOUT_EFFECT_HERE:
        raise SimpleSchemaError(f"field {name}: unknown marker {key!r}")


def _typed(value: str, kind: str, name: str) -> Any:
    if kind == "string":
        return value
    try:
        known = json.loads(value.lower() if kind == "boolean" else value)
    except json.JSONDecodeError as broken:
        raise SimpleSchemaError(f"field {name}: {value!r} is no {kind}") from broken
    fits = {
        "integer": isinstance(known, int) and not isinstance(known, bool),
        "number": isinstance(known, int | float) and not isinstance(known, bool),
        "boolean": isinstance(known, bool),
    }
    if not fits.get(kind, True):
        raise SimpleSchemaError(f"field {name}: {value!r} is no {kind}")
    return known


def with_defaults(value: Any, schema: Schema) -> Any:
    """A value with the defaults that the API server would fill in."""
    if isinstance(value, list):
        return [with_defaults(item, schema.get("items") or {}) for item in value]
    if not isinstance(value, dict):
        return value
    filled = dict(value)
    for name, child in (schema.get("properties") or {}).items():
        if name not in filled and "default" in child:
            filled[name] = child["default"]
        if name in filled:
            filled[name] = with_defaults(filled[name], child)
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        for name in filled.keys() - (schema.get("properties") or {}).keys():
            filled[name] = with_defaults(filled[name], extra)
    return filled
