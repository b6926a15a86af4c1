"""`kfaws logs`: what a program of the platform said."""

from __future__ import annotations

import sys
from collections import deque
from pathlib import Path
from typing import Annotated

import typer

from kfaws.generator.errors import KfawsError
from kfaws.harness.platform import Platform


def logs(
    name: Annotated[str, typer.Argument(help="A program, as `kfaws status` lists it, or `keeper`.")],
    folder: Annotated[Path, typer.Argument(help="A generated repository.")] = Path(),
    lines: Annotated[int, typer.Option(help="Only so many lines from the end; 0: all.")] = 0,
) -> None:
    """Print the log of one program of the embedded platform, while it runs and afterwards."""
    platform = Platform.of(folder)
    file = platform.logs / f"{name}.log"
    if not file.is_file():
        known = ", ".join(sorted(log.stem for log in platform.logs.glob("*.log"))) or "none yet"
        raise KfawsError(f"there is no log of {name} for {folder}: choose of {known}")
    with file.open(errors="replace") as log:
        sys.stdout.writelines(deque(log, lines) if lines else log)
