"""The diagram in a generated README."""

from __future__ import annotations

import re
from pathlib import Path


def in_readme(folder: Path) -> str:
    """Its Mermaid source."""
    (diagram,) = re.findall(r"```mermaid\n(.*?)```", (folder / "README.md").read_text(), re.DOTALL)
    return str(diagram)
