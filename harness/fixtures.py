"""Fixtures of steps: the target, and what goes with a failure."""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from kfaws.generator.errors import KfawsError
from kfaws.generator.progress import silent
from kfaws.harness.answers import FILE
from kfaws.harness.commands.up import components_of
from kfaws.harness.targets.chosen import chosen, missing
from kfaws.harness.targets.target import Target
from kfaws.harness.tools import Programs

ENVIRONMENT = pytest.StashKey[Path]()
TARGET = pytest.StashKey[Target]()
LINES = 15
"""Of each log that goes with a failure."""


def environment_of(config: pytest.Config) -> Path:
    """The generated repository: the one that was named, the one around, or the project's example."""
    if ENVIRONMENT not in config.stash:
        config.stash[ENVIRONMENT] = _environment(config)
    return config.stash[ENVIRONMENT]


def used_target(config: pytest.Config) -> Target | None:
    """The target, if a scenario used it."""
    return config.stash.get(TARGET, None)


def _environment(config: pytest.Config) -> Path:
    named: Path | None = config.getoption("--environment")
    if named:
        return named.resolve()
    start = config.invocation_params.dir
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder
        if (folder / "copier.yml").is_file() and (folder / "examples/walkthrough/answers.yml").is_file():
            return _example(folder)
    raise KfawsError(f"no generated repository is around {start}: name one with --environment FOLDER")


def _example(project: Path) -> Path:
    """The walkthrough's environment, new each time."""
    from kfaws.generator.answers import read_answers
    from kfaws.generator.scaffold import Request, Source, copy

    folder = Path(tempfile.mkdtemp(prefix="kfaws-")) / "kube-eks-cluster"
    answers = read_answers(project / "examples/walkthrough/answers.yml")
    copy(Request(Source(str(project)), folder, answers))
    return folder


@pytest.fixture(scope="session")
def target_of_session(request: pytest.FixtureRequest) -> Iterator[Target]:
    """The environment where it runs."""
    config = request.config
    name, components = config.getoption("--target"), components_of(config.getoption("--component"))
    lacking = missing(name, Programs(silent(), components))
    if lacking:
        pytest.skip(f"not built: {', '.join(lacking)} (run `kfaws tools`)")
    found = config.stash[TARGET] = chosen(name, environment_of(config), components)
    yield found
    found.close()


@pytest.fixture
def target(target_of_session: Target) -> Iterator[Target]:
    """The same; what a scenario changed in it is undone afterwards."""
    yield target_of_session
    target_of_session.restore()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the ends of the logs that a failure speaks of beside it."""
    report = yield
    target = used_target(item.config)
    if report.failed and target is not None:
        for log in sorted(target.logs().glob("*.log")):
            if log.stem == "keeper" or log.stem in report.longreprtext:
                end = log.read_text(errors="replace").splitlines()[-LINES:]
                report.sections.append((f"log of {log.stem}", "\n".join(end)))
    return report
