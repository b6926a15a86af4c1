"""Fields that differ, as paths that a person can follow."""

from __future__ import annotations

from typing import Any

import pytest

from kfaws.generator.diff.fields import ABSENT, changes, shown


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, [("a.b", 1, 2)]),
        ({"a": 1}, {}, [("a", 1, ABSENT)]),
        ({}, {"a": {"b": 1}}, [("a", ABSENT, {"b": 1})]),
        ({"x.io/y": "1"}, {"x.io/y": "2"}, [("[x.io/y]", "1", "2")]),
        ({"a": {"x.io/y": "1"}}, {"a": {"x.io/y": "2"}}, [("a[x.io/y]", "1", "2")]),
        ({"l": ["a", "b"]}, {"l": ["b", "c"]}, [("l[a]", "a", ABSENT), ("l[c]", ABSENT, "c")]),
        ({"l": [1, 2]}, {"l": [1, 3]}, [("l[1]", 2, 3)]),
        (
            {"c": [{"name": "x", "image": "1"}, {"name": "y"}]},
            {"c": [{"name": "x", "image": "2"}, {"name": "y"}]},
            [("c[name=x].image", "1", "2")],
        ),
        ({"t": [{"key": "k", "value": 1}]}, {"t": [{"key": "k", "value": 2}]}, [("t[key=k].value", 1, 2)]),
        ({"r": [{"port": 1}]}, {"r": [{"port": 2}]}, [("r[0].port", 1, 2)]),
        ({"l": [{"name": "x"}, {"name": "x"}]}, {"l": [{"name": "x"}]}, [("l[1]", {"name": "x"}, ABSENT)]),
    ],
)
def test_paths(old: Any, new: Any, expected: list[tuple[str, Any, Any]]) -> None:
    assert [(change.path, change.old, change.new) for change in changes(old, new)] == expected


def test_another_order_is_a_change() -> None:
    """Arguments and init containers are taken in their order."""
    (change,) = changes({"args": ["--a", "--b"]}, {"args": ["--b", "--a"]})
    assert (change.path, change.old, change.new) == ("args[order]", ["--a", "--b"], ["--b", "--a"])
    assert [c.path for c in changes([{"name": "x"}, {"name": "y"}], [{"name": "y"}, {"name": "x"}])] == [
        "[order]"
    ]
    assert [c.path for c in changes({"l": ["a", "b"]}, {"l": ["c", "a", "b"]})] == ["l[c]"]


def test_a_change_as_json_leaves_out_what_is_not_there() -> None:
    (change,) = changes({}, {"a": 1})
    assert change.as_dict() == {"path": "a", "new": 1}


def test_long_values_are_cut() -> None:
    assert shown("x" * 100) == "x" * 77 + "..."
    assert shown("a\n  b") == "a b"
    assert shown(ABSENT) == "(none)"
