"""What the command line understands, for tests of texts that show commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from typer.testing import CliRunner

from kfaws.cli import VERBS, command_line

OPTION = re.compile(r"(?<![\w-])--[a-z-]+")
SHOWN = re.compile(r"\bkfaws(?: (?P<verb>[a-z-]+))?(?P<rest>[^|;&`\n]*)")


@cache
def options(verb: str) -> frozenset[str]:
    """Every option of a verb, as its help names them."""
    shown = CliRunner().invoke(command_line(verb), [verb, "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})
    return frozenset({*OPTION.findall(shown.output), "--debug"})


def faults(text: str) -> Iterator[str]:
    """Every command of kfaws in a text that does not exist, or has an option that does not."""
    for shown in SHOWN.finditer(text):
        verb = shown["verb"]
        if verb is None:
            continue
        if verb not in VERBS:
            yield f"kfaws {verb}: there is no such verb"
            continue
        for option in OPTION.findall(shown["rest"].partition("#")[0]):
            if option not in options(verb):
                yield f"kfaws {verb} {option}: there is no such option"
