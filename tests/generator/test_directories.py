"""Folders of manifests, as Argo CD reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kfaws.generator.directories import matches, read
from kfaws.generator.errors import KfawsError
from tests.generator.samples import write

FILES = {
    "b.yaml": "{apiVersion: v1, kind: B}",
    "a.yml": "{apiVersion: v1, kind: A}",
    "c.json": '{"apiVersion": "v1", "kind": "C"}',
    "skipped.yaml": "# +argocd:skip-file-rendering\n{no: object}",
    "README.md": "text",
    "deep/d.yaml": "{apiVersion: v1, kind: D}",
    "deep/er/e.yaml": "{apiVersion: v1, kind: E}",
}


@pytest.mark.parametrize(
    ("options", "kinds"),
    [
        ({}, "ABC"),
        ({"recurse": True}, "ABCDE"),
        ({"recurse": True, "exclude": "deep/*"}, "ABC"),
        ({"recurse": True, "include": "*.yaml"}, "BDE"),
        ({"include": "{a.yml,c.json}"}, "AC"),
        ({"exclude": "{a,b}.y*ml"}, "C"),
    ],
)
def test_which_files(tmp_path: Path, options: dict[str, Any], kinds: str) -> None:
    write(tmp_path, FILES)
    assert [item["kind"] for item in read(tmp_path, options)] == list(kinds)


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("*", "deep/d.yaml", True),
        ("?.yaml", "d.yaml", True),
        ("?.yaml", "dd.yaml", False),
        ("[ab].yaml", "b.yaml", True),
        ("[!ab].yaml", "b.yaml", False),
        (r"\*.yaml", "x.yaml", False),
        (r"\*.yaml", "*.yaml", True),
        ("{x,y/{1,2}}.yaml", "y/2.yaml", True),
        ("a+b.yaml", "aab.yaml", False),
    ],
)
def test_globs(pattern: str, name: str, expected: bool) -> None:
    assert matches(pattern, name) is expected


def test_jsonnet_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"a.jsonnet": "{}"})
    with pytest.raises(KfawsError, match="jsonnet is not supported here"):
        read(tmp_path, {})
