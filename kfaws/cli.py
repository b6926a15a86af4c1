"""The console command `kfaws`: registers the verbs and turns every error into one line."""

from __future__ import annotations

import ast
import errno
import signal
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from kfaws.generator.errors import KfawsError

VERBS = {
    "check": "kfaws.generator.commands.check:command",
    "diff": "kfaws.generator.commands.diff:command",
    "down": "kfaws.harness.commands.down:down",
    "doctor": "kfaws.generator.commands.doctor:doctor",
    "graph": "kfaws.generator.commands.graph:graph",
    "logs": "kfaws.harness.commands.logs:logs",
    "new": "kfaws.generator.commands.new:new",
    "questions": "kfaws.generator.commands.questions:questions",
    "render": "kfaws.generator.commands.render:command",
    "status": "kfaws.harness.commands.status:status",
    "tools": "kfaws.harness.commands.tools:tools",
    "up": "kfaws.harness.commands.up:up",
}
"""Each verb, with its module and the function there."""

PACKAGES = Path(__file__).parents[1]
"""The folder that holds the package `kfaws`."""
INTERRUPTED = 130


def command_line(asked: str) -> typer.Typer:
    """The command line for one verb; the others, which bring half the Python world along, are only listed."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="Kubeflow on AWS under Argo CD: answers to a repository, and a repository to proof. "
        "`--debug`, anywhere on the line, shows the traceback of an error.",
    )
    app.callback(invoke_without_command=True)(root)
    for verb, place in VERBS.items():
        module, _, function = place.partition(":")
        if verb == asked:
            app.command(verb)(getattr(import_module(module), function))
        else:
            app.command(verb, help=_summary(module, function))(lambda: None)
    return app


def _summary(module: str, function: str) -> str | None:
    """The docstring of a verb, without importing it."""
    tree = ast.parse(PACKAGES.joinpath(*module.split(".")).with_suffix(".py").read_text())
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function]
    return ast.get_docstring(found[0]) if found else None


def root(
    show_version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Kubeflow on AWS under Argo CD."""
    if show_version:
        from importlib.metadata import version

        typer.echo(version("kubeflow-aws-gitops"))


def main() -> None:
    """Run the command line; the only place that catches errors for the user."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # As Ctrl-C: what was started for us is ended with us.
        signal.signal(number, _interrupt)
    debug = "--debug" in sys.argv[1:]
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    sys.exit(run_reporting_errors(arguments, debug))


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def run_reporting_errors(arguments: list[str], debug: bool) -> int:
    """Run one command line and return its exit code: 0, a verb's own, 1 for an error, 130 for Ctrl-C."""
    asked = next((argument for argument in arguments if not argument.startswith("-")), "")
    try:
        command_line(asked)(arguments, prog_name="kfaws")
    except SystemExit as end:
        return _exit_code(end)
    except KeyboardInterrupt:
        return _exit_code(SystemExit(INTERRUPTED))
    except KfawsError as error:
        return _report(str(error), debug)
    except OSError as error:
        return _report(_describe(error), debug)
    except Exception as error:  # the last stop before the user
        what = f"{type(error).__name__}: {error}"
        return _report(f"a fault of kfaws itself ({what}): report it with what --debug shows", debug)
    return 0


def _exit_code(end: SystemExit) -> int:
    code = end.code if isinstance(end.code, int) else 0
    if code == INTERRUPTED:
        print("kfaws: interrupted, nothing was left half-written", file=sys.stderr)
    return code


def _describe(error: OSError) -> str:
    """Say what the operating system refused, and for a full disk what mends it."""
    where = f" at {error.filename}" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full{where}: free some space and run the command again"
    return f"{error.strerror or error}{where}"


def _report(message: str, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    print(f"kfaws: {' '.join(message.split())}", file=sys.stderr)
    return 1
