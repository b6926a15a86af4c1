"""The table of parts, held against what there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from kfaws.harness.parts import TABLE, embedded_parts
from kfaws.harness.stack import PROGRAMS
from kfaws.harness.tools import MARIADB

CALLED = {"kustomize"}
"""Programs that the repo-server calls: no part of its own."""


def test_everything_that_runs_is_in_the_table_once() -> None:
    folders = (TABLE.parent / "standins").iterdir()
    standins = {folder.name.replace("_", "-") for folder in folders if (folder / "__main__.py").is_file()}
    names = [part.name for part in embedded_parts({})]
    assert standins
    assert len(names) == len(set(names))
    assert set(names) == {*PROGRAMS, *standins, "redis", MARIADB} - CALLED


def test_what_stands_in_is_not_called_real() -> None:
    real = {part.name for part in embedded_parts({}) if part.real}
    assert real == {*PROGRAMS, "redis"} - CALLED - {"kwok"}


def test_real_parts_have_a_version_but_the_one_of_the_machine() -> None:
    for part in embedded_parts({}):
        if part.real and part.name != "redis":
            assert ", v" in part.what, part


def test_a_machine_without_a_database_server_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def said(components: dict[str, Path]) -> str:
        (part,) = [part for part in embedded_parts(components) if part.name == MARIADB]
        return part.what

    monkeypatch.setattr("kfaws.harness.tools.programs.ADMINISTRATORS", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("KFAWS_MARIADBD", raising=False)
    monkeypatch.delenv("KFAWS_PROGRAMS", raising=False)
    assert "nothing is behind RDS's endpoints" in said({})
    mine = tmp_path / "mine"
    mine.touch(mode=0o755)
    assert said({MARIADB: mine}).startswith("MariaDB")
