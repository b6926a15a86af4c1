"""Objects that the bootstrap's scripts apply: YAML between `<<END` and `END`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from kfaws.generator.model import Object

HERE_DOCUMENT = re.compile(r"<<-?\s*['\"]?(\w+)['\"]?[^\n]*\n(.*?)\n\s*\1\b", re.DOTALL)
SCRIPTS = ("*.sh", "*.md")
SHELL = re.compile(r"\$\(([^()\n]*)\)")
"""What a script asks of AWS: known at run time only, like an expression of kro's."""


def applied_by_hand(folder: Path) -> Iterator[Object]:
    """The Kubernetes objects in the scripts and runbooks below a repository's bootstrap."""
    for pattern in SCRIPTS:
        for file in sorted((folder / "bootstrap").rglob(pattern)):
            for _, text in HERE_DOCUMENT.findall(file.read_text(encoding="utf-8")):
                if "apiVersion:" in text and "kind:" in text:
                    yield from (entry for entry in yaml.safe_load_all(SHELL.sub("${shell}", text)) if isinstance(entry, dict))
