"""Run commands, time them and hold ratios to their targets."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

PROJECT = Path(__file__).resolve().parents[1]
ANSWERS = PROJECT / "examples" / "walkthrough" / "answers.yml"
ROUNDS = 5


@contextmanager
def workplace() -> Iterator[Path]:
    """A temporary folder."""
    with TemporaryDirectory(prefix="kfaws-bench-") as folder:
        yield Path(folder)


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a measured command: compiled modules and caches in `folder`."""
    inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    own = {"PYTHONPYCACHEPREFIX": str(folder / "pycache"), "XDG_CACHE_HOME": str(folder / "cache")}
    return {**inherited, **own, **more}


def program(name: str) -> str:
    """A console command of this Python environment."""
    return str(Path(sys.executable).parent / name)


def seconds(command: Sequence[str | Path], env: Mapping[str, str]) -> float:
    """How long a command takes; one that fails ends the script with what it printed."""
    start = time.perf_counter()
    done = subprocess.run(
        [str(part) for part in command], env=env, check=False, capture_output=True, text=True
    )
    took = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{command} failed: {done.stderr}")
    return took


def alternate(rounds: int, *subjects: Callable[[], float]) -> list[float]:
    """The median of each subject over rounds in which they take turns, so that noise meets all of them."""
    results = [[subject() for subject in subjects] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*results, strict=True)]


class Verdicts:
    """Prints ratios against their targets, and remembers whether one was missed."""

    def __init__(self) -> None:
        self.missed = False
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")

    def ratio(self, what: str, measured: float, base: float, target: float) -> None:
        """Print one ratio."""
        met = measured <= target * base
        self.missed |= not met
        verdict = "met" if met else "MISSED"
        print(
            f"{what}: {measured:.2f} s / {base:.2f} s = {measured / base:.2f} (target {target}: {verdict})",
            flush=True,
        )

    def limit(self, what: str, measured: float, target: float, unit: str) -> None:
        """Print one figure that has a limit of its own."""
        met = measured <= target
        self.missed |= not met
        print(
            f"{what}: {measured:.2f} {unit} (limit {target:g} {unit}: {'met' if met else 'MISSED'})",
            flush=True,
        )

    def exit(self) -> None:
        """End the script, with 1 when a target was missed."""
        sys.exit(int(self.missed))
