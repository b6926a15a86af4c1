"""A finding of `kfaws check`, and what a run of all rules reports."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kfaws.generator.check.inventory import Item


@dataclass(frozen=True)
class Rule:
    """One rule: its id (`family/name`), why a breach matters, and the remedy when a finding names none."""

    id: str
    why: str
    remedy: str

    def found(self, item: Item | None, what: str, *, hint: str = "", remedy: str = "") -> Breach:
        """A breach of this rule by an object; `hint` is a text that stands in the line to be mended."""
        return Breach(self, item, what, hint=hint, remedy=remedy or self.remedy)

    def found_in(self, file: str, what: str, *, remedy: str = "") -> Breach:
        """A breach of this rule by a file that is no Kubernetes object, relative to the repository."""
        return Breach(self, None, what, remedy=remedy or self.remedy, file=file)


@dataclass(frozen=True)
class Breach:
    """What a rule yields; becomes a Finding once the file that declares the object is known."""

    rule: Rule
    item: Item | None
    what: str
    remedy: str
    hint: str = ""
    file: str = ""


@dataclass(frozen=True, order=True)
class Finding:
    """One broken promise of a generated repository, for a person or a script."""

    file: str
    """In the generated repository."""
    object: str
    """kind/namespace/name, or empty for a file that is no object."""
    rule: str
    what: str
    why: str
    remedy: str
    application: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


@dataclass(frozen=True)
class Skipped:
    """A phase that could not run, and why."""

    phase: str
    reason: str
    hides_kinds: bool = False
    """True when CRDs are among what could not be had: an unknown kind is no finding then."""


@dataclass(frozen=True)
class Report:
    """Everything that one run of `kfaws check` found."""

    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    objects: int
    """How many objects were looked at, children of definitions included."""

    @property
    def clean(self) -> bool:
        """True when nothing was found; a skipped phase is not a finding."""
        return not self.findings
