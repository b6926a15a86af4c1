"""A target that is nowhere, and writes down what is done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from kfaws.harness import fixtures
from kfaws.harness.parts import Part

EVENTS = "events.txt"
"""In the environment's folder: a line each."""


class FakeTarget:
    """As much of a target as the plugin itself uses."""

    def __init__(self, name: str, environment: Path, components: Mapping[str, Path]) -> None:
        self.name = name
        self._environment = environment
        self.note(f"chosen {name} {environment.name} {sorted(components)}")

    def note(self, event: str) -> None:
        with (self._environment / EVENTS).open("a") as file:
            file.write(f"{event}\n")

    def restore(self) -> None:
        self.note("restored")

    def close(self) -> None:
        self.note("closed")

    def logs(self) -> Path:
        return self._environment / "logs"

    def parts(self) -> Sequence[Part]:
        return [Part("etcd", True, "Kubernetes' store, v3"), Part("aws", False, "moto")]


def install(monkeypatch: pytest.MonkeyPatch, lacking: Sequence[str] = ()) -> None:
    """Let every scenario have it."""
    monkeypatch.setattr(fixtures, "chosen", FakeTarget)
    monkeypatch.setattr(fixtures, "missing", lambda *_: lacking)


def events(environment: Path) -> list[str]:
    """What was done with it."""
    file = environment / EVENTS
    return file.read_text().splitlines() if file.is_file() else []
