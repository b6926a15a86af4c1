"""What tests of feature files share: an environment that can be read, and runs of pytest in it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

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
STEPS = """
from pytest_bdd import given, parsers, then

@given("nothing")
def nothing():
    pass

@given("the target is used")
def target_is_used(target):
    pass

@then(parsers.parse("it fails with {words}"))
def it_fails(target, words):
    assert False, words
"""


@pytest.fixture
def repository(pytester: pytest.Pytester) -> Path:
    """The folder of the inner run, as a generated repository with an empty folder for features."""
    answered(pytester.path)
    (pytester.path / "features").mkdir()
    pytester.makeconftest(STEPS)
    return pytester.path


def answered(folder: Path, **answers: object) -> Path:
    """Write down the answers above, some of them changed."""
    (folder / ".copier-answers.yml").write_text(yaml.safe_dump({**ANSWERS, **answers}))
    return folder
