"""`kfaws questions`: the reference of the answers, from the questions themselves."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from kfaws.generator.errors import KfawsError
from kfaws.generator.reference import PAGE, SCHEMA, markdown, schema_text
from kfaws.generator.scaffold import template_folder


class Format(StrEnum):
    """How the reference is written."""

    MARKDOWN = "markdown"
    JSON_SCHEMA = "json-schema"


def questions(
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.MARKDOWN,
    check: Annotated[
        bool,
        typer.Option("--check", help=f"Compare with {PAGE} and its schema; exit with 1 when stale."),
    ] = False,
) -> None:
    """Print the reference of the answers, as a page or as a JSON Schema of the answers file."""
    template = template_folder()
    texts = {Format.MARKDOWN: (PAGE, markdown), Format.JSON_SCHEMA: (SCHEMA, schema_text)}
    if not check:
        typer.echo(texts[format_][1](template), nl=False)
        return
    for name, (file, render) in texts.items():
        committed = template / file
        if not committed.is_file() or committed.read_text() != render(template):
            state = "stale" if committed.is_file() else "not there"
            raise KfawsError(f"{file} is {state}; write it anew: kfaws questions --format {name} > {file}")
    typer.echo(f"{PAGE} and {SCHEMA} agree with the questions")
