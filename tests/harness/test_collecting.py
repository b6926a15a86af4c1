"""Feature files as tests: how they are found, named, chosen, and what is wrong with some."""

from __future__ import annotations

from pathlib import Path

import pytest

# Here, so that the inner runs do not import all of it again.
from kfaws.harness import collecting
from tests.harness.conftest import answered

pytest_plugins = ["pytester"]

CHOICE = """
Feature: Something
  Scenario: Everywhere
    Given nothing

  @embedded
  Scenario: Here
    Given nothing

  @live
  Scenario: There
    Given nothing

  @with-spark
  Scenario: With a component
    Given nothing

  @with-saml-providers
  Scenario: With an answer
    Given nothing
"""
TAGS = """
@whole-feature
Feature: Tags at every place
  Scenario: Plain
    Given nothing

  Scenario Outline: Outlined
    Given <what>

    @first-table
    Examples:
      | what    |
      | nothing |

    Examples: Another
      | what                |
      | the target is used  |

  @of-a-rule
  Rule: One
    Scenario: Ruled
      Given nothing
"""


def collected(pytester: pytest.Pytester, *options: str) -> list[str]:
    """The names that an inner run finds; markers are strict and warnings errors, as the project has it."""
    strict = ("--strict-markers", "--strict-config", "-W", "error")
    result = pytester.runpytest_inprocess("features", "--collect-only", "-q", *strict, *options)
    return [line.rpartition("::")[2] for line in result.outlines if "::" in line]


def write(repository: Path, text: str, name: str = "some.feature") -> Path:
    file = repository / "features" / name
    file.write_text(text)
    return file


def test_scenarios_of_the_target_and_the_environment_are_chosen(
    pytester: pytest.Pytester, repository: Path
) -> None:
    write(repository, CHOICE)
    assert collected(pytester) == ["test_everywhere", "test_here", "test_with_a_component"]
    assert collected(pytester, "--target", "live") == [
        "test_everywhere",
        "test_there",
        "test_with_a_component",
    ]


def test_another_environment_is_named(pytester: pytest.Pytester, repository: Path) -> None:
    write(repository, CHOICE)
    answered(pytester.mkdir("other"), components=[], saml_providers=[{"name": "corporate"}])
    assert collected(pytester, "--environment", "other") == [
        "test_everywhere",
        "test_here",
        "test_with_an_answer",
    ]


def test_words_tags_and_names_choose_as_with_any_test(pytester: pytest.Pytester, repository: Path) -> None:
    write(repository, CHOICE)
    assert collected(pytester, "-m", "embedded") == ["test_here"]
    assert collected(pytester, "-k", "component") == ["test_with_a_component"]
    result = pytester.runpytest_inprocess("features/some.feature::test_everywhere")
    result.assert_outcomes(passed=1)


def test_tags_are_marks_wherever_they_stand(pytester: pytest.Pytester, repository: Path) -> None:
    write(repository, TAGS)
    outlined = ["test_outlined[nothing]", "test_outlined[the target is used]"]
    assert collected(pytester, "-m", "whole-feature") == ["test_plain", *outlined, "test_ruled"]
    assert collected(pytester, "-m", "first-table") == outlined[:1]
    assert collected(pytester, "-m", "of-a-rule") == ["test_ruled"]


def test_a_scenario_is_where_its_file_has_it(pytester: pytest.Pytester, repository: Path) -> None:
    write(repository, CHOICE)
    items, _ = pytester.inline_genitems("features")
    assert [item.location[:2] for item in items[:2]] == [
        ("features/some.feature", 2),
        ("features/some.feature", 6),
    ]


def test_all_scenarios_are_for_one_worker(pytester: pytest.Pytester, repository: Path) -> None:
    write(repository, CHOICE)
    write(repository, TAGS, "more.feature")
    pytester.makepyfile(test_other="def test_other(): pass")
    items, _ = pytester.inline_genitems("features", "test_other.py")
    groups = {item.name: [mark.args for mark in item.iter_markers("xdist_group")] for item in items}
    assert groups.pop("test_other") == []
    assert list(groups.values()) == [[(collecting.GROUP,)]] * 9


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Feature: A\n  Scenario: B\n    Given nothing\nPerhaps\n", "*Line number: 4*"),
        ("Feature: A\n  Scenario: B\n    Perhaps something\n", "*scenarios without a step: B"),
        ("Feature: A\n  Scenario: B\n    And nothing\n", "*must start with 'Given', 'When' or 'Then'*"),
        (
            "Feature: A\n  Scenario: B\n    Given nothing\n  Rule: C\n    Scenario: B\n      Given nothing\n",
            "*scenarios of one name: B",
        ),
    ],
    ids=["no Gherkin", "no step", "no first word", "a name twice"],
)
def test_a_file_that_cannot_be_taken_is_an_error_in_a_few_lines(
    pytester: pytest.Pytester, repository: Path, text: str, said: str
) -> None:
    write(repository, text)
    result = pytester.runpytest_inprocess("features")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([said])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_misspelt_tag_is_refused_with_the_names_there_are(
    pytester: pytest.Pytester, repository: Path
) -> None:
    write(repository, "Feature: A\n  @with-pipelnes @live\n  Scenario: B\n    Given nothing\n")
    result = pytester.runpytest_inprocess("features")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: features/some.feature::test_b: @with-pipelnes is no tag*pipelines*"])


def test_without_environment_it_says_how_to_name_one(pytester: pytest.Pytester) -> None:
    (pytester.path / "some.feature").write_text(CHOICE)
    result = pytester.runpytest_inprocess("some.feature")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: no generated repository is around *: name one with --environment FOLDER"]
    )
