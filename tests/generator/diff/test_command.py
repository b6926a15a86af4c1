"""`kfaws diff` on folders and on git refs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kfaws.cli import run_reporting_errors
from tests.generator.samples import git, write_environment

BUCKET = """apiVersion: s3.services.k8s.aws/v1alpha1
kind: Bucket
metadata: {name: artifacts}
spec: {name: artifacts, tagging: {tagSet: [{key: a, value: "%s"}]}}
"""
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: '1|`2'}\n"


def environment(folder: Path, files: dict[str, str]) -> Path:
    source = {"path": "claims", "directory": {"recurse": True}}
    return write_environment(folder, {"claims": source}, files)


@pytest.fixture
def sides(tmp_path: Path, cache: Path) -> tuple[Path, Path]:
    old = environment(tmp_path / "old", {"claims/bucket.yaml": BUCKET % "1"})
    new = environment(
        tmp_path / "new", {"claims/bucket.yaml": BUCKET % "2", "claims/settings.yaml": SETTINGS}
    )
    return old, new


def test_folders(sides: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_reporting_errors(["diff", *map(str, sides)], debug=False) == 0

    shown = capsys.readouterr().out
    assert "change     s3 Bucket/claims-system/artifacts: changed in place" in shown
    assert "spec.tagging.tagSet[key=a].value: 1 -> 2" in shown
    assert "added    ConfigMap/claims-system/settings" in shown
    assert "Objects: 1 added, 1 changed, 0 removed. AWS resources: 1 to change." in shown


def test_json(sides: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_reporting_errors(["diff", *map(str, sides), "--json"], debug=False) == 0

    told = json.loads(capsys.readouterr().out)
    assert [(entry["change"], entry["object"]["name"]) for entry in told["objects"]] == [
        ("added", "settings"),
        ("changed", "artifacts"),
    ]
    assert told["aws"][0]["effect"] == "change"
    assert told["aws"][0]["fields"] == [{"path": "spec.tagging.tagSet[key=a].value", "old": "1", "new": "2"}]


def test_markdown(sides: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    old, new = sides
    assert run_reporting_errors(["diff", str(new), str(old), "--markdown"], debug=False) == 0

    shown = capsys.readouterr().out
    assert "| change | `Bucket/claims-system/artifacts` (s3) | changed in place |" in shown
    assert "<details><summary>claims</summary>" in shown
    assert "- removed `ConfigMap/claims-system/settings`" in shown


def test_the_same_on_both_sides(sides: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_reporting_errors(["diff", str(sides[0]), str(sides[0])], debug=False) == 0

    assert capsys.readouterr().out == ("Objects: 0 added, 0 changed, 0 removed. AWS resources: no change.\n")


@pytest.mark.parametrize("subfolder", ["", "environments/one"])
def test_git_refs(
    sides: tuple[Path, Path], subfolder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where a repository holds several environments."""
    repository = tmp_path / "repository"
    folder = repository / subfolder
    environment(folder, {"claims/bucket.yaml": BUCKET % "1"})
    git("init", "--quiet", "--initial-branch", "main", cwd=repository)
    git("add", "--all", cwd=repository)
    git("commit", "--quiet", "--message", "first", cwd=repository)
    (folder / "claims" / "settings.yaml").write_text(SETTINGS)
    git("add", "--all", cwd=repository)
    git("commit", "--quiet", "--message", "second", cwd=repository)

    command = ["diff", "main~1", "main", "--repo", str(folder)]
    assert run_reporting_errors(command, debug=False) == 0
    assert "added    ConfigMap/claims-system/settings" in capsys.readouterr().out

    (folder / "claims" / "settings.yaml").unlink()
    command = ["diff", "main", str(folder), "--repo", str(folder)]
    assert run_reporting_errors(command, debug=False) == 0
    assert "removed  ConfigMap/claims-system/settings" in capsys.readouterr().out


def test_what_is_neither_folder_nor_ref(
    sides: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["diff", "nowhere", str(sides[0]), "--repo", str(tmp_path)]
    assert run_reporting_errors(command, debug=False) == 1

    error = capsys.readouterr().err
    assert "nowhere is neither a generated repository nor a git ref" in error
    assert error.count("\n") == 1


def test_one_form_only(sides: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_reporting_errors(["diff", *map(str, sides), "--json", "--markdown"], debug=False) == 1
    assert "give one of them" in capsys.readouterr().err
