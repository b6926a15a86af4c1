"""Go itself: the one on PATH."""

from __future__ import annotations

import shutil
from pathlib import Path

from kfaws.generator.errors import KfawsError
from kfaws.harness.tools.catalog import TOOLCHAIN


def go_program(needed_by: str) -> Path:
    """The program `go`. Raises KfawsError, with the remedy, where there is none."""
    found = shutil.which("go")
    if found is None:
        raise KfawsError(
            f"{needed_by} has to be built and there is no Go: install Go 1.21 or newer "
            f"(it fetches {TOOLCHAIN} itself), or give programs of your own in KFAWS_PROGRAMS"
        )
    return Path(found)
