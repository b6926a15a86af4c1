"""kro's SimpleSchema becomes the schema that kro makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from kfaws.generator.check.schemas.simple import SimpleSchemaError, open_api, with_defaults


@pytest.mark.parametrize(
    ("field", "schema"),
    [
        ("string", {"type": "string"}),
        ("float | minimum=0.5", {"type": "number", "minimum": 0.5}),
        ('integer | default=20 minimum=1 description="GiB, at least 1"', None),
        ('string | enum="a, b"', {"type": "string", "enum": ["a", "b"]}),
        ("[]string | minItems=2", {"type": "array", "items": {"type": "string"}, "minItems": 2}),
        ("map[string]integer", {"type": "object", "additionalProperties": {"type": "integer"}}),
        ("object", {"type": "object", "x-kubernetes-preserve-unknown-fields": True}),
        (
            '[]string | default=["a","b"]',
            {"type": "array", "items": {"type": "string"}, "default": ["a", "b"]},
        ),
        (r'string | pattern="^[a-z]+\\.x$"', {"type": "string", "pattern": r"^[a-z]+\.x$"}),
        ("boolean | default=true", {"type": "boolean", "default": True}),
    ],
)
def test_a_field(field: str, schema: dict[str, Any] | None) -> None:
    found = open_api({"x": field})["properties"]["x"]
    if schema is None:
        schema = {"type": "integer", "default": 20, "minimum": 1, "description": "GiB, at least 1"}
    assert found == schema


def test_required_fields_custom_types_and_defaults_of_objects() -> None:
    types = {"Team": {"name": "string | required=true", "size": "integer | default=1"}}
    schema = open_api({"team": "Team", "more": {"on": "boolean | default=false"}}, types)
    assert schema["properties"]["team"]["required"] == ["name"]
    assert schema["properties"]["more"]["default"] == {}
    filled = with_defaults({"team": {"name": "a"}}, schema)
    assert filled == {"team": {"name": "a", "size": 1}, "more": {"on": False}}


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("strng", "unknown type 'strng'"),
        ("string | requird=true", "unknown marker 'requird'"),
        ("integer | default=many", "'many' is no integer"),
        ("string | nothing", "is not `marker=value`"),
        (7, "must be a type"),
    ],
)
def test_what_kro_refuses(field: object, message: str) -> None:
    with pytest.raises(SimpleSchemaError, match=message):
        open_api({"x": field})


def test_a_type_that_contains_itself() -> None:
    with pytest.raises(SimpleSchemaError, match="contains itself"):
        open_api({"x": "A"}, {"A": {"b": "A"}})
