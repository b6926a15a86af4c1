"""Under `pytest --strict` a skipped test fails, unless tests/allowed-skips.txt lists it."""

from __future__ import annotations

from collections.abc import Generator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

ALLOWED = Path(__file__).parent / "allowed-skips.txt"


def allowed_skips() -> list[str]:
    """The patterns of the reviewed list; what follows `#` on a line is its reason."""
    lines = (line.partition("#")[0].strip() for line in ALLOWED.read_text().splitlines())
    return [line for line in lines if line]


def is_allowed(nodeid: str) -> bool:
    """Tell whether a test may be skipped under `--strict`."""
    return any(fnmatchcase(nodeid, pattern) for pattern in allowed_skips())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        _refuse(item.config, report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped:
        _refuse(collector.config, report)
    return report


def _refuse(config: pytest.Config, report: pytest.TestReport | pytest.CollectReport) -> None:
    if not config.getini("strict") or is_allowed(report.nodeid):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid} may not be skipped under --strict ({ALLOWED.name}): {reason}"
