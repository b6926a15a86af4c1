"""The environments of tests/answers/valid and the walkthrough's: tidy, clean, and drawn as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from kfaws.generator.answers import read_answers
from kfaws.generator.commands.check import examine
from kfaws.generator.graph import mermaid
from kfaws.generator.progress import silent
from kfaws.generator.render import render
from kfaws.generator.scaffold import Request, Source, copy
from kfaws.generator.upstream.mirror import Mirror
from tests.conftest import ANSWERS, PROJECT
from tests.template.drawing import in_readme
from tests.template.findings import lines
from tests.template.tidy import faults

EXAMPLES = [
    *sorted((ANSWERS / "valid").glob("*.yml")),
    PROJECT / "examples" / "walkthrough" / "answers.yml",
]
MOST_LINES = 100
"""What a person can still read."""


@pytest.fixture(
    scope="module",
    params=[
        # One worker has all tests of an environment: it is generated once.
        pytest.param(file, id=file.stem, marks=pytest.mark.xdist_group(f"example-{file.stem}"))
        for file in EXAMPLES
    ],
)
def example(request: pytest.FixtureRequest, template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One generated environment, to be looked at only."""
    folder: Path = tmp_path_factory.mktemp("example") / "environment"
    copy(Request(Source(str(template)), folder, read_answers(request.param)))
    return folder


def test_it_is_tidy(example: Path) -> None:
    assert faults(example) == []


def test_it_is_clean(example: Path, mirror: Mirror, shared_cache: None) -> None:
    assert lines(examine(example, silent())) == []


def test_readme_draws_what_the_graph_draws(example: Path, mirror: Mirror, shared_cache: None) -> None:
    drawn = mermaid(render(example, silent()))

    assert in_readme(example) == drawn
    assert drawn.count("\n") <= MOST_LINES
