"""`kfaws new`: answers to a repository."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kfaws.generator.answers import read_answers
from kfaws.generator.discovery import Discovery, discover
from kfaws.generator.errors import KfawsError
from kfaws.generator.progress import Reporter
from kfaws.generator.scaffold import Request, Source, can_ask, copy, own_source, refuse_occupied


def new(
    folder: Annotated[Path, typer.Argument(help="Where to write the environment: a new or empty folder.")],
    answers: Annotated[Path | None, typer.Option(metavar="FILE", help="A YAML file of answers.")] = None,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="An EKS cluster to read answers from."),
    ] = None,
    region: Annotated[str | None, typer.Option(help="The region of the cluster.")] = None,
    template: Annotated[
        str | None,
        typer.Option(metavar="URL", help="A template in git; `copier update` finds it again."),
    ] = None,
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Ask nothing: take the default where there is no answer.")
    ] = False,
) -> None:
    """Write the GitOps repository of one environment, whole or not at all.

    On a terminal it asks for what neither the answers file nor the cluster says; elsewhere it takes the
    defaults and names the first question that has none.
    """
    reporter = Reporter()
    refuse_occupied(folder.absolute())
    given = read_answers(answers) if answers else {}
    found = _look(cluster, region, reporter)
    found.refuse_contradiction(given)
    copied = copy(
        Request(
            source=own_source() if template is None else _source(template),
            folder=folder,
            answers=given,
            known={name: value for name, value in found.known.items() if name not in given},
            changes=found.changes,
            ask=can_ask() and not defaults,
        )
    )
    if copied.template_is_dirty:
        reporter.say("note: the template has changes that are not committed; they are in the environment")
    if template is None:
        reporter.say("note: `copier update` finds this template on this machine only; see --template")
    reporter.say(copied.message.replace("FOLDER", str(folder)).rstrip())


def _source(template: str) -> Source:
    """A local template is recorded by its whole path: a relative one would mean another elsewhere."""
    path = Path(template).expanduser()
    return Source(str(path.resolve()) if path.is_dir() else template)


def _look(cluster: str | None, region: str | None, reporter: Reporter) -> Discovery:
    if cluster is None:
        if region is not None:
            raise KfawsError("--region says where --cluster is; give both, or answer aws_region instead")
        return Discovery()
    found = discover(cluster, region)
    reporter.say(f"cluster {cluster}: {len(found.known)} answers read from AWS")
    for note in found.notes:
        reporter.say(f"note: {note}")
    return found
