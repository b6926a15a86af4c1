"""Feature files as pytest collects them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest
from pytest_bdd.exceptions import GherkinParseError
from pytest_bdd.feature import get_feature
from pytest_bdd.gherkin_parser import get_gherkin_document
from pytest_bdd.parser import Feature, ScenarioTemplate
from pytest_bdd.scenario import get_python_name_generator, scenario

from kfaws.generator.errors import KfawsError
from kfaws.harness import fixtures, steps
from kfaws.harness.answers import Answers
from kfaws.harness.needs import PREFIX, has
from kfaws.harness.targets.chosen import EMBEDDED, LIVE

GROUP = "platform"
"""All scenarios share one platform: pytest-xdist gives them to one worker."""


class FeatureFile(pytest.Module):
    """One feature file: a module whose tests are its scenarios."""

    def _getobj(self) -> ModuleType:
        feature = _parsed(self.path)
        module = ModuleType(self.path.stem)
        module.__file__ = str(self.path)
        for name, template in feature.scenarios.items():
            for tag in _tags(feature, template):
                self.config.addinivalue_line("markers", f"{tag}: a tag of feature files")
            test = scenario(str(self.path), name, features_base_dir=str(self.path.parent))(_nothing())
            if isinstance(test, FunctionType):
                # Where pytest says that the test is: not in pytest-bdd.
                test.__code__ = test.__code__.replace(
                    co_filename=str(self.path), co_firstlineno=template.line_number
                )
            setattr(module, _free_name(module, name), test)
        return module


def _parsed(file: Path) -> Feature:
    """A feature file's content; what cannot be read, or says something twice, is an error of collection."""
    try:
        feature = get_feature(str(file.parent), file.name)
    except GherkinParseError as error:
        raise pytest.Collector.CollectError(str(error)) from error
    names = list(_names(file))
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        # The last one would take the place of the others, without a word.
        raise pytest.Collector.CollectError(f"{file}: scenarios of one name: {', '.join(sorted(twice))}")
    empty = [name for name, template in feature.scenarios.items() if not template.steps]
    if empty:
        # What begins with no word of Gherkin's is a description.
        raise pytest.Collector.CollectError(f"{file}: scenarios without a step: {', '.join(empty)}")
    return feature


def _names(file: Path) -> Iterator[str]:
    for child in get_gherkin_document(str(file)).feature.children:
        for one in (child, *(child.rule.children if child.rule else ())):
            if one.scenario:
                yield one.scenario.name


def _tags(feature: Feature, template: ScenarioTemplate) -> set[str]:
    of_rule = template.rule.tags if template.rule else set()
    return template.tags | feature.tags | of_rule | {tag for one in template.examples for tag in one.tags}


def _nothing() -> Any:
    """A new function for each scenario: what runs are its steps."""

    def test() -> None:
        """Nothing more."""

    return test


def _free_name(module: ModuleType, scenario_name: str) -> str:
    return next(name for name in get_python_name_generator(scenario_name) if not hasattr(module, name))


def register_steps(config: pytest.Config) -> None:
    """Let pytest know all steps, once."""
    plugins = config.pluginmanager
    if plugins.has_plugin("kfaws-fixtures"):
        return
    plugins.register(fixtures, "kfaws-fixtures")
    for found in pkgutil.iter_modules(steps.__path__):
        plugins.register(importlib.import_module(f"{steps.__name__}.{found.name}"), f"kfaws-{found.name}")


def choose(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the scenarios of the other target, and those of what the environment does not have."""
    ours = [item for item in items if isinstance(item.getparent(FeatureFile), FeatureFile)]
    if not ours:
        return
    try:
        answers = Answers.of(fixtures.environment_of(config)).every
    except KfawsError as error:
        raise pytest.UsageError(str(error)) from error
    other = LIVE if config.getoption("--target") == EMBEDDED else EMBEDDED
    left = {item for item in ours if not _belongs_here(item, other, answers)}
    if left:
        config.hook.pytest_deselected(items=[item for item in items if item in left])
        items[:] = [item for item in items if item not in left]
    if config.pluginmanager.has_plugin("xdist"):
        for item in ours:
            item.add_marker(pytest.mark.xdist_group(GROUP))
        keep_groups(ours, config)


def keep_groups(items: Iterable[pytest.Item], config: pytest.Config) -> None:
    """Give tests of one `xdist_group` to one worker."""
    if not config.getoption("loadgroup", False):
        return
    for item in items:
        mark = item.get_closest_marker("xdist_group")
        if mark and hasattr(item, "_id"):
            # pytest-xdist 3.8 puts the group where pytest 9.2 does not read it any more, and says nothing
            # (https://github.com/pytest-dev/pytest-xdist/issues/1386): each worker would start a platform.
            item._id = type(item._id).parse(f"{item.nodeid}@{mark.args[0]}")


def _belongs_here(item: pytest.Item, other: str, answers: Mapping[str, Any]) -> bool:
    marks = {mark.name for mark in item.iter_markers()}
    needs = sorted(mark.removeprefix(PREFIX) for mark in marks if mark.startswith(PREFIX))
    try:
        # All of them, so that a misspelt one is found wherever the scenarios run.
        met = [has(answers, need) for need in needs]
    except LookupError as error:
        raise pytest.UsageError(f"{item.nodeid}: {error.args[0]}") from error
    return other not in marks and all(met)
