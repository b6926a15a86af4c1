"""Feature files as pytest collects them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

import pytest
from pytest_bdd.feature import get_feature
from pytest_bdd.scenario import get_python_name_generator, scenario

from kfaws.harness import fixtures, steps
from kfaws.harness.answers import Answers
from kfaws.harness.targets.chosen import EMBEDDED, LIVE

WITH = "with-"
"""Begins the tags of scenarios that need a component or an answer."""
GROUP = "platform"
"""All scenarios share one platform: pytest-xdist gives them to one worker."""


class FeatureFile(pytest.Module):
    """One feature file: a module whose tests are its scenarios."""

    def _getobj(self) -> ModuleType:
        feature = get_feature(str(self.path.parent), self.path.name)
        module = ModuleType(self.path.stem)
        module.__file__ = str(self.path)
        for name, template in feature.scenarios.items():
            for tag in template.tags | feature.tags:
                self.config.addinivalue_line("markers", f"{tag}: a tag of feature files")
            test = scenario(str(self.path), name, features_base_dir=str(self.path.parent))(_nothing())
            setattr(module, _free_name(module, name), test)
        return module


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
    answers = Answers.of(fixtures.environment_of(config)).every
    other = LIVE if config.getoption("--target") == EMBEDDED else EMBEDDED
    left = [item for item in ours if _is_for(item, other, answers)]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]
    if config.pluginmanager.has_plugin("xdist"):
        for item in ours:
            item.add_marker(pytest.mark.xdist_group(GROUP))


def _is_for(item: pytest.Item, other: str, answers: Mapping[str, Any]) -> bool:
    marks = {mark.name for mark in item.iter_markers()}
    needed = {mark.removeprefix(WITH) for mark in marks if mark.startswith(WITH)}
    return other in marks or not all(_has(answers, one) for one in needed)


def _has(answers: Mapping[str, Any], what: str) -> bool:
    """Whether an environment has a component, an answer of that name that is not no, or such an answer."""
    if what in (answers.get("components") or ()) or any(answer == what for answer in answers.values()):
        return True
    return answers.get(what.replace("-", "_")) not in (None, False, "", "none", [])


def summary(config: pytest.Config, stats: Mapping[str, list[Any]]) -> Iterator[str]:
    """The closing table."""
    target = fixtures.used_target(config)
    if target is None:
        return
    parts = target.parts()
    width = max(len(part.name) for part in parts)
    yield ""
    yield f"target {target.name}: what was real, and what stood in"
    for part in parts:
        yield f"  {'real' if part.real else 'stand-in':8}  {part.name:{width}}  {part.what}"
