"""What tests share: the template as a plain folder, whole or with the answers alone, and the mirror."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kfaws.generator.upstream.mirror import VARIABLE, Mirror, configured_mirror
from kfaws.harness.collecting import FeatureFile, keep_groups

PROJECT = Path(__file__).parents[1]
ANSWERS = PROJECT / "tests" / "answers"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of one group share a control plane, and so a worker; scenarios have been seen to."""
    keep_groups((item for item in items if not isinstance(item.getparent(FeatureFile), FeatureFile)), config)


def stage(folder: Path, *parts: str) -> Path:
    """Copy parts of the template to a folder that git knows nothing of."""
    for part in ("copier.yml", "questions", *parts):
        source, target = PROJECT / part, folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    return folder


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole template."""
    return stage(tmp_path_factory.mktemp("template"), "template")


@pytest.fixture(scope="session")
def questionnaire(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The questions, and a template that writes down the answers alone: quick to copy."""
    return stage(tmp_path_factory.mktemp("questionnaire"), "template/#{ _copier_conf.answers_file }#.jinja")


@pytest.fixture(scope="session")
def walkthrough() -> Path:
    """The answers of the walkthrough's environment."""
    return PROJECT / "examples" / "walkthrough" / "answers.yml"


@pytest.fixture(scope="session")
def mirror() -> Mirror:
    """The mirror of upstream; a test that needs it is skipped where there is none."""
    found = configured_mirror()
    if found is None:
        pytest.skip(f"{VARIABLE} is not set: this test needs upstream files")
    return found
