"""Fixtures of steps: the target, and what goes with a failure."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from kfaws.generator.errors import KfawsError
from kfaws.harness.answers import FILE
from kfaws.harness.commands.up import components_of
from kfaws.harness.failures import sections
from kfaws.harness.targets.chosen import chosen, missing
from kfaws.harness.targets.target import Target

ENVIRONMENT = pytest.StashKey[Path]()
TARGET = pytest.StashKey[Target]()


def environment_of(config: pytest.Config) -> Path:
    """The generated repository: the one that was named, the one around, or the project's example.

    Raises KfawsError where there is none.
    """
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
    for folder in (start, *start.parents, config.rootpath, *config.rootpath.parents):
        if (folder / FILE).is_file():
            return folder
        if (folder / "copier.yml").is_file() and (folder / "examples/walkthrough/answers.yml").is_file():
            return _example(folder, config)
    raise KfawsError(f"no generated repository is around {start}: name one with --environment FOLDER")


def _example(project: Path, config: pytest.Config) -> Path:
    """The walkthrough's environment, new each time, for as long as the run takes."""
    from kfaws.generator.answers import read_answers
    from kfaws.generator.scaffold import Request, Source, copy

    work = Path(tempfile.mkdtemp(prefix="kfaws-"))
    config.add_cleanup(lambda: shutil.rmtree(work, ignore_errors=True))
    folder = work / "kube-eks-cluster"
    answers = read_answers(project / "examples/walkthrough/answers.yml")
    copy(Request(Source(str(project)), folder, answers))
    return folder


@pytest.fixture(scope="session")
def target_of_session(request: pytest.FixtureRequest) -> Iterator[Target]:
    """The environment where it runs."""
    config = request.config
    name, environment = config.getoption("--target"), environment_of(config)
    components = components_of(config.getoption("--component"))
    lacking = missing(name, environment, components)
    if lacking:
        pytest.skip(f"not built: {', '.join(lacking)} (run `kfaws tools`)")
    found = config.stash[TARGET] = chosen(name, environment, components)
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
    """Put a scenario's steps, and the logs that its failure speaks of, beside the failure."""
    report = yield
    if report.failed and call.excinfo is not None:
        target = used_target(item.config)
        logs = target.logs() if target else None
        report.sections.extend(sections(item, call.excinfo.exconly(), logs))
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Under pytest-xdist, hand the closing table to whoever prints it."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["kfaws"] = summary(session.config)


def summary(config: pytest.Config) -> list[str]:
    """The closing table, line by line: empty when no scenario used a target."""
    target = used_target(config)
    if target is None:
        return []
    parts = target.parts()
    width = max(len(part.name) for part in parts)
    return [
        "",
        f"target {target.name}: what was real, and what stood in",
        *(f"  {'real' if part.real else 'stand-in':8}  {part.name:{width}}  {part.what}" for part in parts),
    ]
