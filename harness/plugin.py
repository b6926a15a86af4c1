"""The pytest plugin: `.feature` files as tests of an environment, embedded or live.

It is loaded in every pytest run of whoever installed this distribution: what costs time is imported once a
feature file is met.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from kfaws.harness.collecting import FeatureFile

FEATURE = ".feature"
STEPS = "kfaws.harness.steps"
TABLE = pytest.StashKey[list[str]]()
"""The closing table of a worker of pytest-xdist."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of feature files."""
    group = parser.getgroup("kfaws", "Kubeflow on AWS: features of an environment")
    group.addoption("--target", choices=("embedded", "live"), default="embedded", help="where it is")
    group.addoption("--environment", type=Path, help="a generated repository; by default the one around")
    group.addoption(
        "--component", action="append", default=[], help="NAME=PATH: your own program in the place of ours"
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> FeatureFile | None:
    """Take feature files as modules of tests."""
    if file_path.suffix != FEATURE:
        return None
    if STEPS not in sys.modules:
        # Steps assert: a failure shows what was compared.
        pytest.register_assert_rewrite(STEPS)
    from kfaws.harness.collecting import FeatureFile, register_steps

    register_steps(parent.config)
    return FeatureFile.from_parent(parent, path=file_path)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the target or the environment is not for; run the rest in one worker."""
    if config.pluginmanager.has_plugin("kfaws-fixtures"):
        from kfaws.harness.collecting import choose

        choose(config, items)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Keep the table of the worker of pytest-xdist that had the scenarios."""
    lines = getattr(node, "workeroutput", {}).get("kfaws")
    if lines:
        node.config.stash[TABLE] = lines


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was real and what stood in."""
    lines = config.stash.get(TABLE, [])
    if config.pluginmanager.has_plugin("kfaws-fixtures"):
        from kfaws.harness.fixtures import summary

        lines = lines or summary(config)
    for line in lines:
        terminalreporter.write_line(line)
