"""Every deployment and every option away from its default generates, renders and checks clean."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kfaws.generator.answers import read_answers
from kfaws.generator.commands.check import examine
from kfaws.generator.progress import silent
from kfaws.generator.questions import Question, read_questions
from kfaws.generator.render import not_rendered_list
from kfaws.generator.scaffold import Request, Source, copy
from kfaws.generator.upstream.mirror import Mirror
from tests.conftest import ANSWERS, PROJECT
from tests.template.rows import Row, asked, rows
from tests.template.tidy import faults

ROWS = rows()
VALID = sorted((ANSWERS / "valid").glob("*.yml"))
FEWEST, MOST = 16, 40
KNOWN = {f"objects of Application {name}" for name in not_rendered_list()}
"""The short list of what cannot be rendered here."""


@pytest.fixture(scope="session", autouse=True)
def shared_cache(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[None]:
    """One cache for all rows and workers: most Applications of two environments are the same."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(shared / "cache"))
        yield


def findings(folder: Path, template: Path, answers: dict[str, Any]) -> list[str]:
    """Generate, render and check one environment."""
    copy(Request(Source(str(template)), folder, answers))
    report = examine(folder, silent())
    return (
        faults(folder)
        + [f"{found.file} {found.object}: {found.what} [{found.rule}]" for found in report.findings]
        + [f"{skipped.phase}: {skipped.reason}" for skipped in report.skipped if skipped.phase not in KNOWN]
    )


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_combination_is_clean(
    row: Row, template: Path, questionnaire: Path, mirror: Mirror, tmp_path: Path
) -> None:
    answers = asked(row.answers, questionnaire, tmp_path / "answers")
    assert findings(tmp_path / "environment", template, answers) == []


@pytest.mark.parametrize("file", VALID, ids=lambda file: file.stem)
def test_an_environment_of_the_examples_is_clean(
    file: Path, template: Path, mirror: Mirror, tmp_path: Path
) -> None:
    assert findings(tmp_path / "environment", template, read_answers(file)) == []


def test_the_matrix_is_worth_its_time() -> None:
    assert FEWEST <= len(ROWS) <= MOST


SAMPLED = {"log_retention_days", "fsx_throughput"}
"""Choices that differ by a number alone."""


def _missing(question: Question, given: list[Any]) -> set[str]:
    """What no environment answers: a choice, or anything but the default."""
    if question.multiselect:
        return {str(choice) for choice in question.choices if all(choice in answer for answer in given)}
    if question.choices and question.name not in SAMPLED:
        return {str(choice) for choice in question.choices if choice not in [*given, question.default]}
    return set() if any(answer != question.default for answer in given) else {"anything but the default"}


def test_every_answer_is_given_in_some_environment() -> None:
    """An option stands beside every deployment, and so in one that asks for it."""
    environments = [*(row.answers for row in ROWS), *(read_answers(file) for file in VALID)]
    missing = {
        question.name: _missing(question, [a[question.name] for a in environments if question.name in a])
        for question in read_questions(PROJECT)
        if not question.computed
    }
    assert {name: values for name, values in missing.items() if values} == {}
