"""The table of the tags `@with-...`, held against the questions and the features."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pytest_bdd.feature import get_feature

from kfaws.harness.needs import ANSWERS, COMPONENTS, PREFIX, has

PROJECT = Path(__file__).parents[2]


def questions() -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for file in (PROJECT / "questions").glob("*.yml"):
        found |= yaml.safe_load(file.read_text())
    return found


def test_every_component_has_a_tag() -> None:
    assert sorted(COMPONENTS) == sorted(questions()["components"]["choices"])  # type: ignore[call-overload]


def test_every_tag_asks_for_an_answer_that_is_written_down() -> None:
    asked = {name for name, question in questions().items() if question.get("when") is not False}
    assert {name for name, _ in ANSWERS.values()} <= asked


def test_no_tag_has_two_meanings() -> None:
    assert not set(COMPONENTS) & set(ANSWERS)


@pytest.mark.parametrize(
    "file", sorted((PROJECT / "features").rglob("*.feature")), ids=lambda file: file.stem
)
def test_features_use_tags_of_the_table(file: Path) -> None:
    feature = get_feature(str(file.parent), file.name)
    tags = feature.tags.union(*(scenario.tags for scenario in feature.scenarios.values()))
    for tag in tags:
        assert not tag.startswith(PREFIX) or isinstance(has({}, tag.removeprefix(PREFIX)), bool)


@pytest.mark.parametrize(
    ("answers", "need", "answer"),
    [
        ({"components": ["spark"]}, "spark", True),
        ({"components": ["spark"]}, "katib", False),
        ({}, "katib", False),
        ({"login": "cognito-alb"}, "login", True),
        ({"login": "dex"}, "login", False),
        ({}, "login", False),
        ({"collect_logs": True}, "logs", True),
        ({"collect_logs": False}, "logs", False),
        ({"saml_providers": [{"name": "corporate"}]}, "saml-providers", True),
        ({"saml_providers": []}, "saml-providers", False),
        ({"shared_file_system": "none"}, "shared-file-system", False),
        ({"shared_file_system": "external"}, "shared-file-system", False),
    ],
)
def test_an_answer_is_a_yes_or_a_no(answers: dict[str, object], need: str, answer: bool) -> None:
    assert has(answers, need) is answer


def test_a_name_that_is_not_there_is_refused() -> None:
    with pytest.raises(LookupError, match=r"@with-pipelnes is no tag: choose of bucket, .*, pipelines"):
        has({}, "pipelnes")
