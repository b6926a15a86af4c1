"""Charts that need others which their repositories do not carry."""

from __future__ import annotations

from pathlib import Path

import yaml


def pack_dependencies(folder: Path) -> None:
    """Put an empty chart in the place of each dependency that a chart below `folder` lacks.

    Argo CD would download them from registries that cannot be reached here. Those that upstream's charts
    have are switched off by their values; one that is not would show as missing objects.
    """
    for file in folder.rglob("Chart.yaml"):
        description = yaml.safe_load(file.read_text())
        for entry in description.get("dependencies") or []:
            packed = file.parent / "charts" / entry["name"]
            if not packed.is_dir():
                packed.mkdir(parents=True)
                empty = {"apiVersion": "v2", "name": entry["name"], "version": entry["version"]}
                (packed / "Chart.yaml").write_text(yaml.safe_dump(empty))
