"""What every generated file has in common: no trace of the template, and nothing a formatter would change."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

LEFTOVERS = re.compile(r"#\{|\}#|#%|%#|#\||\|#")
BY_COPIER = ".copier-answers.yml"
"""Written by Copier in its own style."""


def faults(repository: Path) -> list[str]:
    """Everything untidy in a generated repository, as `file: what`."""
    texts = {
        path.relative_to(repository): path.read_text()
        for path in sorted(repository.rglob("*"))
        if path.is_file() and ".git" not in path.parts and path.name != BY_COPIER
    }
    found = [
        f"{file}: {fault}"
        for file, text in texts.items()
        for fault in _of_text(text, python=file.suffix == ".py")
    ]
    return found + _of_yaml(repository)


def _of_text(text: str, *, python: bool) -> Iterator[str]:
    if LEFTOVERS.search(text):
        yield "a delimiter of the template is left"
    if not text.endswith("\n") or text.endswith("\n\n"):
        yield "does not end with one newline"
    if re.search(r"[ \t]$", text, re.MULTILINE):
        yield "a line ends in a blank"
    if "\n\n\n" in text and not python:
        yield "two empty lines in a row"


def _of_yaml(repository: Path) -> list[str]:
    """What yamllint says, by the configuration that the repository itself has."""
    done = subprocess.run(
        [Path(sys.executable).with_name("yamllint"), "--strict", "--format", "parsable", "."],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()
