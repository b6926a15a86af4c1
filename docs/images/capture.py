"""Make the picture of the README from what `kfaws` really prints: `python docs/images/capture.py`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

PROJECT = Path(__file__).resolve().parents[2]
KFAWS = Path(sys.executable).with_name("kfaws")
WIDTH = 112
ENVIRONMENT = "kube-eks-cluster"
BROKEN = Path("claims/artifact-store.yaml")


def main() -> None:
    """Write an environment, check it, break it, check it again, and keep the terminal as an SVG."""
    with Path(os.devnull).open("w") as nowhere, tempfile.TemporaryDirectory() as temporary:
        console = Console(record=True, width=WIDTH, file=nowhere)
        work = Path(temporary)
        answers = work / "answers.yml"
        answers.write_bytes((PROJECT / "examples" / "walkthrough" / "answers.yml").read_bytes())
        run(console, work, "new", ENVIRONMENT, "--answers", answers.name)
        run(console, work, "check", ENVIRONMENT)
        claim = work / ENVIRONMENT / BROKEN
        claim.write_text(claim.read_text().replace("  expiryDays: 0", "  expiryDay: 30"))
        console.print(f"[bold green]$[/] sed -i 's/expiryDays: 0/expiryDay: 30/' {ENVIRONMENT}/{BROKEN}")
        run(console, work, "check", ENVIRONMENT)
    console.save_svg(str(PROJECT / "docs" / "images" / "check.svg"), title="kfaws")


def run(console: Console, work: Path, *arguments: str) -> None:
    """Run one command as a person would, and take down what it prints."""
    console.print(f"[bold green]$[/] kfaws {' '.join(arguments)}")
    variables = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "TERM": "xterm-256color"}
    done = subprocess.run(
        [KFAWS, *arguments], cwd=work, env=variables, capture_output=True, text=True, check=False
    )
    console.print(Text.from_ansi(done.stdout.strip() or done.stderr.strip()))
    console.print()


if __name__ == "__main__":
    main()
