"""`kfaws diff`: what one version of an environment changes over another, in the cluster and in AWS."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console

from kfaws.generator.check.world import World
from kfaws.generator.diff.effects import aws_changes
from kfaws.generator.diff.objects import differences
from kfaws.generator.diff.report import Comparison, as_markdown, as_text
from kfaws.generator.diff.versions import version
from kfaws.generator.errors import KfawsError
from kfaws.generator.progress import Reporter
from kfaws.generator.render import render


def command(
    old: Annotated[str, typer.Argument(help="A generated repository, or a git ref.")],
    new: Annotated[str, typer.Argument(help="The version to compare it with: a folder or a git ref.")],
    repo: Annotated[Path, typer.Option(help="The folder whose git repository has the refs.")] = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print it for a pull request.")] = False,
) -> None:
    """Say which objects differ, and which AWS resources a sync would create, change, replace or delete."""
    if as_json and markdown:
        raise KfawsError("--json and --markdown are two forms of the same: give one of them")
    comparison = compare(old, new, repo, Reporter())
    if as_json:
        typer.echo(orjson.dumps(comparison.as_dict(), option=orjson.OPT_INDENT_2))
    elif markdown:
        typer.echo(as_markdown(comparison), nl=False)
    else:
        Console(highlight=False, soft_wrap=True).print(as_text(comparison), markup=False, end="")


def compare(old: str, new: str, repository: Path, reporter: Reporter) -> Comparison:
    """Render two versions and compare them."""
    with version(old, repository) as before, version(new, repository) as after:
        was, now = (World(render(folder, reporter)) for folder in (before, after))
    found = differences(was, now)
    skipped = {skipped.phase: skipped.reason for world in (was, now) for skipped in world.skipped}
    return Comparison(tuple(found), tuple(aws_changes(found, now)), skipped)
