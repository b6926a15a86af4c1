"""An empty environment for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generator.check.environments import Environment


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """An environment with answers and nothing in it."""
    return Environment(tmp_path)
