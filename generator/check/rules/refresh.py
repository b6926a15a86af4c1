"""What Argo CD renders anew after a commit: an Application names every folder that it is made of."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path

from kfaws.generator.check.finding import Breach, Rule
from kfaws.generator.check.world import World
from kfaws.generator.repository import Repository

PATHS = "argocd.argoproj.io/manifest-generate-paths"
UNSEEN = Rule(
    "refresh/unseen-folder",
    "Argo CD renders an Application anew when a commit touches the paths that it names: what changes"
    " elsewhere never reaches the cluster",
    f"add the folder to the annotation {PATHS} in apps/",
)
EVERY_COMMIT = Rule(
    "refresh/every-commit",
    "Argo CD renders an Application that names no paths anew at every commit, whatever it touches",
    f"give it the annotation {PATHS}, with `.` for its own folder",
)


def check(world: World) -> Iterator[Breach]:
    """Every Application of a folder of this repository."""
    repository = Repository(world.folder)
    for item in world.inventory.of("argoproj.io", "Application"):
        source = (item.manifest.get("spec") or {}).get("source") or {}
        if not repository.owns(str(source.get("repoURL") or "")):
            continue
        folder = Path(str(source.get("path") or "."))
        seen = _seen(item.annotations.get(PATHS, ""), folder)
        if not seen:
            yield EVERY_COMMIT.found(item, f"has no annotation {PATHS}")
            continue
        for part in repository.closure(folder):
            if not any(part.is_relative_to(path) for path in seen):
                yield UNSEEN.found(item, f"{PATHS} does not name {part}, which {folder} is built from")


def _seen(annotation: str, folder: Path) -> list[Path]:
    """The paths from the repository's root: one that begins with `/` as it is, another below the folder."""
    named = (entry.strip() for entry in annotation.split(";"))
    return [
        Path(posixpath.normpath(entry[1:] or "." if entry.startswith("/") else f"{folder}/{entry}"))
        for entry in named
        if entry
    ]
