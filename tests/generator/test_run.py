"""One way to run a program."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kfaws.generator.errors import KfawsError
from kfaws.generator.run import ProgramError, run


def test_output_input_folder_and_environment(tmp_path: Path) -> None:
    script = "import os, sys; print(sys.stdin.read(), os.getcwd(), os.environ['COLOUR'])"
    done = run([sys.executable, "-c", script], cwd=tmp_path, env={"COLOUR": "red"}, stdin=b"hello")
    assert done.stdout.decode().split() == ["hello", str(tmp_path), "red"]


def test_a_failure_names_command_exit_code_and_output() -> None:
    script = "import sys; print('the cause', file=sys.stderr); sys.exit(3)"
    with pytest.raises(ProgramError, match=r"-c .* ended with exit code 3: the cause"):
        run([sys.executable, "-c", script])


def test_a_missing_program_is_an_error_for_the_user() -> None:
    with pytest.raises(KfawsError, match="`no-such-program --now` could not be started"):
        run(["no-such-program", "--now"])


def test_a_program_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    script = "import pathlib, threading; threading.Event().wait(60); pathlib.Path('lived').touch()"
    with pytest.raises(ProgramError, match=r"took more than 0\.5 s"):
        run([sys.executable, "-c", script], cwd=tmp_path, timeout=0.5)
    assert not (tmp_path / "lived").exists()
