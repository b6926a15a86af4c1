"""YAML as the Kubernetes tools read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kfaws.generator.errors import KfawsError
from kfaws.generator.manifests import dump, parse, parse_built
from kfaws.generator.model import Object
from kfaws.generator.programs import kubectl
from kfaws.generator.run import run

SCALARS = """
apiVersion: v1
kind: Thing
metadata: {name: x}
spec:
  a: yes
  b: 0777
  c: 1e3
  d: 2020-01-01
  e: 0x1F
  f: 1_000
  g: 12:30:45
  h: ~
  j: 0o17
  k: .5
  l: 1.
  m: +5
  o: on
  q: !!str 5
  r: "yes"
  s: 0b11
  u: &u {<<: {a: 1}, b: 2}
  v: 1e+06
  w: 0.10
  x: -08
  80: port
  true: key
  z: *u
"""


def as_kubectl_reads(file: Path) -> Object:
    """What kubectl makes of a file; labelling is what it does without a cluster."""
    label = ["label", "--local", "--filename", str(file), "a=b", "--output", "json"]
    [read] = parse(run([kubectl().path, *label]).stdout.decode(), "kubectl")
    return read


def test_scalars_are_those_of_kubectl(tmp_path: Path) -> None:
    (tmp_path / "thing.yaml").write_text(SCALARS)
    [ours], theirs = parse(SCALARS, "here"), as_kubectl_reads(tmp_path / "thing.yaml")
    assert ours["spec"] == theirs["spec"]
    assert ours["spec"]["a"] is True
    assert ours["spec"]["d"] == "2020-01-01"


def test_what_is_written_is_read_back_by_kubectl(tmp_path: Path) -> None:
    words = [
        "yes",
        "n",
        "0777",
        "1e3",
        "2020-01-01",
        "0x1F",
        "1_000",
        "12:30",
        "~",
        "",
        "=",
        "0o7",
        ".5",
        "on",
    ]
    written = dump([{"apiVersion": "v1", "kind": "Thing", "metadata": {"name": "x"}, "words": words}])
    (tmp_path / "thing.yaml").write_text(written)
    assert as_kubectl_reads(tmp_path / "thing.yaml")["words"] == words
    assert parse(written, "here")[0]["words"] == words


def test_documents_and_lists() -> None:
    text = """
# nothing
---
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: A}
  - {apiVersion: v1, kind: BList, items: [{apiVersion: v1, kind: B}]}
---
---
{}
---
{apiVersion: v1, kind: C}
"""
    assert [item["kind"] for item in parse(text, "here")] == ["A", "B", "C"]
    assert parse_built(text, "here") == parse(text, "here")


@pytest.mark.parametrize("read", [parse, parse_built])
@pytest.mark.parametrize(
    ("text", "complaint"),
    [("a: [", "here is not valid YAML"), ("a: 1", "needs apiVersion and kind"), ("- 1", "needs apiVersion")],
)
def test_what_is_no_object(read: object, text: str, complaint: str) -> None:
    assert callable(read)
    with pytest.raises(KfawsError, match=complaint):
        read(text, "here")
