"""Changes of a repository as a person would make them in an editor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

BROKEN = "  this: is: no YAML\n"
MORE = 4
"""Processors that a raised quota has more."""


def raise_quota(folder: Path, team: str) -> str:
    """Raise the processors of a team's quota; returns the new number."""
    file = folder / "profiles" / f"{team}.yaml"
    content = _read(file)
    quota = content["spec"]["quota"]
    quota["cpu"] = str(int(quota["cpu"]) + MORE)
    YAML().dump(content, file)
    return str(quota["cpu"])


def remove_component(folder: Path, name: str) -> None:
    """Take an Application out of apps/."""
    listing = folder / "apps" / "kustomization.yaml"
    content = _read(listing)
    content["resources"].remove(f"{name}.yaml")
    YAML().dump(content, listing)
    (folder / "apps" / f"{name}.yaml").unlink()


def remove_claim(folder: Path, name: str) -> str:
    """Take a claim out of claims/; returns its kind."""
    file = folder / "claims" / f"{name}.yaml"
    kind: str = _read(file)["kind"]
    file.unlink()
    return kind


def raise_retention(folder: Path) -> int:
    """Let the database keep its backups a day longer; returns the days."""
    file = folder / "claims" / "database.yaml"
    content = _read(file)
    content["spec"]["backupDays"] += 1
    YAML().dump(content, file)
    return int(content["spec"]["backupDays"])


def break_manifest(folder: Path) -> None:
    """Put a line into a manifest that no reader of YAML takes."""
    file = folder / "platform" / "namespaces" / "claims.yaml"
    file.write_text(file.read_text() + BROKEN)


def repair_manifest(folder: Path) -> None:
    """Take that line out again."""
    file = folder / "platform" / "namespaces" / "claims.yaml"
    file.write_text(file.read_text().removesuffix(BROKEN))


def _read(file: Path) -> Any:
    return YAML().load(file)
