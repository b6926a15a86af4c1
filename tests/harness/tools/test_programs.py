"""Where a program comes from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kfaws.cli import run_reporting_errors
from kfaws.generator.errors import KfawsError
from kfaws.harness.tools import MARIADB, Programs, Tool, all_tools, programs
from kfaws.harness.tools.catalog import TOOLCHAIN, modules, tool_of
from tests.harness.tools.conftest import HELLO, Lines


def program(path: Path) -> Path:
    """A file that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_first_that_has_it_gives_it(tmp_path: Path, said: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    places = {name: program(tmp_path / name / "etcd") for name in ("cache", "folder", "variable", "override")}
    tool = tool_of("etcd")
    cached = tmp_path / "cache" / "kubeflow-aws-gitops" / "programs"
    assert Programs(said).find("etcd") is None
    places["cached"] = program(cached / f"{tool.name}-{tool.version}-{tool.key}" / "etcd")
    assert Programs(said).find("etcd") == places["cached"]
    monkeypatch.setenv("KFAWS_PROGRAMS", str(tmp_path / "folder"))
    assert Programs(said).find("etcd") == places["folder"]
    monkeypatch.setenv("KFAWS_ETCD", str(places["variable"]))
    assert Programs(said).find("etcd") == places["variable"]
    assert Programs(said, {"etcd": places["override"]}).find("etcd") == places["override"]


def test_what_the_user_gave_and_is_no_program_is_named(
    tmp_path: Path, said: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KFAWS_KUBE_APISERVER", str(tmp_path))

    with pytest.raises(KfawsError, match="KFAWS_KUBE_APISERVER says that kube-apiserver is"):
        Programs(said).find("kube-apiserver")


def test_an_unknown_program_is_refused(said: Lines) -> None:
    with pytest.raises(KfawsError, match="no program ectd: choose of etcd, kube-apiserver"):
        Programs(said, {"ectd": Path("/bin/true")})


def test_what_is_missing_is_built_once(hello: Path, said: Lines) -> None:
    first = Programs(said).path("bonjour")
    again = Programs(said).path("hello")

    assert first.parent == again.parent
    assert [line for line in said.lines if line.startswith("building")] == [
        "building hello v1.2.3 (1 of 1; up to 1 s left, less where Go has compiled parts before)"
    ]


def test_another_source_is_another_program(hello: Path, said: Lines) -> None:
    before = Programs(said).path("hello")
    (hello / "main.go").write_text(HELLO.replace("hello", "hullo"))

    assert Programs(said).path("hello") != before


def test_a_build_that_fails_leaves_nothing(hello: Path, said: Lines, tmp_path: Path) -> None:
    (hello / "main.go").write_text("package main\n\nfunc main() { nonsense }\n")

    with pytest.raises(KfawsError, match=r"(?s)hello cannot be built.*undefined: nonsense"):
        Programs(said).path("hello")

    assert list((tmp_path / "cache" / "kubeflow-aws-gitops" / "programs").iterdir()) == []


def test_leftovers_of_a_killed_build_are_removed(hello: Path, said: Lines, tmp_path: Path) -> None:
    cached = tmp_path / "cache" / "kubeflow-aws-gitops" / "programs"
    (cached / ".partial-killed").mkdir(parents=True)

    path = Programs(said).path("hello")

    assert list(cached.iterdir()) == [path.parent]


@pytest.mark.parametrize("tool", all_tools().values(), ids=lambda tool: tool.name)
def test_every_module_pins_its_version_and_checksums(tool: Tool) -> None:
    assert tool.version.startswith("v")
    assert (tool.folder / "go.sum").stat().st_size > 0
    assert f"go {TOOLCHAIN[2:].rpartition('.')[0]}" in (tool.folder / "go.mod").read_text()


def test_every_module_is_in_the_catalog() -> None:
    assert {folder.name for folder in modules().iterdir() if folder.is_dir()} == set(all_tools())


def test_the_list_says_what_is_not_built(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_reporting_errors(["tools", "kubernetes", "--list", "--json"], debug=False) == 0

    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == list(tool_of("kubernetes").provides)
    assert {row["path"] for row in rows} == {""}


def test_what_nobody_builds_is_the_users_own_or_the_machines(
    said: Lines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere, here = tmp_path / "nowhere", tmp_path / "here"
    here.mkdir()
    monkeypatch.setenv("PATH", str(nowhere))
    monkeypatch.setattr(programs, "ADMINISTRATORS", str(here))
    assert Programs(said).installed(MARIADB) is None
    machines, mine = here / MARIADB, tmp_path / "mine"
    for file in (machines, mine):
        file.touch(mode=0o755)
    assert Programs(said).installed(MARIADB) == machines
    assert Programs(said, {MARIADB: mine}).installed(MARIADB) == mine
    with pytest.raises(KfawsError, match="--component mariadbd= says"):
        Programs(said, {MARIADB: nowhere}).installed(MARIADB)
