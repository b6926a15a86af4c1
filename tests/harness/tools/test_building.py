"""What the user's own settings do to a build, and a disk that is full."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kfaws.generator.errors import KfawsError
from kfaws.generator.run import run
from kfaws.harness.tools import Programs
from tests.harness.tools.conftest import HELLO, Lines, script


def test_a_vendor_folder_asked_for_is_not_needed(
    hello: Path, said: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOFLAGS", "-mod=vendor")
    (hello / "vendor").mkdir()

    assert Programs(said).path("hello").is_file()


def test_a_workspace_around_does_not_matter(hello: Path, said: Lines) -> None:
    (hello.parent / "go.work").write_text("go 1.21\n")

    assert Programs(said).path("hello").is_file()


def test_goflags_are_kept(hello: Path, said: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOFLAGS", "-tags=polite")
    (hello / "main.go").write_text("//go:build !polite\n\n" + HELLO)
    (hello / "polite.go").write_text("//go:build polite\n\n" + HELLO.replace('"hello"', '"good day"'))

    assert run([Programs(said).path("hello")]).stdout == b"good day\n"


def test_goflags_that_break_it_are_named(hello: Path, said: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOFLAGS", "-race")

    with pytest.raises(KfawsError, match=r"hello cannot be built .*your GOFLAGS are in force: -race\): "):
        Programs(said).path("hello")


def test_goflags_that_build_nothing_are_named(
    hello: Path, said: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOFLAGS", "-n")

    with pytest.raises(KfawsError, match="Go built no hello; your GOFLAGS are in force: -n"):
        Programs(said).path("hello")


def test_a_full_disk_is_named_with_what_fills_it(
    hello: Path, said: Lines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(
        tmp_path / "bin" / "go",
        f'[ "$1" = env ] && {{ echo {tmp_path}/$2; exit; }}',
        "echo 'link: mapping output file failed: no space left on device' >&2; exit 1",
    )
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")

    with pytest.raises(KfawsError) as caught:
        Programs(said).path("hello")

    line = str(caught.value)
    assert line.startswith("hello cannot be built: the disk is full: free some gigabytes")
    for variable in ("GOCACHE", "GOMODCACHE"):
        assert f"{variable} {tmp_path}/{variable} (" in line
    assert "TMPDIR " in line
