"""Claims to the objects that kro makes of them, as far as that is known before run time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any

from kfaws.generator.check.cel.evaluate import ABSENT, UNKNOWN, evaluate, substitute
from kfaws.generator.check.cel.syntax import CelError, parse
from kfaws.generator.check.cel.template import expressions
from kfaws.generator.check.definitions import Definition, Resource
from kfaws.generator.check.kinds import type_of
from kfaws.generator.check.schemas.simple import with_defaults
from kfaws.generator.model import Object

Definitions = Mapping[tuple[str, str], Definition]
Lookup = Callable[[Object, str], Object | None]
"""Finds the rendered object that an externalRef means, given the claim's namespace."""
Foreseen = Callable[[Object], Object]
"""The status of an object as far as it is known before run time; empty when nothing is."""
DEEPEST = 8
"""How deep claims may make claims; kro itself has no limit, a cycle would never end here."""


class Expansion:
    """Turns claims into their children."""

    def __init__(self, definitions: Definitions, lookup: Lookup, status_of: Foreseen) -> None:
        self.definitions = definitions
        self.lookup = lookup
        self.status_of = status_of

    def children(self, declared: Definition, claim: Object) -> Iterator[tuple[Resource, Object]]:
        """The objects that kro makes of a claim, every expression replaced whose value is known.

        A resource whose includeWhen is known to be false is left out; one that cannot be known is kept.
        """
        values = self.values(declared, claim)
        for resource in declared.resources:
            if resource.external or not _included(resource, values):
                continue
            for bound in _bindings(resource, values):
                yield resource, filled(resource.manifest, {**values, **bound})

    def values(self, declared: Definition, claim: Object, depth: int = 0) -> dict[str, Any]:
        """What expressions may read: the claim, and every resource with what is known of it."""
        metadata = claim.get("metadata") or {}
        spec = with_defaults(claim.get("spec") or {}, declared.spec)
        values: dict[str, Any] = {"schema": {"metadata": metadata, "spec": spec}}
        for _ in range(2):
            for resource in declared.resources:
                if not resource.loops:
                    values[resource.id] = self._known(resource, values, metadata, depth)
        return values

    def _known(self, resource: Resource, values: dict[str, Any], metadata: Object, depth: int) -> Any:
        manifest = filled(resource.manifest, values)
        if resource.external:
            found = self.lookup(manifest, str(metadata.get("namespace") or ""))
            return found if found is not None else manifest
        kind = type_of(manifest)
        status = self.status_of(manifest)
        if status:
            return {**manifest, "status": status}
        nested = self.definitions.get((kind.group, kind.kind))
        if nested is None or depth >= DEEPEST:
            return manifest
        claim = in_namespace(manifest, str(metadata.get("namespace") or ""))
        return {**manifest, "status": self._status(nested, claim, depth)}

    def _status(self, declared: Definition, claim: Object, depth: int) -> dict[str, Any]:
        """The status of a claim that is a resource itself."""
        status = filled(declared.status, self.values(declared, claim, depth + 1))
        return {name: value for name, value in status.items() if not _open(value)}


def in_namespace(manifest: Object, namespace: str) -> Object:
    """The object with the namespace that it ends up in when it names none."""
    metadata = manifest.get("metadata") or {}
    if not namespace or metadata.get("namespace"):
        return manifest
    return {**manifest, "metadata": {**metadata, "namespace": namespace}}


def _open(value: Any) -> bool:
    return isinstance(value, str) and "${" in value


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


def filled(node: Any, values: Mapping[str, Any]) -> Any:
    """A tree with its expressions replaced; fields that omit() takes away are gone."""
    if isinstance(node, str):
        if "${" not in node:
            return node
        try:
            return substitute(node, values)
        except CelError:
            return node
    if isinstance(node, dict):
        result = {str(filled(key, values)): filled(child, values) for key, child in node.items()}
        return {key: child for key, child in result.items() if child is not ABSENT}
    if isinstance(node, list):
        return [child for item in node if (child := filled(item, values)) is not ABSENT]
    return node
