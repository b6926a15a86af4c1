"""An empty cache for every test, pins of its own, and git repositories in place of remote ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from kfaws.generator import programs
from kfaws.generator.upstream import pins as pins_module
from tests.generator.samples import HOST

Pinner = Callable[[list[dict[str, Any]]], None]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and no mirror."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("KFAWS_MIRROR", raising=False)
    return tmp_path / "cache" / "kubeflow-aws-gitops"


@pytest.fixture(scope="session")
def helm_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Helm, unpacked once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("programs")))
        patch.delenv("KFAWS_HELM", raising=False)
        return programs.helm().path


@pytest.fixture
def pin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pinner]:
    """Put other pins in place of ours."""

    def replace(entries: list[dict[str, Any]]) -> None:
        file = tmp_path / "pins.yaml"
        file.write_text(yaml.safe_dump({"repositories": entries}))
        monkeypatch.setattr(pins_module, "PINS_FILE", file)
        _forget()

    yield replace
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    pins_module.pins.cache_clear()
    pins_module.pins_digest.cache_clear()


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of bare repositories that git reads in place of HOST."""
    folder = tmp_path / "served"
    folder.mkdir()
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{folder.as_uri()}/.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", f"{HOST}/")
    return folder
