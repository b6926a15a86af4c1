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
from kfaws.generator.scaffold import Request, Source, copy
from kfaws.generator.upstream.mirror import Mirror
from tests.conftest import ANSWERS, PROJECT
from tests.template.findings import lines
from tests.template.rows import Row, asked, rows
from tests.template.tidy import faults

ROWS = rows()
VALID = sorted((ANSWERS / "valid").glob("*.yml"))
FEWEST, MOST = 16, 40


def findings(folder: Path, template: Path, answers: dict[str, Any]) -> list[str]:
    """Generate, render and check one environment."""
    copy(Request(Source(str(template)), folder, answers))
    report = examine(folder, silent())
    return faults(folder) + lines(report)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_combination_is_clean(
    row: Row, template: Path, questionnaire: Path, mirror: Mirror, shared_cache: None, tmp_path: Path
) -> None:
    answers = asked(row.answers, questionnaire, tmp_path / "answers")
    assert findings(tmp_path / "environment", template, answers) == []


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
