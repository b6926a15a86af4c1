"""kro's ResourceGraphDefinitions: what each declares, and the objects that its claims become."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from kfaws.generator.check.cel.evaluate import ABSENT, UNKNOWN, evaluate, substitute
from kfaws.generator.check.cel.syntax import CelError, parse
from kfaws.generator.check.cel.template import expressions
from kfaws.generator.check.inventory import Item
from kfaws.generator.check.schemas.crds import CustomKind
from kfaws.generator.check.schemas.simple import SimpleSchemaError, open_api, with_defaults
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


def children(declared: Definition, claim: Object) -> Iterator[tuple[Resource, Object]]:
    """The objects that kro makes of a claim, every expression replaced whose value is known before run time.

    A resource whose includeWhen is known to be false is left out; one that cannot be known is kept.
    """
    instance = {
        "metadata": claim.get("metadata") or {},
        "spec": with_defaults(claim.get("spec") or {}, declared.spec),
    }
    values: dict[str, Any] = {"schema": instance}
    for resource in declared.resources:
        if not resource.loops:
            values[resource.id] = _filled(resource.manifest, values)
    for resource in declared.resources:
        if resource.external or not _included(resource, values):
            continue
        for bound in _bindings(resource, values):
            yield resource, _filled(resource.manifest, {**values, **bound})


def _included(resource: Resource, values: dict[str, Any]) -> bool:
    return all(_value(condition, values) is not False for condition in resource.include_when)


def _bindings(resource: Resource, values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One mapping of variables an object that forEach makes; variables stay unknown when the list is."""
    lists = []
    for _, text in resource.loops:
        items = _value(text, values)
        lists.append(items if isinstance(items, list) else [UNKNOWN])
    for combination in product(*lists):
        yield dict(zip((name for name, _ in resource.loops), combination, strict=True))


def _value(text: str, values: dict[str, Any]) -> Any:
    """Value of `${...}`; what is no CEL has no value here, its own rule reports it."""
    try:
        found = expressions(text)
        return evaluate(parse(found[0].text), values) if len(found) == 1 else UNKNOWN
    except CelError:
        return UNKNOWN


def _filled(node: Any, values: dict[str, Any]) -> Any:
    if isinstance(node, str):
        if "${" not in node:
            return node
        try:
            return substitute(node, values)
        except CelError:
            return node
    if isinstance(node, dict):
        filled = {_key(key, values): _filled(child, values) for key, child in node.items()}
        return {key: child for key, child in filled.items() if child is not ABSENT}
    if isinstance(node, list):
        return [filled for child in node if (filled := _filled(child, values)) is not ABSENT]
    return node


def _key(key: str, values: dict[str, Any]) -> str:
    return str(_filled(key, values))
