"""`kfaws status`: how an environment is."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from kfaws.harness.applications import applications
from kfaws.harness.kube import Cluster
from kfaws.harness.platform import Platform


def status(
    folder: Annotated[Path, typer.Argument(help="A generated repository.")] = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Everything as one JSON document.")] = False,
) -> None:
    """Show the Applications of an environment and the programs that run for it."""
    state = Platform.of(folder).running
    rows = applications(Cluster(Path(state.kubeconfig)), state.argo_cd)
    if as_json:
        content = {"applications": [asdict(row) for row in rows], **asdict(state)}
        typer.echo(json.dumps(content, indent=2))
        return
    for row in rows:
        typer.echo(f"{row.wave:>4}  {row.name:28} {row.sync:10} {row.health:12} {row.note}".rstrip())
    typer.echo("")
    for part in state.parts:
        again = f"  (started again {part.restarts} times)" if part.restarts else ""
        typer.echo(f"{part.name:32} {part.pid:>8}  {part.state}{again}")
