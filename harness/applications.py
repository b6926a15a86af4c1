"""Argo CD's Applications as they are now: synced, healthy, and what keeps them from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from kfaws.generator.model import Object
from kfaws.harness.kube import Cluster, Kind

APPLICATION = Kind("argoproj.io/v1alpha1", "Application")
ROOT = "root"
WAVE = "argocd.argoproj.io/sync-wave"
PATHS = "argocd.argoproj.io/manifest-generate-paths"
REFRESH = "argocd.argoproj.io/refresh"
NOTE = 300
"""Characters of Argo CD's words that are kept."""


@dataclass(frozen=True)
class Row:
    """One Application."""

    name: str
    wave: int
    sync: str
    health: str
    revision: str
    note: str
    """In Argo CD's words, why it is not Synced and Healthy; empty when nothing is said."""

    @property
    def done(self) -> bool:
        """Whether it is Synced and Healthy."""
        return self.sync == "Synced" and self.health == "Healthy"


def applications(cluster: Cluster, namespace: str) -> list[Row]:
    """All Applications but the root, by wave and name; none before bootstrap."""
    found = [row_of(item) for item in cluster.list(APPLICATION, namespace)]
    return sorted((row for row in found if row.name != ROOT), key=lambda row: (row.wave, row.name))


def row_of(item: Object) -> Row:
    """An Application object as a row."""
    metadata, status = item["metadata"], item.get("status", {})
    sync, health = status.get("sync", {}), status.get("health", {})
    return Row(
        metadata["name"],
        int((metadata.get("annotations") or {}).get(WAVE, "0")),
        sync.get("status", "Unknown"),
        health.get("status", "Missing"),
        sync.get("revision", ""),
        _note(status),
    )


def everything_is_done(rows: Sequence[Row], expected: Iterable[str]) -> bool:
    """Whether all that are expected are there, and all that are there are Synced and Healthy."""
    return all(row.done for row in rows) and {row.name for row in rows} >= set(expected)


def refresh(cluster: Cluster, namespace: str, changed: Iterable[str] | None = None) -> list[str]:
    """Ask Argo CD to look at git now: all, or those that are built of one of the changed files.

    `changed` are paths relative to the repository. Returns the names.
    """
    files = None if changed is None else [PurePosixPath(path) for path in changed]
    asked = []
    for item in cluster.list(APPLICATION, namespace):
        if files is None or any(_is_built_of(item, file) for file in files):
            cluster.patch(item, {"metadata": {"annotations": {REFRESH: "normal"}}})
            asked.append(item["metadata"]["name"])
    return asked


def refresh_failed(cluster: Cluster, namespace: str) -> list[str]:
    """Let Argo CD look again at what it could not compare: by itself it does so after minutes only."""
    asked = []
    for item in cluster.list(APPLICATION, namespace):
        conditions = item.get("status", {}).get("conditions") or []
        if any(condition["type"] == "ComparisonError" for condition in conditions):
            cluster.patch(item, {"metadata": {"annotations": {REFRESH: "normal"}}})
            asked.append(item["metadata"]["name"])
    return asked


def _is_built_of(item: Object, file: PurePosixPath) -> bool:
    """As Argo CD reads the annotation: paths are relative to the source's own, or begin at the root."""
    own = PurePosixPath(item["spec"]["source"].get("path", "."))
    named = (item["metadata"].get("annotations") or {}).get(PATHS)
    if not named:
        return True
    return any(file.is_relative_to(_folded(own, path)) for path in named.split(";"))


def _folded(own: PurePosixPath, path: str) -> PurePosixPath:
    parts: list[str] = []
    for part in PurePosixPath(path[1:] if path.startswith("/") else own / path).parts:
        if part == "..":
            del parts[-1:]
        elif part != ".":
            parts.append(part)
    return PurePosixPath(*parts)


def _note(status: Object) -> str:
    operation = status.get("operationState", {})
    said = [condition["message"] for condition in status.get("conditions") or []]
    if operation.get("phase") in ("Failed", "Error", "Running"):
        said.append(operation.get("message", ""))
    said += [
        f"{item['kind']} {item['name']}: {health['status']} {health.get('message', '')}".strip()
        for item in status.get("resources") or []
        if (health := item.get("health") or {}).get("status") in ("Degraded", "Progressing", "Missing")
    ]
    return " ".join(" | ".join(text for text in said if text).split())[:NOTE]
