"""`kfaws graph`: the architecture of an environment, as mermaid."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kfaws.generator.errors import KfawsError
from kfaws.generator.graph import mermaid
from kfaws.generator.progress import Reporter
from kfaws.generator.render import render


def graph(
    folder: Annotated[Path, typer.Argument(help="A generated repository.")] = Path(),
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="A new file instead of stdout.")] = None,
) -> None:
    """Draw the environment's architecture as a mermaid flowchart, from the rendered objects."""
    drawn = mermaid(render(folder, Reporter()))
    if output is None:
        typer.echo(drawn, nl=False)
    elif output.exists():
        raise KfawsError(f"{output} exists: name a file that does not")
    else:
        output.write_text(drawn)
