"""The template under plain Copier: from a folder and from git, the same each time, and tidy."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from kfaws.generator.answers import read_answers
from kfaws.generator.scaffold import Request, Source, copy
from tests.conftest import ANSWERS, PROJECT
from tests.template.gitrepo import commit_all
from tests.template.tidy import faults

UNSAFE = {"_tasks", "_migrations", "_jinja_extensions"}
"""Settings for which Copier would ask to be trusted."""


def plain_copy(template: str | Path, folder: Path, answers: Path) -> None:
    """Run `copier copy` as a user without this program does."""
    options = ["--quiet", "--defaults", "--data-file", answers]
    command = [sys.executable, "-m", "copier", "copy", *map(str, options), str(template), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def contents(repository: Path) -> dict[str, tuple[int, bytes]]:
    """Every file with its mode, without what says where the template came from."""
    return {
        str(path.relative_to(repository)): (path.stat().st_mode, _without_origin(path.read_bytes()))
        for path in sorted(repository.rglob("*"))
        if path.is_file()
    }


def _without_origin(text: bytes) -> bytes:
    return re.sub(rb"^_(src_path|commit): .*\n", b"", text, flags=re.MULTILINE)


def test_folder_and_git_give_the_same_each_time(template: Path, walkthrough: Path, tmp_path: Path) -> None:
    plain_copy(template, tmp_path / "first", walkthrough)
    plain_copy(template, tmp_path / "second", walkthrough)
    commit_all(template, tmp_path / "origin", "v1.0.0")
    url = f"git+{(tmp_path / 'origin').as_uri()}"
    plain_copy(url, tmp_path / "cloned", walkthrough)
    first = contents(tmp_path / "first")
    assert first
    assert contents(tmp_path / "second") == first
    assert contents(tmp_path / "cloned") == first
    recorded = yaml.safe_load((tmp_path / "cloned" / ".copier-answers.yml").read_text())
    assert recorded["_src_path"] == url
    assert recorded["_commit"] == "v1.0.0"


def test_the_template_asks_for_no_trust() -> None:
    settings: dict[str, Any] = next(
        yaml.load_all((PROJECT / "copier.yml").read_text(), Loader=yaml.SafeLoader)
    )
    assert not UNSAFE & set(settings)


def test_every_exclusion_names_a_file_of_the_template() -> None:
    """A file that was renamed would otherwise be in every environment without anybody noticing."""
    settings = next(yaml.load_all((PROJECT / "copier.yml").read_text(), Loader=yaml.SafeLoader))
    text = re.sub(r"#%.*?%#", "", "\n".join(settings["_exclude"]))
    patterns = [re.sub(r"#\{.*?\}#", "*", line).strip(" !") for line in text.splitlines() if line.strip()]
    assert patterns
    template = PROJECT / "template"
    missing = [
        pattern
        for pattern in patterns
        if not any(
            list(template.glob(candidate)) for candidate in (pattern, f"{pattern}.jinja", f"**/{pattern}*")
        )
    ]
    assert missing == []
