"""What is shown beside the error of a scenario: its steps, and the logs that the error speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_bdd.reporting import ScenarioReport, scenario_reports_registry

LINES = 15
"""Of each log."""
END = 32 * 1024
"""Bytes at the end of a log that surely hold them."""


def sections(item: pytest.Item, error: str, logs: Path | None) -> Iterator[tuple[str, str]]:
    """Titles and texts for a scenario whose failure says `error`; none for other tests."""
    report = scenario_reports_registry.get(item)
    if report is None:
        return
    yield f"steps of {report.scenario.name}", "\n".join(_steps(report))
    for log in sorted(logs.glob("*.log")) if logs else ():
        if (log.stem == "keeper" or _speaks_of(error, log.stem)) and (lines := _last_lines(log)):
            yield f"the end of {log.name}", "\n".join(lines)


def _steps(report: ScenarioReport) -> Iterator[str]:
    """A line a step: how long it took, and which one failed."""
    ran = report.step_reports
    failed = next((number for number, step in enumerate(ran) if step.failed), None)
    for number, step in enumerate(report.scenario.steps):
        words = f"{step.keyword.strip()} {step.name}"
        if number >= len(ran) or (failed is not None and number > failed):
            # Those after the one that failed, or all from the first that nobody defined.
            yield f"{'-':>9}  {words}"
        else:
            yield f"{ran[number].duration:7.1f} s  {words}{'  <- failed' if number == failed else ''}"


def _speaks_of(error: str, name: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", error) is not None


def _last_lines(log: Path) -> list[str]:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - END))
        return file.read().decode(errors="replace").splitlines()[-LINES:]
