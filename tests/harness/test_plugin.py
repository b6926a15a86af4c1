"""Feature files as pytest collects them, in a run of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

pytest_plugins = ["pytester"]

FEATURE = """
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
STEPS = """
from pytest_bdd import given

@given("nothing")
def nothing():
    pass
"""
ANSWERS = {
    "gitops_repository": "https://git.example.com/a/b.git",
    "gitops_revision": "main",
    "argo_cd_namespace": "argocd",
    "git_base": "https://github.com",
    "aws_region": "us-west-2",
    "aws_account_id": "123456789012",
    "domain": "example.com",
    "components": ["spark"],
    "saml_providers": [],
}


@pytest.fixture
def environment(pytester: pytest.Pytester) -> Path:
    """A folder with answers and one feature file."""
    (pytester.path / ".copier-answers.yml").write_text(yaml.safe_dump(ANSWERS))
    folder = pytester.path / "features"
    folder.mkdir()
    (folder / "some.feature").write_text(FEATURE)
    pytester.makeconftest(STEPS)
    return pytester.path


def names(result: pytest.RunResult) -> set[str]:
    return {line.rpartition("::")[2] for line in result.outlines if "::" in line}


def test_scenarios_of_the_target_and_the_environment_are_chosen(
    pytester: pytest.Pytester, environment: Path
) -> None:
    result = pytester.runpytest_subprocess("features", "--collect-only", "-q")
    assert names(result) == {"test_everywhere", "test_here", "test_with_a_component"}
    result = pytester.runpytest_subprocess("features", "--collect-only", "-q", "--target", "live")
    assert names(result) == {"test_everywhere", "test_there", "test_with_a_component"}


def test_tags_and_words_choose_as_with_any_test(pytester: pytest.Pytester, environment: Path) -> None:
    result = pytester.runpytest_subprocess("features/some.feature", "--collect-only", "-q", "-m", "embedded")
    assert names(result) == {"test_here"}
    pytester.runpytest_subprocess("features", "-k", "everywhere").assert_outcomes(passed=1, deselected=4)


def test_another_environment_is_named(pytester: pytest.Pytester, environment: Path) -> None:
    other = pytester.mkdir("other")
    answers = {**ANSWERS, "components": [], "saml_providers": [{"name": "corporate"}]}
    (other / ".copier-answers.yml").write_text(yaml.safe_dump(answers))
    result = pytester.runpytest_subprocess("features", "--collect-only", "-q", "--environment", "other")
    assert names(result) == {"test_everywhere", "test_here", "test_with_an_answer"}


def test_a_folder_without_environment_says_how_to_name_one(pytester: pytest.Pytester) -> None:
    (pytester.path / "some.feature").write_text(FEATURE)
    result = pytester.runpytest_subprocess("some.feature")
    assert "name one with --environment FOLDER" in result.stdout.str() + result.stderr.str()
    assert result.ret != 0


def test_a_run_without_feature_files_imports_nothing_of_the_harness(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_nothing_was_imported():
            assert not [name for name in sys.modules if name.startswith("kfaws.harness.targets")]
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
