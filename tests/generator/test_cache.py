"""Files and folders that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kfaws.generator.cache import cache_home, remove_leftovers, whole_folder, write_whole


def test_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_home() == tmp_path / "kubeflow-aws-gitops"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_home() == tmp_path / "home" / ".cache" / "kubeflow-aws-gitops"


def test_a_file(tmp_path: Path) -> None:
    write_whole(tmp_path / "deep" / "file", b"one")
    write_whole(tmp_path / "deep" / "file", b"two", executable=True)
    assert (tmp_path / "deep" / "file").read_bytes() == b"two"
    assert (tmp_path / "deep" / "file").stat().st_mode & 0o777 == 0o755
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["file"]


def test_a_file_that_cannot_be_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    write_whole(tmp_path / "file", b"old")
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(tmp_path / "file", b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"file": b"old"}


def test_a_folder_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    for text in ("one", "two"):
        with whole_folder(tmp_path / "target") as partial:
            (partial / text).touch()
    assert [path.name for path in (tmp_path / "target").iterdir()] == ["two"]
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, OSError, ValueError])
def test_a_folder_that_is_not_finished(tmp_path: Path, interruption: type[BaseException]) -> None:
    def interrupted() -> None:
        with whole_folder(tmp_path / "target") as partial:
            (partial / "half").touch()
            raise interruption

    with pytest.raises(interruption):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_of_two_that_make_the_same_folder_one_wins(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "target") as slow:
        (slow / "content").touch()
        with whole_folder(tmp_path / "target") as fast:
            (fast / "content").touch()
    assert [path.name for path in (tmp_path / "target").iterdir()] == ["content"]
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    script = (
        "import pathlib, sys; from kfaws.generator.cache import whole_folder\n"
        "with whole_folder(pathlib.Path(sys.argv[1])) as partial:\n"
        "    (partial / 'half').touch(); print(partial, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "target")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        partial = Path(other.stdout.readline().strip())
        remove_leftovers(tmp_path)
        assert [path.name for path in partial.iterdir()] == ["half"]

        os.kill(other.pid, signal.SIGKILL)
        other.wait()
        assert partial.is_dir()

        remove_leftovers(tmp_path)
        assert list(tmp_path.iterdir()) == []


def test_only_leftovers_are_removed(tmp_path: Path) -> None:
    (tmp_path / "finished").mkdir()
    write_whole(tmp_path / ".partial-file", b"another run writes it")
    remove_leftovers(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"finished", ".partial-file"}
    remove_leftovers(tmp_path / "nowhere")
