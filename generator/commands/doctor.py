"""`kfaws doctor`: is what the environment needs there, before the first sync?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import boto3
import typer
from botocore.exceptions import BotoCoreError
from rich.console import Console
from rich.markup import escape

from kfaws.generator.doctor.checks import examine
from kfaws.generator.doctor.kubectl import Kubectl
from kfaws.generator.doctor.report import Line, Status, count
from kfaws.generator.doctor.site import Account, Answers, Site
from kfaws.generator.errors import KfawsError
from kfaws.generator.programs import kubectl

STYLES = {Status.OK: "green", Status.MISSING: "red", Status.UNKNOWN: "yellow"}


def doctor(
    folder: Annotated[Path, typer.Argument(help="A generated repository.")],
    context: Annotated[
        str | None, typer.Option(help="Context of the kubeconfig; by default the current one.")
    ] = None,
    resolver: Annotated[
        str | None, typer.Option(metavar="ADDRESS:PORT", help="Name server to ask; by default the system's.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the lines as JSON.")] = False,
) -> None:
    """Look at account, network and cluster before the first sync; exit with 1 when something is missing.

    Reads only. Each line is ok, missing or unknown, with the command that mends it.
    """
    region = Answers.read(folder)["aws_region"]
    try:
        session = boto3.Session()
    except BotoCoreError as error:
        raise KfawsError(f"AWS credentials: {error}; choose another with AWS_PROFILE") from error
    cluster = Kubectl(kubectl().path, context)
    site = Site(folder, Account(session, region), cluster, _address(resolver))
    lines = examine(site)
    if as_json:
        found = list(lines)
        typer.echo(json.dumps([line.to_json() for line in found], indent=2))
    else:
        found = _show(lines)
    if count(found)[Status.MISSING]:
        raise typer.Exit(1)


def _address(resolver: str | None) -> tuple[str, int] | None:
    if resolver is None:
        return None
    address, _, port = resolver.rpartition(":")
    if not address or not port.isdigit():
        raise KfawsError(f"--resolver is {resolver}: give an address and a port, for instance 1.1.1.1:53")
    return address, int(port)


def _show(lines: Iterable[Line]) -> list[Line]:
    """Print the lines as they come, and the totals; return them."""
    console = Console(highlight=False, soft_wrap=True)
    shown = []
    for line in lines:
        style = STYLES[line.status]
        console.print(f"[{style}]{line.status:<8}[/] {escape(line.topic):<32} {escape(line.found)}")
        if line.status is not Status.OK and line.remedy:
            console.print(f"         mend it: {escape(line.remedy)}")
        shown.append(line)
    totals = count(shown)
    console.print(", ".join(f"{totals[status]} {status}" for status in Status))
    return shown
