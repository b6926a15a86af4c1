"""The plugin in runs of pytest: what it costs, whom it asks for a target, and what it reports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kfaws.generator.scaffold import Request

# Here, so that the inner runs do not import all of it again.
from kfaws.harness import collecting as collecting
from tests.harness.conftest import answered
from tests.harness.fake_target import events, install

pytest_plugins = ["pytester"]

PROJECT = Path(__file__).parents[2]
USED = """
Feature: Something
  Scenario: First
    Given the target is used

  Scenario: Second
    Given nothing
    And the target is used
    Then it fails with kro and aws/rds say no
    And nothing

  Scenario: Third
    Given nothing
    And nobody has defined this
"""
PLAIN = "Feature: Something\n  Scenario: Plain\n    Given nothing\n"
OUTLINE = """
Feature: Something
  Scenario Outline: Outlined
    Given <what>

    Examples:
      | what               |
      | nothing            |
      | the target is used |
"""


@pytest.fixture
def used(repository: Path) -> Path:
    """A repository with scenarios that use the target, and logs of its programs."""
    (repository / "features/some.feature").write_text(USED)
    (repository / "logs").mkdir()
    for name in ("keeper", "kro", "aws", "claims", "aws-load-balancer-controller"):
        lines = [f"line {number} of {name}" for number in range(100)]
        (repository / "logs" / f"{name}.log").write_text("\n".join(lines))
    (repository / "logs/rds.log").touch()
    return repository


def test_importing_it_costs_nothing() -> None:
    script = "import pytest, sys; before = set(sys.modules); import kfaws.harness.plugin"
    command = [sys.executable, "-c", f"{script}; print(*set(sys.modules) - before)"]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert sorted(loaded) == ["kfaws", "kfaws.harness", "kfaws.harness.plugin"]


def test_a_run_without_feature_files_imports_nothing_of_the_harness(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_nothing_was_imported():
            assert not [name for name in sys.modules if name.startswith("kfaws.harness.targets")]
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_the_target_is_chosen_once_restored_after_each_scenario_and_closed(
    pytester: pytest.Pytester, used: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch)
    own = ("--component", "kro=/bin/kro")
    pytester.runpytest_inprocess("features", *own).assert_outcomes(passed=1, failed=2)
    chosen = f"chosen embedded {used.name} ['kro']"
    assert events(used) == [chosen, "restored", "restored", "closed"]


def test_scenarios_that_need_no_target_start_none(
    pytester: pytest.Pytester, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch)
    (repository / "features/plain.feature").write_text(PLAIN)
    result = pytester.runpytest_inprocess("features")
    result.assert_outcomes(passed=1)
    assert events(repository) == []
    result.stdout.no_fnmatch_line("*stood in*")


def test_a_failure_shows_the_steps_and_the_logs_that_it_speaks_of(
    pytester: pytest.Pytester, used: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch)
    result = pytester.runpytest_inprocess("features", "-k", "second")
    result.stdout.fnmatch_lines(
        [
            "*steps of Second*",
            "*s  Given nothing",
            "*s  And the target is used",
            "*s  Then it fails with kro and aws/rds say no  <- failed",
            "*-  And nothing",
            "*the end of aws.log*",
            "line 99 of aws",
            "*the end of keeper.log*",
            "line 85 of keeper",
            "line 99 of keeper",
            "*the end of kro.log*",
        ]
    )
    assert "line 84 of keeper" not in result.outlines
    result.stdout.no_fnmatch_line("*the end of rds.log*")
    assert not [line for line in result.outlines if "of claims" in line or "load-balancer" in line]


def test_steps_that_nobody_defined_are_not_taken_for_done(
    pytester: pytest.Pytester, used: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch)
    result = pytester.runpytest_inprocess("features", "-k", "third")
    result.stdout.fnmatch_lines(["*steps of Third*", "*s  Given nothing", "*-  And nobody has defined this"])


def test_other_tests_that_fail_beside_features_get_no_sections(
    pytester: pytest.Pytester, used: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch)
    pytester.makepyfile(test_other="def test_other(): assert False, 'kro'")
    result = pytester.runpytest_inprocess("features", "test_other.py", "-k", "first or other")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.no_fnmatch_line("*the end of*")


def test_the_end_says_what_was_real(
    pytester: pytest.Pytester, used: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch)
    result = pytester.runpytest_inprocess("features", "-k", "first")
    result.stdout.fnmatch_lines(
        [
            "target embedded: what was real, and what stood in",
            "  real      etcd  Kubernetes' store, v3",
            "  stand-in  aws   moto",
        ]
    )


def test_without_its_programs_a_scenario_is_skipped_and_under_strict_fails(
    pytester: pytest.Pytester, used: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, ["etcd", "kro"])
    # The inner features are not the project's own, which may be skipped.
    monkeypatch.setattr("tests.strict.allowed_skips", list)
    conftest = (PROJECT / "conftest.py").read_text()
    (used / "features/conftest.py").write_text(conftest)
    result = pytester.runpytest_inprocess("features", "-k", "first", "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*not built: etcd, kro (run `kfaws tools`)"])
    result = pytester.runpytest_inprocess("features", "-k", "first", "--strict")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*test_first may not be skipped under --strict*not built: etcd, kro*"])
    assert events(used) == []


def test_under_xdist_one_worker_has_the_target_and_its_table_is_printed(
    pytester: pytest.Pytester, used: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    steps = (used / "conftest.py").read_text()
    fake = "import pytest\nfrom tests.harness.fake_target import install\ninstall(pytest.MonkeyPatch())\n"
    # Steps of ours are rewritten, so that a failed assertion shows what it compared.
    rewritten = """
    from kfaws.harness.steps import delivery
    assert type(delivery.__loader__).__name__ == "AssertionRewritingHook"
"""
    (used / "conftest.py").write_text(
        fake + steps.replace("def nothing():\n    pass\n", f"def nothing():{rewritten}")
    )
    (used / "features/outline.feature").write_text(OUTLINE)
    result = pytester.runpytest_subprocess("features", "-n", "2", "--dist", "loadgroup", "-W", "error")
    result.assert_outcomes(passed=3, failed=2)
    result.stdout.fnmatch_lines(
        ["*steps of Second*", "*the end of kro.log*", "target embedded: what was real*"]
    )
    assert len([event for event in events(used) if event.startswith("chosen")]) == 1


class TestEnvironment:
    """Which folder is the environment."""

    def test_it_is_the_one_around_the_working_folder(
        self, pytester: pytest.Pytester, used: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        install(monkeypatch)
        (used / "conftest.py").rename(used / "features/conftest.py")
        monkeypatch.chdir(used / "features")
        pytester.runpytest_inprocess("some.feature", "-k", "first").assert_outcomes(passed=1)
        assert events(used)

    def test_or_the_one_around_the_root_of_the_run(
        self, pytester: pytest.Pytester, used: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        install(monkeypatch)
        monkeypatch.chdir(tmp_path)
        options = ("--rootdir", str(used), "-k", "first")
        pytester.runpytest_inprocess(str(used / "features"), *options).assert_outcomes(passed=1)
        assert events(used)

    def test_in_the_project_it_is_the_example_for_as_long_as_the_run_takes(
        self, pytester: pytest.Pytester, used: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (used / ".copier-answers.yml").unlink()
        (used / "copier.yml").touch()
        (used / "examples/walkthrough").mkdir(parents=True)
        (used / "examples/walkthrough/answers.yml").touch()
        made: list[Path] = []

        def copy(request: Request) -> None:
            request.folder.mkdir()
            made.append(answered(request.folder, components=["katib"]))

        monkeypatch.setattr("kfaws.generator.answers.read_answers", lambda _: {})
        monkeypatch.setattr("kfaws.generator.scaffold.copy", copy)
        install(monkeypatch)
        tagged = "Feature: A\n  @with-katib\n  Scenario: B\n    Given the target is used\n"
        (used / "features/some.feature").write_text(tagged)
        pytester.runpytest_inprocess("features").assert_outcomes(passed=1)
        assert [folder.name for folder in made] == ["kube-eks-cluster"]
        assert not made[0].parent.exists()
