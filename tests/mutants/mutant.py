"""One break put into a generated repository on purpose, and the rule that must name its cause."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mutant:
    """One break: a text of one file replaced (or a file added), and what must be said of it."""

    name: str
    file: str
    old: str
    """Empty: the file is new, or `new` comes at its end."""
    new: str
    rule: str
    says: str
    """Part of the finding that names the cause."""
    everywhere: bool = False
    """True to replace every occurrence; otherwise the first."""
    pattern: bool = False
    """True when `old` is a regular expression."""

    def apply(self, folder: Path) -> None:
        """Break the repository."""
        file = folder / self.file
        if not self.old:
            before = file.read_text() if file.exists() else ""
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(before + self.new)
            return
        old = self.old if self.pattern else re.escape(self.old)
        text, replaced = re.subn(
            old, lambda _: self.new, file.read_text(), count=0 if self.everywhere else 1, flags=re.DOTALL
        )
        if not replaced:
            raise LookupError(f"{self.file} no longer has {self.old!r}: adapt mutant {self.name}")
        file.write_text(text)


def late(name: str, application: str, wave: int, rule: str, says: str) -> Mutant:
    """An Application in a later wave."""
    new = f'sync-wave: "{wave}"'
    return Mutant(name, f"apps/{application}.yaml", r'sync-wave: "\d+"', new, rule, says, pattern=True)


BUCKET = "kubeflow-artifacts-123456789012-us-west-2"
"""The walkthrough's bucket."""
