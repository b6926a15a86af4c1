"""Which file of the generated repository a finding is to be mended in."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from kfaws.generator.check.inventory import Item

SUFFIXES = (".yaml", ".yml", ".env", ".json", ".py", ".lua", ".sql", ".cfg", ".conf", ".sh", ".md")
BOOTSTRAP = "bootstrap"


class Locator:
    """Finds files by the text that must stand in them; reads each folder once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file_of(self, item: Item | None, hint: str = "") -> str:
        """Path, relative to the repository, of the file that declares the object, or holds the hint."""
        if item is None:
            return ""
        source = item.source
        if source.application is None and source.key.kind == "Application":
            name = Path("apps") / f"{source.key.name}.yaml"
            if (self.folder / name).is_file():
                return str(name)
        root = self._root(source)
        best = max(self._texts(root), key=lambda entry: _score(entry, source, hint), default=None)
        if best is not None and _score(best, source, hint)[0] > 0:
            return best[0]
        for default in (Path(root) / "kustomization.yaml", Path(root)):
            if (self.folder / default).exists() and root:
                return str(default)
        return self._application_file(source)

    def _root(self, source: Item) -> str:
        """The folder that the object's Application (or the bootstrap) is made of; empty for a chart."""
        if source.application is None:
            return BOOTSTRAP
        path = str(source.application.source.get("path") or "")
        return path if path and (self.folder / path).is_dir() else ""

    def _application_file(self, source: Item) -> str:
        return str(source.application.file) if source.application else BOOTSTRAP

    def _texts(self, root: str) -> list[tuple[str, str]]:
        return _texts(self.folder, root) if root else []


@lru_cache(maxsize=256)
def _texts(folder: Path, root: str) -> list[tuple[str, str]]:
    found = []
    for file in sorted((folder / root).rglob("*")):
        if file.is_file() and file.suffix in SUFFIXES:
            found.append((str(file.relative_to(folder)), file.read_text(encoding="utf-8", errors="replace")))
    return found


def _score(entry: tuple[str, str], item: Item, hint: str) -> tuple[int, int, int]:
    """How well a file fits: it declares or patches the object, and it holds the hint."""
    _, text = entry
    declares = sum(
        _states(text, field, value) for field, value in (("kind", item.key.kind), ("name", item.key.name))
    )
    hinted = int(bool(hint) and hint in text)
    named = int(bool(item.key.name) and item.key.name in text)
    return (2 * int(declares == 2) + 2 * hinted + int(declares == 1 and named), hinted, declares)


def _states(text: str, field: str, value: str) -> bool:
    pattern = rf"(^|[\s{{,\"-]){field}\"?:\s*[\"']?{re.escape(value)}[\"']?\s*($|[,}}#])"
    return bool(value) and re.search(pattern, text, re.MULTILINE) is not None
