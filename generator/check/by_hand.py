"""Objects that the bootstrap's scripts apply: YAML between `<<END` and `END`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
                    documents = yaml.safe_load_all(text)
                    yield from (_at_run_time(entry) for entry in documents if isinstance(entry, dict))


def _at_run_time(node: Any) -> Any:
    """The tree with what the shell puts in as an expression, which no rule takes for a value."""
    if isinstance(node, dict):
        return {key: _at_run_time(child) for key, child in node.items()}
    if isinstance(node, list):
        return [_at_run_time(child) for child in node]
    return SHELL.sub("${shell}", node) if isinstance(node, str) else node
