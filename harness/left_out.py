"""Applications that cannot be delivered here, because what they are built of cannot be had."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ruamel.yaml import YAML

from kfaws.generator.model import RenderedEnvironment


def left_out(environment: RenderedEnvironment) -> dict[str, str]:
    """Each Application that cannot be rendered here, with the reason."""
    return {
        item.application.name: item.not_rendered for item in environment.applications if item.not_rendered
    }


def leave_out(folder: Path, names: Iterable[str]) -> None:
    """Take those Applications out of a copy of a repository: their files and their lines in apps/."""
    yaml, wanted = YAML(), set(names)
    listing = folder / "apps" / "kustomization.yaml"
    listed = yaml.load(listing)
    for resource in list(listed["resources"]):
        file = folder / "apps" / resource
        if yaml.load(file)["metadata"]["name"] in wanted:
            listed["resources"].remove(resource)
            file.unlink()
    if wanted:
        yaml.dump(listed, listing)
