"""Every answers file under tests/answers is taken, or refused with one line, as its first comment says."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from kfaws.generator.answers import read_answers
from kfaws.generator.errors import KfawsError
from kfaws.generator.scaffold import Request, Source, copy
from tests.conftest import ANSWERS

INVALID = sorted((ANSWERS / "invalid").glob("*.yml"))
VALID = sorted((ANSWERS / "valid").glob("*.yml"))
ENOUGH = 55


@dataclass(frozen=True)
class Expected:
    """What the comment of an invalid file promises."""

    question: str
    says: str
    remedy: str


def expected(file: Path) -> Expected:
    """Read the three comment lines that an invalid file opens with."""
    lines = file.read_text().splitlines()
    prefixes = ("# rejected by: ", "# says: ", "# remedy: ")
    assert all(line.startswith(prefix) for line, prefix in zip(lines, prefixes, strict=False)), file
    return Expected(*(line.removeprefix(prefix) for line, prefix in zip(lines, prefixes, strict=False)))


def by_name(file: Path) -> str:
    return file.stem


def kfaws(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("kfaws")), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)


def test_there_are_enough_invalid_files() -> None:
    assert len(INVALID) >= ENOUGH


@pytest.mark.parametrize("file", INVALID, ids=by_name)
def test_invalid_answers_are_refused_in_one_line(file: Path, questionnaire: Path, tmp_path: Path) -> None:
    folder = tmp_path / "environment"
    folder.mkdir()
    promise = expected(file)
    with pytest.raises(KfawsError) as refused:
        copy(Request(Source(str(questionnaire)), folder, read_answers(file)))
    message = str(refused.value)
    assert "\n" not in message
    assert message.startswith(f"{promise.question}: ")
    assert promise.says in message
    assert promise.remedy in message
    assert list(tmp_path.iterdir()) == [folder]
    assert not list(folder.iterdir())


@pytest.mark.parametrize("file", INVALID[::12], ids=by_name)
def test_the_command_line_prints_that_line_alone(file: Path, tmp_path: Path) -> None:
    done = kfaws("new", tmp_path / "environment", "--answers", file)
    promise = expected(file)
    assert done.returncode == 1
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith(f"kfaws: {promise.question}: ")
    assert promise.says in line
    assert promise.remedy in line
    assert not list(tmp_path.iterdir())


PLAIN = [
    "region-misspelt",
    "subnets-overlap",
    "bucket-name-with-dots",
    "lustre-without-bucket",
    "pod-identity-on-fargate",
    "profile-reserved",
]
"""A sample whose rule is the template's own, and so holds without this program as well."""


@pytest.mark.parametrize("name", PLAIN)
def test_plain_copier_refuses_them_too(name: str, questionnaire: Path, tmp_path: Path) -> None:
    file = ANSWERS / "invalid" / f"{name}.yml"
    folder = tmp_path / "environment"
    command = ["copier", "copy", "--quiet", "--defaults", "--data-file", file, questionnaire, folder]
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command)], capture_output=True, text=True, check=False
    )
    promise = expected(file)
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode != 0
    assert f"'{promise.question}': " in last
    assert promise.says in last
    assert promise.remedy in last
    assert not folder.exists()


@pytest.mark.parametrize("file", VALID, ids=by_name)
def test_valid_answers_are_taken_and_recorded(file: Path, questionnaire: Path, tmp_path: Path) -> None:
    given = read_answers(file)
    copy(Request(Source(str(questionnaire)), tmp_path / "environment", given))
    recorded = read_answers(tmp_path / "environment" / ".copier-answers.yml")
    assert {name: recorded[name] for name in given} == given


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- vanilla", "not a map of answers"),
        ("a: b: c", "not YAML"),
        ("cluster_name: 2026-01-01", "put it in quotes"),
    ],
)
def test_a_file_that_holds_no_answers(text: str, says: str, questionnaire: Path, tmp_path: Path) -> None:
    file = tmp_path / "answers.yml"
    file.write_text(text)
    with pytest.raises(KfawsError, match=says):
        copy(Request(Source(str(questionnaire)), tmp_path / "environment", read_answers(file)))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(KfawsError, match="there is no such file"):
        read_answers(tmp_path / "answers.yml")


SEVERAL = ("china", "cognito-rds-s3", "external-seams", "new-cluster-and-vpc")


@pytest.mark.parametrize("name", SEVERAL)
def test_no_default_is_refused_by_its_own_rule(name: str, questionnaire: Path, tmp_path: Path) -> None:
    """On a terminal a default that its rule refuses would end the questions; it has to be missing instead."""
    answers = read_answers(ANSWERS / "valid" / f"{name}.yml")
    refused = []
    for left_out in sorted(set(answers) - {"deployment_option"}):
        rest = {key: value for key, value in answers.items() if key != left_out}
        try:
            copy(Request(Source(str(questionnaire)), tmp_path / left_out, rest))
        except KfawsError as error:
            question = str(error).partition(":")[0]
            if question not in rest and "has no answer" not in str(error):
                refused.append(str(error))
    assert refused == []
