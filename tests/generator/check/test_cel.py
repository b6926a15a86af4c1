"""CEL as kro uses it: syntax, references and values."""

from __future__ import annotations

from typing import Any

import pytest

from kfaws.generator.check.cel.evaluate import ABSENT, UNKNOWN, evaluate, substitute
from kfaws.generator.check.cel.references import references
from kfaws.generator.check.cel.syntax import CelError, parse
from kfaws.generator.check.cel.template import expressions, is_expression

VALUES = {"schema": {"spec": {"name": "kf", "size": 20, "on": True, "list": ["a", "b"]}}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("schema.spec.name", "kf"),
        ("schema.spec.size + 5 * 2", 30),
        ("schema.spec.size > 10 && !(schema.spec.name == 'x')", True),
        ("schema.spec.on ? 'a' : 'b'", "a"),
        ("schema.spec.?missing.orValue('none')", "none"),
        ("has(schema.spec.missing) || schema.spec.on", True),
        ("schema.spec.list.map(x, x + '-1')", ["a-1", "b-1"]),
        ("schema.spec.list.filter(x, x != 'a')[0]", "b"),
        ("'a,b'.split(',')", ["a", "b"]),
        ("{'a': 1}.merge({'b': 2})", {"a": 1, "b": 2}),
        ("size(schema.spec.list) in [2, 3]", True),
        ("string(schema.spec.size)", "20"),
        (r'"quoted \"text\""', 'quoted "text"'),
        ("false && database.status.ready", False),
    ],
)
def test_value_of_what_is_known(text: str, value: Any) -> None:
    assert evaluate(parse(text), VALUES) == value


@pytest.mark.parametrize(
    "text",
    ["database.status.endpoint.address", "'host-' + database.status.id", "schema.spec.size + 'x'", "f(1)"],
)
def test_what_only_the_cluster_knows_is_unknown(text: str) -> None:
    assert evaluate(parse(text), VALUES) is UNKNOWN


@pytest.mark.parametrize("text", ["a.", "a b", "(a", "{'a' 1}", "a ? b", "'open", "a.b(", "§"])
def test_what_is_no_cel_says_so(text: str) -> None:
    with pytest.raises(CelError, match="is not CEL"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("database.status.endpoint.address", ["database.status.endpoint.address"]),
        ("a.list[0].name + b.x['key']", ["a.list[].name", "b.x.key"]),
        (
            "zone.status.records.filter(r, r.type == schema.spec.type)",
            ["zone.status.records", "schema.spec.type"],
        ),
        ("cel.bind(x, a.b, x + c.d)", ["a.b", "c.d"]),
        ("base64.encode(bytes(a.b))", ["a.b"]),
    ],
)
def test_references_are_what_an_expression_reads(text: str, names: list[str]) -> None:
    assert [str(reference) for reference in references(parse(text))] == names


def test_an_optional_path_is_marked() -> None:
    assert all(found.optional for found in references(parse("a.?b.c")))
    assert all(found.optional for found in references(parse("has(a.b)")))


@pytest.mark.parametrize(
    ("string", "found"),
    [
        ("a ${b} c ${d}", ["b", "d"]),
        ('${{"a": {"b": 1}}}', ['{"a": {"b": 1}}']),
        ('${"}" + a}', ['"}" + a']),
        ("plain", []),
    ],
)
def test_expressions_end_where_kro_ends_them(string: str, found: list[str]) -> None:
    assert [entry.text for entry in expressions(string)] == found


def test_an_expression_that_never_ends_says_so() -> None:
    with pytest.raises(CelError, match="never closes"):
        expressions("${a")


def test_a_whole_expression_keeps_its_type_and_a_part_becomes_text() -> None:
    assert substitute("${schema.spec.size}", VALUES) == 20
    assert substitute("${schema.spec.on}-${schema.spec.name}", VALUES) == "true-kf"
    assert substitute("x-${database.status.id}", VALUES) == "x-${database.status.id}"
    assert substitute("${omit()}", VALUES) is ABSENT
    assert is_expression("${a}")
    assert not is_expression("${a}-x")
