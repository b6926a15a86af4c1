"""Combinations of answers: every pair of options of matrix.yml stands together in one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from allpairspy import AllPairs
from copier import run_copy

from kfaws.generator.answers import read_answers
from tests.conftest import ANSWERS

MATRIX = Path(__file__).with_name("matrix.yml")
CERTIFICATE = read_answers(ANSWERS / "valid" / "china.yml")["database_ca_bundle"]


@dataclass(frozen=True)
class Row:
    """One environment of the matrix."""

    number: int
    options: Mapping[str, str]
    """The option of each factor."""
    answers: Mapping[str, Any]
    """All answers of these options, those that they rule out included."""

    def __str__(self) -> str:
        return f"{self.number:02}-{self.options['deployment']}"


def rows() -> list[Row]:
    """The rows of the matrix, always in the same order."""
    matrix = _matrix()
    factors: dict[str, dict[str, dict[str, Any]]] = matrix["factors"]
    pairs = AllPairs([list(options) for options in factors.values()], filter_func=_is_possible)
    return [
        _row(number, dict(zip(factors, chosen, strict=True)), matrix) for number, chosen in enumerate(pairs)
    ]


@cache
def _matrix() -> dict[str, Any]:
    loaded = yaml.safe_load(MATRIX.read_text().replace("CERTIFICATE", yaml.safe_dump(CERTIFICATE).strip()))
    assert isinstance(loaded, dict)
    return loaded


def _is_possible(chosen: Sequence[str]) -> bool:
    """Whether the options chosen so far may stand together."""
    matrix = _matrix()
    options = dict(zip(matrix["factors"], chosen, strict=False))
    return not any(
        all(options.get(factor) in refused for factor, refused in rule.items())
        for rule in matrix["impossible"]
    )


def _row(number: int, options: dict[str, str], matrix: dict[str, Any]) -> Row:
    answers = dict(matrix["base"])
    for factor, option in options.items():
        answers |= matrix["factors"][factor][option]
    return Row(number, options, answers)


def asked(answers: Mapping[str, Any], questionnaire: Path, folder: Path) -> dict[str, Any]:
    """Those of the answers that the questions ask for, completed by the defaults."""
    run_copy(str(questionnaire), folder, data=dict(answers), defaults=True, quiet=True)
    return read_answers(folder / ".copier-answers.yml")
