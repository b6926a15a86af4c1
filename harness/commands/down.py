"""`kfaws down`: the end of an embedded platform."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kfaws.harness.platform import Platform


def down(folder: Annotated[Path, typer.Argument(help="A generated repository.")] = Path()) -> None:
    """End the embedded platform of an environment, and everything that runs for it; its logs stay."""
    platform = Platform.of(folder)
    was_up = platform.stop()
    typer.echo(f"ended; logs: {platform.logs}" if was_up else f"no platform was up for {folder}")
