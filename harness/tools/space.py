"""A full disk, told apart from other failures, with the remedy."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from kfaws.generator.run import ProgramError

FULL = ("no space left on device", "disk quota exceeded")
"""What the kernel says, and Go, its linker and Python with it."""


def is_full(error: Exception) -> bool:
    """Tell whether a failure comes from a disk without room."""
    said = error.output if isinstance(error, ProgramError) else str(error)
    return any(words in said.lower() for words in FULL)


def remedy(places: Mapping[str, Path]) -> str:
    """What to free or to move; `places` are the folders that fill, by the variable that moves each."""
    listed = ", ".join(
        f"{variable} {folder} ({_free(folder)} MB free)" for variable, folder in places.items()
    )
    return f"the disk is full: free some gigabytes, or point the variable elsewhere: {listed}"


def _free(folder: Path) -> int:
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free // 1_000_000
