"""kro's ResourceGraphDefinitions: what each declares."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kfaws.generator.check.inventory import Item
from kfaws.generator.check.schemas.crds import CustomKind
from kfaws.generator.check.schemas.simple import SimpleSchemaError, open_api
from kfaws.generator.model import Object

GROUP = "kro.run"
KIND = "ResourceGraphDefinition"
STATUS_OF_EVERY_INSTANCE = {"state", "conditions"}


@dataclass(frozen=True)
class Resource:
    """One resource of a definition: a template to apply, or a reference to what exists already."""

    id: str
    manifest: Object = field(hash=False, compare=False)
    external: bool
    include_when: tuple[str, ...]
    ready_when: tuple[str, ...]
    loops: tuple[tuple[str, str], ...]
    """forEach: variable and expression, one pair a dimension."""

    @property
    def variables(self) -> frozenset[str]:
        """Names that forEach binds."""
        return frozenset(name for name, _ in self.loops)


@dataclass(frozen=True)
class Definition:
    """A ResourceGraphDefinition."""

    item: Item
    group: str
    version: str
    kind: str
    spec: dict[str, Any] = field(hash=False, compare=False)
    """OpenAPI schema of a claim's spec."""
    status: dict[str, Any] = field(hash=False, compare=False)
    """Status fields with their expressions."""
    resources: tuple[Resource, ...] = field(hash=False, compare=False)
    namespaced: bool = True
    problem: str | None = None
    """Why its schema cannot be read, if so."""

    def custom_kind(self) -> CustomKind:
        """The claim's kind, as the CRD that kro makes of it."""
        status: dict[str, Any] = {name: {} for name in [*self.status, *STATUS_OF_EVERY_INSTANCE]}
        schema = {
            "type": "object",
            "properties": {
                "spec": self.spec,
                "status": {"type": "object", "properties": status},
            },
        }
        made_by = f"kro, from {self.item.key}"
        return CustomKind(self.group, self.kind, self.namespaced, {self.version: schema}, made_by)


def definition(item: Item) -> Definition:
    """Read one ResourceGraphDefinition."""
    spec = item.manifest.get("spec") or {}
    schema = spec.get("schema") or {}
    problem = None
    fields: dict[str, Any] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    try:
        fields = open_api(schema.get("spec") or {}, schema.get("types"))
    except SimpleSchemaError as broken:
        problem = str(broken)
    return Definition(
        item=item,
        group=schema.get("group") or GROUP,
        version=schema.get("apiVersion") or "",
        kind=schema.get("kind") or "",
        spec=fields,
        status=schema.get("status") or {},
        resources=tuple(_resource(entry) for entry in spec.get("resources") or ()),
        namespaced=schema.get("scope", "Namespaced") == "Namespaced",
        problem=problem,
    )


def _resource(entry: dict[str, Any]) -> Resource:
    return Resource(
        id=entry.get("id") or "",
        manifest=entry.get("template") or entry.get("externalRef") or {},
        external="externalRef" in entry,
        include_when=tuple(entry.get("includeWhen") or ()),
        ready_when=tuple(entry.get("readyWhen") or ()),
        loops=tuple((name, text) for loop in entry.get("forEach") or () for name, text in loop.items()),
    )
