"""Overlays that several tests look at: generated once, built once."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from kfaws.generator.upstream.mirror import Mirror
from tests.template.overlays import Overlays

Environments = Callable[[str], Overlays]


@pytest.fixture(scope="session")
def overlays(mirror: Mirror, tmp_path_factory: pytest.TempPathFactory) -> Environments:
    """The overlays of an environment of tests/answers/valid, by its name."""

    @cache
    def environment(name: str) -> Overlays:
        folder: Path = tmp_path_factory.mktemp(name)
        return Overlays.generate(folder, name)

    return environment


@pytest.fixture
def shared_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """One cache for all environments and workers: most Applications of two of them are the same."""
    base = tmp_path_factory.getbasetemp()
    under_xdist = "PYTEST_XDIST_WORKER" in os.environ
    monkeypatch.setenv("XDG_CACHE_HOME", str((base.parent if under_xdist else base) / "cache"))
