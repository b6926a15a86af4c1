"""A CRD's openAPIV3Schema as a closed JSON Schema: what the API server would prune is an error here."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

DROPPED = frozenset({"description", "title", "default", "example", "externalDocs", "format", "id"})
"""Keywords that decide nothing about validity."""
KEPT_AS_THEY_ARE = (
    "enum",
    "pattern",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "multipleOf",
    "minimum",
    "maximum",
    "required",
    "minProperties",
    "maxProperties",
)
COMBINATIONS = ("allOf", "anyOf", "oneOf")


def closed_root(schema: Schema, group: str, version: str, kind: str, metadata: Schema) -> Schema:
    """The schema of whole objects of a kind; `metadata` is the schema of ObjectMeta."""
    root = closed(schema)
    properties = dict(root.get("properties") or {})
    properties["apiVersion"] = {"const": f"{group}/{version}"}
    properties["kind"] = {"const": kind}
    properties["metadata"] = metadata
    properties.setdefault("status", {})
    required = [*dict.fromkeys(["apiVersion", "kind", "metadata", *root.get("required", [])])]
    result = {**root, "type": "object", "properties": properties, "required": required}
    if not _preserves(schema):
        result["additionalProperties"] = False
    return result


def closed(schema: Schema) -> Schema:
    """One structural schema, recursively."""
    result: Schema = {key: schema[key] for key in KEPT_AS_THEY_ARE if key in schema}
    _bounds(schema, result)
    _type(schema, result)
    properties = schema.get("properties")
    if properties:
        result["properties"] = {name: closed(child) for name, child in properties.items()}
    if "items" in schema:
        result["items"] = closed(schema["items"])
    _without_defaulted(schema, result)
    _additional(schema, result)
    if schema.get("x-kubernetes-embedded-resource"):
        _embed(result)
    for combination in COMBINATIONS:
        if combination in schema and not schema.get("x-kubernetes-int-or-string"):
            result[combination] = [_constraint(part) for part in schema[combination]]
    if "not" in schema:
        result["not"] = _constraint(schema["not"])
    return result


def _without_defaulted(schema: Schema, result: Schema) -> None:
    """The API server fills defaults in before it asks for required fields."""
    properties = schema.get("properties") or {}
    required = [name for name in result.pop("required", ()) if "default" not in properties.get(name, {})]
    if required:
        result["required"] = required


def _bounds(schema: Schema, result: Schema) -> None:
    """Draft 4's boolean exclusive bounds, as CRDs use them, become the newer drafts' numbers."""
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if schema.get(exclusive) is True and bound in result:
            result[exclusive] = result.pop(bound)


def _type(schema: Schema, result: Schema) -> None:
    kinds: list[str] = [schema["type"]] if "type" in schema else []
    if schema.get("x-kubernetes-int-or-string"):
        kinds = ["integer", "string"]
    if kinds and schema.get("nullable"):
        kinds.append("null")
        if "enum" in result:
            result["enum"] = [*result["enum"], None]
    if kinds:
        result["type"] = kinds if len(kinds) > 1 else kinds[0]


def _preserves(schema: Schema) -> bool:
    return bool(schema.get("x-kubernetes-preserve-unknown-fields"))


def _additional(schema: Schema, result: Schema) -> None:
    additional = schema.get("additionalProperties")
    if isinstance(additional, dict):
        result["additionalProperties"] = closed(additional)
    elif additional is None and not _preserves(schema) and "properties" in result:
        result["additionalProperties"] = False
    elif additional is None and not _preserves(schema) and schema.get("type") == "object":
        result["additionalProperties"] = bool(schema.get("x-kubernetes-embedded-resource"))


def _embed(result: Schema) -> None:
    properties = result.setdefault("properties", {})
    for name, kind in (("apiVersion", "string"), ("kind", "string"), ("metadata", "object")):
        properties.setdefault(name, {"type": kind})


def _constraint(schema: Schema) -> Schema:
    """A part of anyOf, oneOf, allOf or not: it constrains values and declares no fields."""
    result: Schema = {key: value for key, value in schema.items() if key not in DROPPED}
    result.pop("exclusiveMinimum", None)
    result.pop("exclusiveMaximum", None)
    _bounds(schema, result)
    for key in list(result):
        if key.startswith("x-kubernetes"):
            del result[key]
    result.pop("nullable", None)
    if "properties" in result:
        result["properties"] = {name: _constraint(child) for name, child in result["properties"].items()}
    for nested in ("items", "not", "additionalProperties"):
        if isinstance(result.get(nested), dict):
            result[nested] = _constraint(result[nested])
    for combination in COMBINATIONS:
        if combination in result:
            result[combination] = [_constraint(part) for part in result[combination]]
    return result
