"""Where a program comes from."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from kfaws.cli import run_reporting_errors
from kfaws.generator.errors import KfawsError
from kfaws.generator.progress import Reporter
from kfaws.harness.tools import MARIADB, Programs, Tool, all_tools, programs
from kfaws.harness.tools.catalog import TOOLCHAIN, modules, tool_of

HELLO = 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("hello") }\n'


class Lines(Reporter):
    """A reporter that keeps what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


@pytest.fixture
def said() -> Lines:
    return Lines()


@pytest.fixture(autouse=True)
def _an_empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in [name for name in os.environ if name.startswith("KFAWS_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def hello(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In place of all modules one whose program, under both of its names, says hello."""
    if shutil.which("go") is None:
        pytest.skip("go is missing: nothing can be built")
    module = tmp_path / "modules" / "hello"
    module.mkdir(parents=True)
    (module / "main.go").write_text(HELLO)
    tool = Tool("hello", "example.com/hello", ".", ("hello", "bonjour"), 1)
    monkeypatch.setattr("kfaws.harness.tools.catalog.modules", lambda: tmp_path / "modules")
    monkeypatch.setattr("kfaws.harness.tools.catalog.all_tools", lambda: {"hello": tool})
    # What Go compiled before may be used: only our own cache is empty.
    monkeypatch.setenv("GOCACHE", str(Path.home() / ".cache" / "go-build"))
    # Its own toolchain: this test needs no network.
    monkeypatch.setitem(programs.BUILD, "GOTOOLCHAIN", "local")
    monkeypatch.setenv("GOPROXY", "off")
    (module / "go.mod").write_text("module programs/hello\n\ngo 1.21\n")
    monkeypatch.setattr(Tool, "version", "v1.2.3")
    return module


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


def test_without_go_the_remedy_is_named(said: Lines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(KfawsError, match=r"there is no Go: install Go 1\.21 or newer"):
        Programs(said).path("etcd")


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
