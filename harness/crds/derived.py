"""One call for all kinds whose CRD can be derived."""

from __future__ import annotations

from collections.abc import Iterable

from kfaws.generator.errors import KfawsError
from kfaws.generator.model import Object
from kfaws.harness.crds.ack import ack_crd
from kfaws.harness.crds.ack import kinds as ack_kinds
from kfaws.harness.crds.crossplane import crossplane_crd
from kfaws.harness.crds.crossplane import kinds as crossplane_kinds

GroupKind = tuple[str, str]


def derivable(group: str, kind: str) -> bool:
    """Whether a kind's CRD can be derived."""
    return (group, kind) in ack_kinds() | crossplane_kinds()


def derived_crds(wanted: Iterable[GroupKind]) -> list[Object]:
    """The CRDs of those kinds, each once, sorted by group and kind.

    Raises KfawsError for a kind that cannot be derived: ask `derivable` first.
    """
    return [_crd(group, kind) for group, kind in sorted(set(wanted))]


def _crd(group: str, kind: str) -> Object:
    if (group, kind) in ack_kinds():
        return ack_crd(group, kind)
    if (group, kind) in crossplane_kinds():
        return crossplane_crd(group, kind)
    raise KfawsError(f"no CRD of {kind} of {group} can be derived: add it to the tables in harness/crds")
