"""kro definitions: templates against their kinds, expressions against what they read."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from functools import lru_cache

from kfaws.generator.check.cel.references import ANY_ELEMENT, Reference, references
from kfaws.generator.check.cel.syntax import CelError, Node, parse
from kfaws.generator.check.cel.template import expressions, is_expression, strings
from kfaws.generator.check.definitions import Definition, Resource
from kfaws.generator.check.finding import Breach, Rule
from kfaws.generator.check.kinds import Type, type_of
from kfaws.generator.check.rules.schema import at_run_time, breaches, dotted, unknown_kind
from kfaws.generator.check.world import World

SCHEMA = Rule(
    "definition/schema",
    "kro refuses a definition whose claim schema it cannot read, so the claim's kind never exists",
    "write the field as `type | marker=value`, with kro's types and markers",
)
NOT_CEL = Rule(
    "definition/not-cel",
    "kro refuses a definition with an expression that is not CEL, so the claim's kind never exists",
    "correct the expression",
)
UNKNOWN_RESOURCE = Rule(
    "definition/unknown-resource",
    "kro refuses a definition with an expression that reads a resource it does not declare",
    "use the id of one of the definition's resources, or schema",
)
UNKNOWN_REFERENCE = Rule(
    "definition/unknown-field",
    "kro type-checks expressions against CRDs and refuses a definition that reads a field no CRD declares",
    "read a field that the kind's CRD declares",
)
CYCLE = Rule(
    "definition/cycle",
    "kro cannot order resources that wait for each other",
    "remove one of the references",
)
CONDITION = Rule(
    "definition/condition",
    "kro takes conditions that are one standalone expression only",
    "write the condition as one `${...}`",
)

SCHEMA_ROOT = "schema"
EACH = "each"


def check(world: World) -> Iterator[Breach]:
    """Every definition, whether or not there is a claim of it."""
    for declared in world.definitions.values():
        if declared.problem:
            yield SCHEMA.found(declared.item, f"{declared.kind}: {declared.problem}")
            continue
        for resource in declared.resources:
            yield from _template(world, declared, resource)
            yield from _expressions(world, declared, resource)
        yield from _status(world, declared)
        yield from _cycles(declared)


def _template(world: World, declared: Definition, resource: Resource) -> Iterator[Breach]:
    """The template against its kind, any expression standing for a value of any type."""
    kind = type_of(resource.manifest)
    prefix = f"resource {resource.id}: "
    if world.schemas.schema(kind) is None:
        yield from unknown_kind(world, declared.item, kind, prefix)
    elif not resource.external:
        yield from breaches(world.schemas, kind, declared.item, resource.manifest, at_run_time, prefix)


def _expressions(world: World, declared: Definition, resource: Resource) -> Iterator[Breach]:
    texts = [(dotted(list(path)), text) for path, text in strings(resource.manifest)]
    texts += [("forEach", text) for _, text in resource.loops]
    for field, conditions in (("includeWhen", resource.include_when), ("readyWhen", resource.ready_when)):
        for condition in conditions:
            if not is_expression(condition):
                what = f"resource {resource.id}: {field} {condition!r} is not one expression"
                yield CONDITION.found(declared.item, what, hint=condition)
            texts.append((field, condition))
    for where, text in texts:
        extra = resource.variables | ({EACH} if where == "readyWhen" else frozenset())
        yield from _text(world, declared, f"resource {resource.id}: {where}", text, extra)


def _status(world: World, declared: Definition) -> Iterator[Breach]:
    for path, text in strings(declared.status):
        yield from _text(world, declared, f"status.{dotted(list(path))}", text, frozenset())


def _text(
    world: World, declared: Definition, where: str, text: str, bound: frozenset[str]
) -> Iterator[Breach]:
    try:
        trees = parsed(text)
    except CelError as broken:
        yield NOT_CEL.found(declared.item, f"{where}: {broken}", hint=text)
        return
    for tree in trees:
        for reference in references(tree, bound):
            breach = _reference(world, declared, where, reference)
            if breach is not None:
                yield breach


@lru_cache(maxsize=4096)
def parsed(text: str) -> tuple[Node, ...]:
    """The trees of all expressions of a string."""
    return tuple(parse(embedded.text) for embedded in expressions(text)) if "${" in text else ()


def _reference(world: World, declared: Definition, where: str, reference: Reference) -> Breach | None:
    roots = {resource.id: resource for resource in declared.resources}
    if reference.root == SCHEMA_ROOT:
        schema = world.schemas.schema(Type(declared.group, declared.version, declared.kind)) or {}
        return _walk(world, declared, where, reference, schema, declared.kind)
    if reference.root not in roots:
        meant = difflib.get_close_matches(reference.root, [*roots, SCHEMA_ROOT], n=1)
        question = f": did you mean {meant[0]}?" if meant else ""
        what = f"{where}: ${{{reference}}} reads {reference.root}, which is no resource here{question}"
        return UNKNOWN_RESOURCE.found(declared.item, what, hint=str(reference))
    resource = roots[reference.root]
    kind = type_of(resource.manifest)
    schema_of_kind = world.schemas.schema(kind)
    if schema_of_kind is None or resource.loops:
        return None
    return _walk(world, declared, where, reference, schema_of_kind, kind.kind)


def _walk(
    world: World,
    declared: Definition,
    where: str,
    reference: Reference,
    schema: dict[str, object],
    kind: str,
) -> Breach | None:
    """Follow a reference through a schema; a breach at the first field that is not declared."""
    current: dict[str, object] = schema
    for position, segment in enumerate(reference.path):
        if not current or current.get("x-kubernetes-preserve-unknown-fields"):
            return None
        below = world.schemas.descend(current, segment, element=segment == ANY_ELEMENT)
        if below is None:
            meant = difflib.get_close_matches(segment, world.schemas.fields(current), n=1)
            question = f": did you mean {meant[0]}?" if meant else ""
            path = ".".join(reference.path[: position + 1])
            what = f"{where}: ${{{reference}}} reads {path}, which {kind} does not have{question}"
            return UNKNOWN_REFERENCE.found(declared.item, what, hint=str(reference))
        current = below
    return None


def _cycles(declared: Definition) -> Iterator[Breach]:
    """Resources that wait for each other, by the references of their templates."""
    waits = {resource.id: _reads(declared, resource) for resource in declared.resources}
    for start in waits:
        seen: set[str] = set()
        open_ids = set(waits[start])
        while open_ids:
            current = open_ids.pop()
            if current == start:
                yield CYCLE.found(declared.item, f"resource {start} waits for itself through other resources")
                return
            if current not in seen:
                seen.add(current)
                open_ids |= waits.get(current, set())


def _reads(declared: Definition, resource: Resource) -> set[str]:
    ids = {other.id for other in declared.resources}
    found: set[str] = set()
    texts = [text for _, text in strings(resource.manifest)]
    for text in [*texts, *resource.include_when, *(loop for _, loop in resource.loops)]:
        try:
            trees = parsed(text)
        except CelError:
            continue
        for tree in trees:
            found |= {reference.root for reference in references(tree, resource.variables)}
    return found & ids
