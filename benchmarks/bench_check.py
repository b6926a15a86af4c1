"""`kfaws check` beyond rendering: the whole command, less `kfaws render` of the same cached environment.

The walkthrough's environment. Needs upstream (KFAWS_MIRROR, or a host that answers), which is read before
anything is measured. Both commands are one thread, so their processor time is what they take when idle;
the time on the clock is printed beside it.
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import ANSWERS, ROUNDS, Verdicts, environment, program, seconds, workplace

SECONDS, MEBIBYTES = 3.0, 600.0


class Run(NamedTuple):
    """One run of a command."""

    clock: float
    processor: float
    mebibytes: float


def main() -> None:
    """Both commands take turns, so that noise meets both."""
    verdicts = Verdicts()
    with workplace() as folder:
        repository, env = folder / "environment", environment(folder)
        seconds([program("kfaws"), "new", repository, "--answers", ANSWERS], env)
        measure("check", repository, env)
        checks, renders = [], []
        for _ in range(ROUNDS):
            checks.append(measure("check", repository, env))
            renders.append(measure("render", repository, env))
        beyond = {
            field: min(getattr(run, field) for run in checks) - min(getattr(run, field) for run in renders)
            for field in ("clock", "processor")
        }
        print(f"check: beyond rendering, on the clock: {beyond['clock']:.2f} s")
        verdicts.limit("check: beyond rendering, processor time", beyond["processor"], SECONDS, "s")
        verdicts.limit("check: peak memory", max(run.mebibytes for run in checks), MEBIBYTES, "MiB")
    verdicts.exit()


def measure(verb: str, repository: Path, env: dict[str, str]) -> Run:
    """One run; a verb that fails, or finds something, ends the script."""
    start = time.perf_counter()
    process = subprocess.Popen([program("kfaws"), verb, str(repository)], env=env, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"kfaws {verb} {repository} ended with {process.returncode}")
    return Run(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


if __name__ == "__main__":
    main()
