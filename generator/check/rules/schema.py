"""Every object against the schema of its kind: unknown kinds, unknown fields, values that do not fit."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema_rs

from kfaws.generator.check.finding import Breach, Rule
from kfaws.generator.check.inventory import Item
from kfaws.generator.check.kinds import Type
from kfaws.generator.check.schemas.store import SchemaStore
from kfaws.generator.check.world import World

UNKNOWN_KIND = Rule(
    "schema/unknown-kind",
    "the API server refuses an object of a kind that neither a CRD nor this Kubernetes release declares, and"
    " its Application never syncs",
    "correct apiVersion and kind, or add the CRD's Application",
)
UNKNOWN_FIELD = Rule(
    "schema/unknown-field",
    "the API server drops or refuses a field that the kind does not have, so the setting never takes effect",
    "correct the spelling, or remove the field",
)
INVALID_VALUE = Rule(
    "schema/invalid-value",
    "the API server refuses the object, and its Application never syncs",
    "give a value that the kind's schema allows",
)

Ignored = Callable[[jsonschema_rs.ValidationError], bool]


def check(world: World) -> Iterator[Breach]:
    """Every rendered object, bootstrap and Applications included, and every child of a claim."""
    for item in world.inventory.items:
        yield from _item(world, item)


def _item(world: World, item: Item) -> Iterator[Breach]:
    """One object against its kind.

    For what kro makes of a claim only values count: its fields are checked in the definition itself.
    """
    kind, schemas = item.type, world.schemas
    validator = schemas.validator(kind)
    if validator is None and item.rendered:
        yield from unknown_kind(world, item, kind)
    if validator is None or validator.is_valid(item.manifest):
        return
    found = breaches(schemas, kind, item, item.manifest, never if item.rendered else at_run_time)
    yield from (breach for breach in found if item.rendered or breach.rule is INVALID_VALUE)


def unknown_kind(world: World, item: Item, kind: Type, prefix: str = "") -> Iterator[Breach]:
    """A finding; but a skipped check where the CRD may be among what could not be had."""
    hint = world.schemas.hint(kind)
    if world.blind and "." in kind.group and not kind.group.endswith(".k8s.io"):
        world.skip(f"schema of {kind}", "no CRD of it among what could be had")
    else:
        what = f"{prefix}no schema for {kind}" + (f": {hint}" if hint else "")
        yield UNKNOWN_KIND.found(item, what, hint=kind.kind)


def breaches(
    schemas: SchemaStore, kind: Type, item: Item, manifest: Any, ignored: Ignored, prefix: str = ""
) -> Iterator[Breach]:
    """All breaches of a kind's schema by a manifest; `prefix` is where the manifest stands in the item."""
    validator, schema = schemas.validator(kind), schemas.schema(kind)
    if validator is None or schema is None:
        return
    for error in validator.iter_errors(manifest):
        if ignored(error):
            continue
        path = dotted(error.instance_path)
        where = f"{prefix}{path}" if path else f"{prefix}the object".strip()
        unexpected = getattr(error.kind, "unexpected", None)
        if unexpected is None:
            yield INVALID_VALUE.found(item, f"{where}: {_plain(error)}", hint=_last(error.instance_path))
            continue
        holder = _schema_at(schemas, schema, error.instance_path)
        for name in unexpected:
            full = ".".join(part for part in (path, name) if part)
            meant = difflib.get_close_matches(name, schemas.fields(holder), n=1, cutoff=0.6)
            question = f": did you mean {meant[0]}?" if meant else ""
            yield UNKNOWN_FIELD.found(item, f"{prefix}{kind} has no field {full}{question}", hint=name)


def never(error: jsonschema_rs.ValidationError) -> bool:
    """Ignore nothing."""
    return False


def at_run_time(error: jsonschema_rs.ValidationError) -> bool:
    """Ignore what is said of a string with an expression in it: its value is not known yet."""
    return isinstance(error.instance, str) and "${" in error.instance


def _schema_at(schemas: SchemaStore, schema: dict[str, Any], path: list[str | int]) -> dict[str, Any]:
    for segment in path:
        below = schemas.descend(schema, str(segment), element=isinstance(segment, int))
        if below is None:
            return {}
        schema = below
    return schema


def _plain(error: jsonschema_rs.ValidationError) -> str:
    """The validator's message without a whole object in it."""
    message = error.message
    return message if len(message) <= 200 else f"{message[:80]} ... {message[-110:]}"


def dotted(path: list[str | int]) -> str:
    """A path as people write it: spec.rules[0].host."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return re.sub(r"^\.", "", text)


def _last(path: list[str | int]) -> str:
    names = [part for part in path if isinstance(part, str)]
    return names[-1] if names else ""
