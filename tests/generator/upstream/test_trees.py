"""Git's hash of a folder, and the seal of a cached one."""

from __future__ import annotations

from pathlib import Path

import pytest

from kfaws.generator.upstream.trees import git_tree, is_sealed, seal
from tests.generator.samples import git, write


def test_the_hash_is_git_s(tmp_path: Path) -> None:
    # Git sorts `a` (a folder, as `a/`) behind `a.b`, and notes links and programs as such.
    write(tmp_path, {"a/x": "1", "a.b": "2", "ab/deep/y": "", "run.sh": "#!/bin/sh\n"})
    (tmp_path / "run.sh").chmod(0o755)
    (tmp_path / "link").symlink_to("a.b")
    expected = git_tree(tmp_path)
    git("init", "--quiet", cwd=tmp_path)
    git("add", "--all", cwd=tmp_path)
    assert git("write-tree", cwd=tmp_path) == expected


@pytest.mark.parametrize("damage", ["cut", "removed", "added", "no seal", "broken seal"])
def test_a_seal_shows_damage(tmp_path: Path, damage: str) -> None:
    write(tmp_path, {"a/x": "content", "y": "more"})
    seal(tmp_path)
    assert is_sealed(tmp_path)
    if damage == "cut":
        (tmp_path / "a/x").write_text("cont")
    elif damage == "removed":
        (tmp_path / "y").unlink()
    elif damage == "added":
        (tmp_path / "z").touch()
    elif damage == "no seal":
        (tmp_path / ".kfaws-seal.json").unlink()
    else:
        (tmp_path / ".kfaws-seal.json").write_text("{")
    assert not is_sealed(tmp_path)
