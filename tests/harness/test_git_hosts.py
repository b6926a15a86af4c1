"""Snapshots of a folder, and git hosts that serve them under their own names."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kfaws.generator.run import ProgramError, run
from kfaws.harness.certificates import self_signed
from kfaws.harness.git import Snapshots, instead_of
from kfaws.harness.ports import free_port
from kfaws.harness.process import Command, Process, accepts

HOST = "git.example.com"
REPOSITORY = f"https://{HOST}/teams/platform.git"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one file."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text("one\n")
    return folder


@pytest.fixture
def snapshots(tmp_path: Path) -> Snapshots:
    return Snapshots(tmp_path / "hosts" / HOST / "teams" / "platform.git", "main")


@pytest.fixture
def git(snapshots: Snapshots, folder: Path, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment in which git reaches the host through the proxy alone."""
    snapshots.take(folder)
    port, certificate = free_port(), tmp_path / "host.pem"
    (tmp_path / "authority.pem").write_bytes(self_signed([HOST], certificate))
    module = [sys.executable, "-m", "kfaws.harness.standins.git_hosts", "--port", str(port)]
    options: list[str | Path] = ["--root", tmp_path / "hosts", "--certificate", certificate]
    process = Process(Command("git-hosts", [*module, *options], lambda: accepts(port)), tmp_path)
    process.start()
    try:
        process.wait_ready()
        yield {
            **os.environ,
            "HTTPS_PROXY": f"http://127.0.0.1:{port}",
            "GIT_SSL_CAINFO": str(tmp_path / "authority.pem"),
        }
    finally:
        process.stop()


def test_a_snapshot_has_changes_that_nobody_committed(
    snapshots: Snapshots, folder: Path, tmp_path: Path
) -> None:
    first = snapshots.take(folder)
    (folder / "a.txt").write_text("two\n")

    second = snapshots.take(folder)

    assert first != second
    assert run(["git", f"--git-dir={snapshots.bare}", "show", "main:a.txt"]).stdout == b"two\n"
    assert not (folder / ".git").exists()


def test_nothing_changed_is_no_new_commit(snapshots: Snapshots, folder: Path) -> None:
    assert snapshots.take(folder) == snapshots.take(folder)


def test_a_removed_file_is_gone(snapshots: Snapshots, folder: Path) -> None:
    (folder / "b.txt").write_text("b\n")
    snapshots.take(folder)
    (folder / "b.txt").unlink()

    snapshots.take(folder)

    listed = run(["git", f"--git-dir={snapshots.bare}", "ls-tree", "--name-only", "main"]).stdout
    assert listed == b"a.txt\n"


def test_git_reads_what_is_here_instead_of_a_host(snapshots: Snapshots, folder: Path, tmp_path: Path) -> None:
    commit = snapshots.take(folder)
    environment = {**os.environ, **instead_of({f"https://{HOST}/": tmp_path / "hosts" / HOST})}

    said = run(["git", "ls-remote", REPOSITORY, "refs/heads/main"], env=environment).stdout

    assert said.decode().split() == [commit, "refs/heads/main"]


def test_a_host_is_cloned_under_its_own_name(git: dict[str, str], tmp_path: Path) -> None:
    run(["git", "clone", "--quiet", REPOSITORY, tmp_path / "clone"], env=git)

    assert (tmp_path / "clone" / "a.txt").read_text() == "one\n"


def test_a_path_without_the_ending_is_found(git: dict[str, str]) -> None:
    said = run(["git", "ls-remote", REPOSITORY.removesuffix(".git")], env=git).stdout

    assert b"refs/heads/main" in said


@pytest.mark.parametrize(
    "url",
    [
        f"https://{HOST}/teams/other.git",
        f"https://{HOST}/../../folder",
        "https://elsewhere.example.com/teams/platform.git",
    ],
)
def test_what_is_not_here_is_refused(git: dict[str, str], url: str) -> None:
    with pytest.raises(ProgramError):
        run(["git", "ls-remote", url], env={**git, "GIT_TERMINAL_PROMPT": "0"})


def test_nothing_can_be_pushed(git: dict[str, str], tmp_path: Path) -> None:
    run(["git", "clone", "--quiet", REPOSITORY, tmp_path / "clone"], env=git)

    with pytest.raises(ProgramError):
        run(["git", "push", REPOSITORY, "HEAD:refs/heads/new"], cwd=tmp_path / "clone", env=git)
