"""One walkthrough environment, generated and checked once; mutants are copies of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from copier import run_copy

from kfaws.generator.check import Report
from kfaws.generator.commands.check import examine
from kfaws.generator.progress import silent
from kfaws.generator.upstream.mirror import Mirror

Examine = Callable[[Path], Report]


@pytest.fixture(scope="session")
def generated(
    template: Path, walkthrough: Path, mirror: Mirror, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The walkthrough's environment as Copier writes it."""
    folder = tmp_path_factory.mktemp("mutants") / "environment"
    run_copy(str(template), folder, data=yaml.safe_load(walkthrough.read_text()), defaults=True, quiet=True)
    return folder


@pytest.fixture(scope="session")
def untouched(generated: Path) -> Report:
    """What the check says of it; also fills the cache of rendered objects."""
    return examine(generated, silent())


@pytest.fixture
def broken(generated: Path, untouched: Report, tmp_path: Path) -> Path:
    """A copy to break."""
    return Path(shutil.copytree(generated, tmp_path / "environment"))
