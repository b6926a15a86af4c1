"""Who a keeper ends with, and who notices that it has ended."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kfaws.harness.platform import state
from kfaws.harness.polling import Done, Pending, eventually

WITHIN = 30.0
CHILD = """
import os, sys, threading
from kfaws.harness.platform.keeper import _end_with
print(os.getpid(), flush=True)
threading.Thread(target=_end_with, args=[int(sys.argv[1])], daemon=True).start()
threading.Event().wait()
"""
PARENT = f"""
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {CHILD!r}, str(os.getpid())])
sys.stdin.read()
"""

UNASKED = """
import subprocess, sys
child = subprocess.Popen(["true"])
print(child.pid, flush=True)
sys.stdin.read()
"""


def test_a_keeper_of_ours_ends_when_we_are_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        parent.kill()

    def look() -> Done[None] | Pending:
        return Pending(f"{child} runs") if state._runs(child) else Done(None)

    eventually("the keeper ends", look, WITHIN)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="there is no /proc here")
def test_a_process_that_its_parent_has_not_asked_about_does_not_run() -> None:
    """`kfaws down` looks at the child of a `kfaws up` that still watches."""
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            UNASKED,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert parent.stdout
        child = int(parent.stdout.readline())

        def look() -> Done[None] | Pending:
            return Pending(f"{child} runs") if state._runs(child) else Done(None)

        eventually("it is known to have ended", look, WITHIN)
        assert Path(f"/proc/{child}").exists()
    finally:
        parent.communicate("")
