"""The pytest plugin: `.feature` files as tests of an environment, embedded or live.

It is loaded in every pytest run of whoever installed this distribution: what costs time is imported once a
feature file is met.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from kfaws.harness.collecting import FeatureFile

FEATURE = ".feature"


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
    from kfaws.harness.collecting import FeatureFile, register_steps

    register_steps(parent.config)
    return FeatureFile.from_parent(parent, path=file_path)


def pytest_bdd_apply_tag(tag: str, function: Callable[..., object]) -> bool:
    """A tag is a mark: `-m` chooses by it, whatever it is called."""
    getattr(pytest.mark, tag)(function)
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the target or the environment is not for; run the rest in one worker."""
    if config.pluginmanager.has_plugin("kfaws-fixtures"):
        from kfaws.harness.collecting import choose

        choose(config, items)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was real and what stood in."""
    if config.pluginmanager.has_plugin("kfaws-fixtures"):
        from kfaws.harness.collecting import summary

        for line in summary(config, terminalreporter.stats):
            terminalreporter.write_line(line)
