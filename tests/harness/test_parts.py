"""The table of parts, held against what there is."""

from __future__ import annotations

from kfaws.harness.parts import TABLE, embedded_parts
from kfaws.harness.stack import PROGRAMS

CALLED = {"kustomize"}
"""Programs that the repo-server calls: no part of its own."""


def test_everything_that_runs_is_in_the_table_once() -> None:
    folders = (TABLE.parent / "standins").iterdir()
    standins = {folder.name.replace("_", "-") for folder in folders if (folder / "__main__.py").is_file()}
    names = [part.name for part in embedded_parts()]
    assert standins
    assert len(names) == len(set(names))
    assert set(names) == {*PROGRAMS, *standins, "redis"} - CALLED


def test_what_stands_in_is_not_called_real() -> None:
    real = {part.name for part in embedded_parts() if part.real}
    assert real == {*PROGRAMS, "redis"} - CALLED - {"kwok"}


def test_real_parts_have_a_version_but_the_one_of_the_machine() -> None:
    for part in embedded_parts():
        if part.real and part.name != "redis":
            assert ", v" in part.what, part
