"""Applications that cannot be delivered here, because what they are built of cannot be had."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import yaml
from ruamel.yaml import YAML

from kfaws.generator.model import RenderedEnvironment

TABLE = Path(__file__).parent / "left_out.yaml"


def left_out(environment: RenderedEnvironment) -> dict[str, str]:
    """Each Application that cannot be rendered here, and what needs one of those, with the reason."""
    needs: dict[str, str] = yaml.safe_load(TABLE.read_text())
    there = {item.application.name for item in environment.applications}
    found = {
        item.application.name: item.not_rendered for item in environment.applications if item.not_rendered
    }
    also = {name: f"it needs {other}" for name, other in needs.items() if other in found and name in there}
    return also | found


def leave_out(folder: Path, names: Iterable[str]) -> None:
    """Take those Applications out of a copy of a repository: their files and their lines in apps/."""
    editor, wanted = YAML(), set(names)
    listing = folder / "apps" / "kustomization.yaml"
    listed = editor.load(listing)
    for resource in list(listed["resources"]):
        file = folder / "apps" / resource
        if editor.load(file)["metadata"]["name"] in wanted:
            listed["resources"].remove(resource)
            file.unlink()
    if wanted:
        editor.dump(listed, listing)
