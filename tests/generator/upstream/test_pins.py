"""Our pins, and the refs that the template writes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from kfaws.generator.errors import KfawsError
from kfaws.generator.upstream.mirror import Mirror
from kfaws.generator.upstream.pins import pins
from tests.conftest import PROJECT
from tests.generator.conftest import Pinner

BASE = r"#\{ git_base \}#/(?P<repository>[\w.-]+/[\w.-]+?)"
REFERENCE = re.compile(BASE + r"(?:\.git)?//[^\n]*\?ref=(?P<ref>[^\s\"']+)")
SOURCE = re.compile(BASE + r"\.git\n\s+targetRevision: (?P<ref>\S+)")


def references() -> Iterator[tuple[str, str]]:
    for file in (PROJECT / "template").rglob("*"):
        if file.is_file():
            text = file.read_text()
            for pattern in (REFERENCE, SOURCE):
                yield from ((found["repository"], found["ref"]) for found in pattern.finditer(text))


def test_every_ref_of_the_template_is_pinned() -> None:
    found = set(references())
    assert ("aws-controllers-k8s/rds-controller", "v1.11.1") in found
    assert ("kubernetes-sigs/kro", "v0.9.4") in found
    assert found <= set(pins())


def test_every_pin_can_be_held_to_something() -> None:
    for pin in pins().values():
        assert pin.commit or pin.trees
        assert not pin.module or pin.trees, f"{pin.repository}: say which folders the module serves"
        assert re.fullmatch(r"[0-9a-f]{12}|tree-[0-9a-f]{12}", pin.identity)


def test_the_mirror_has_the_pinned_commits(mirror: Mirror) -> None:
    assert {key: entry.commit for key, entry in mirror.entries.items() if key in pins()} == {
        key: pin.commit for key, pin in pins().items() if key in mirror.entries
    }


def test_a_pin_that_pins_nothing(pin: Pinner) -> None:
    pin([{"repository": "a/b", "ref": "v1"}])
    with pytest.raises(KfawsError, match="a/b v1 has neither commit nor trees: add one"):
        pins()
