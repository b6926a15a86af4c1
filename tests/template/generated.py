"""Parts of a generated repository, for tests that look at files and need nothing rendered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from copier import run_copy

from tests.conftest import ANSWERS, PROJECT, stage

WALKTHROUGH: dict[str, Any] = yaml.safe_load(
    (PROJECT / "examples" / "walkthrough" / "answers.yml").read_text()
)
GOVCLOUD: dict[str, Any] = yaml.safe_load((ANSWERS / "valid" / "govcloud.yml").read_text())


def generate(folder: Path, parts: tuple[str, ...], answers: dict[str, Any]) -> Path:
    """Generate the named parts of the template below `folder`."""
    source = stage(folder / "template", *(f"template/{part}" for part in parts))
    target = folder / "generated"
    run_copy(str(source), target, data=answers, defaults=True, quiet=True)
    return target
