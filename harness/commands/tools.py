"""`kfaws tools`: the programs of the embedded platform, made ready."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from kfaws.generator.progress import Reporter
from kfaws.harness.tools import Programs, all_tools
from kfaws.harness.tools.catalog import tool_of


def tools(
    names: Annotated[list[str] | None, typer.Argument(help="Programs; without one, all of them.")] = None,
    list_only: Annotated[bool, typer.Option("--list", help="Show what there is, and fetch nothing.")] = False,
    build: Annotated[
        bool, typer.Option("--build", help="Build them, also where a release could be fetched.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --list: as JSON.")] = False,
) -> None:
    """Fetch or build the programs of the embedded platform into the cache, once."""
    programs = Programs(Reporter(), build_all=build)
    wanted = [tool_of(name) for name in names] if names else list(all_tools().values())
    asked = [program for tool in dict.fromkeys(wanted) for program in tool.provides]
    if not list_only:
        programs.ensure(asked)
    rows = [
        {"name": name, "version": tool_of(name).version, "path": str(programs.find(name) or "")}
        for name in asked
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        typer.echo(f"{row['name']:30} {row['version']:45} {row['path'] or 'not in the cache'}")
