"""The rule for skipped tests, on a small suite of its own."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

SUITE = """
import pytest

def test_that_runs():
    pass

@pytest.mark.skip(reason="no engine")
def test_that_is_skipped():
    pass

def test_that_gives_up():
    pytest.skip("no engine either")
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    pytester.makeconftest("from tests.strict import pytest_make_collect_report, pytest_runtest_makereport")
    pytester.makepyfile(test_suite=SUITE)
    allowed = pytester.path / "allowed.txt"
    allowed.write_text("test_suite.py::test_that_is_skipped  # it needs an engine\n")
    monkeypatch.setattr("tests.strict.ALLOWED", allowed)
    return pytester


def test_a_skip_is_a_skip_without_strict(suite: pytest.Pytester) -> None:
    suite.runpytest_inprocess().assert_outcomes(passed=1, skipped=2)


def test_under_strict_only_listed_tests_may_be_skipped(suite: pytest.Pytester) -> None:
    result = suite.runpytest_inprocess("--strict")
    result.assert_outcomes(passed=1, skipped=1, failed=1)
    result.stdout.fnmatch_lines(["*test_that_gives_up may not be skipped under --strict*no engine either*"])


def test_under_strict_a_module_may_not_be_skipped_whole(suite: pytest.Pytester) -> None:
    suite.makepyfile(test_whole="import pytest\npytest.importorskip('no_such_module')")
    result = suite.runpytest_inprocess("--strict", "test_whole.py")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*test_whole.py may not be skipped under --strict*"])
