"""The one way to run a program."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kfaws.generator.errors import KfawsError

OUTPUT_KEPT = 2000
"""Characters of a failed program's output that its error repeats (the end, where the cause is)."""


class ProgramError(KfawsError):
    """A program ended with an exit code other than 0, or not in time."""

    def __init__(self, command: Sequence[str], outcome: str, output: str) -> None:
        """Name the command, its exit code (or time-out) and its output."""
        self.output = output
        super().__init__(f"`{shlex.join(command)}` {outcome}: {output.strip()[-OUTPUT_KEPT:] or 'no output'}")


@dataclass(frozen=True)
class Completed:
    """What a program printed."""

    stdout: bytes
    stderr: bytes


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    timeout: float | None = None,
) -> Completed:
    """Run a program to its end and return what it printed.

    `env` replaces the environment, `timeout` is in seconds. Raises ProgramError when it fails or takes
    too long.
    """
    arguments = [str(part) for part in command]
    try:
        done = subprocess.run(
            arguments, cwd=cwd, env=env, input=stdin, capture_output=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise ProgramError(arguments, f"took more than {timeout:g} s", _text(late.stderr)) from late
    except FileNotFoundError as missing:
        raise ProgramError(arguments, "could not be started", str(missing)) from missing
    if done.returncode != 0:
        output = _text(done.stderr) or _text(done.stdout)
        raise ProgramError(arguments, f"ended with exit code {done.returncode}", output)
    return Completed(done.stdout, done.stderr)


def _text(output: bytes | None) -> str:
    return (output or b"").decode(errors="replace")
