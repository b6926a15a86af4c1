"""A spec against the shapes of the AWS calls that it becomes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from kfaws.generator.check.aws.kinds import AwsKind, Call
from kfaws.generator.check.aws.models import Service, Shape, service

NUMBERS = frozenset({"integer", "long", "float", "double"})
REFERENCE_SUFFIXES = ("Ref", "Refs", "Selector")


class Fault(NamedTuple):
    """What is wrong, and with which field of the spec."""

    field: str
    what: str


def faults(kind: AwsKind, spec: dict[str, Any]) -> Iterator[Fault]:
    """Every parameter of a spec that AWS would refuse; what is known at run time only is taken as right."""
    model = service(kind.create.service)
    shape = model.at(kind.create.operation, kind.create.path)
    given = set()
    for name, value in spec.items():
        call = kind.calls.get(name)
        if call is not None:
            yield from _value(service(call.service), _shape_of(call), value, name)
            continue
        member = kind.names[name] if name in kind.names else _member(shape, name)
        if member is None and name.endswith(REFERENCE_SUFFIXES):
            member = _referenced(shape, name)
        if member:
            given.add(member)
            if not name.endswith(REFERENCE_SUFFIXES):
                yield from _value(model, model.shape(shape["members"][member]), value, name)
    if kind.required:
        for member in shape.get("required", ()):
            if member not in given and not _set_by_controller(shape, member):
                yield Fault(member, f"{kind.create.operation} needs {member}, which the spec does not give")


def _shape_of(call: Call) -> Shape:
    return service(call.service).at(call.operation, call.path)


def _set_by_controller(shape: Shape, member: str) -> bool:
    """Tokens that make a call idempotent are made by the controller."""
    return bool(shape["members"][member].get("idempotencyToken")) or member == "CreationToken"


def _member(shape: Shape, name: str) -> str | None:
    return _members(tuple(shape.get("members", ()))).get(name.lower())


@lru_cache(maxsize=1024)
def _members(names: tuple[str, ...]) -> dict[str, str]:
    return {name.lower(): name for name in names}


def _referenced(shape: Shape, name: str) -> str | None:
    """The member that a reference to another resource fills: `kmsKeyRef` stands for KmsKeyId."""
    stem = re.sub(r"(Refs?|Selector)$", "", name).lower()
    for member in shape.get("members", ()):
        if member.lower().removesuffix("s") in (stem, f"{stem}id", f"{stem}arn", f"{stem}name"):
            return str(member)
    return None


def _value(model: Service, shape: Shape, value: Any, where: str) -> Iterator[Fault]:
    kind = shape["type"]
    if value is None or (isinstance(value, str) and "${" in value):
        return
    if kind == "structure" and isinstance(value, dict):
        yield from _structure(model, shape, value, where)
    elif kind == "list" and isinstance(value, list):
        yield from _length(shape, len(value), where, "entries")
        for index, item in enumerate(value):
            yield from _value(model, model.shape(shape["member"]), item, f"{where}[{index}]")
    elif kind == "map" and isinstance(value, dict):
        for name, item in value.items():
            yield from _value(model, model.shape(shape["value"]), item, f"{where}.{name}")
    elif kind == "string" and isinstance(value, str):
        yield from _text(shape, value, where)
    elif kind in NUMBERS and isinstance(value, int | float) and not isinstance(value, bool):
        yield from _range(shape, value, where)


def _structure(model: Service, shape: Shape, value: dict[str, Any], where: str) -> Iterator[Fault]:
    given = set()
    for name, child in value.items():
        member = _member(shape, name)
        if member is not None:
            given.add(member)
            yield from _value(model, model.shape(shape["members"][member]), child, f"{where}.{name}")
    for member in shape.get("required", ()):
        referenced = any(name.endswith(REFERENCE_SUFFIXES) for name in value)
        if member not in given and not referenced:
            yield Fault(where, f"{where} needs {member}")


def _text(shape: Shape, value: str, where: str) -> Iterator[Fault]:
    allowed = shape.get("enum")
    if allowed and value not in allowed:
        yield Fault(where, not_allowed(where, value, allowed))
        return
    yield from _length(shape, len(value), where, "characters")
    pattern = _pattern(shape.get("pattern", ""))
    if pattern is not None and not pattern.fullmatch(value):
        yield Fault(where, f"{where} is {value!r}, which AWS's pattern {shape['pattern']} does not allow")


def not_allowed(where: str, value: object, allowed: tuple[object, ...] | list[str]) -> str:
    """What is wrong with a value outside a list, with the nearest one of it."""
    texts = [str(entry) for entry in allowed]
    near = difflib.get_close_matches(str(value), texts, n=1)
    listed = ", ".join(texts) if len(texts) <= 12 else f"{len(texts)} values"
    return f"{where} is {value!r}; AWS allows {listed}" + (f": did you mean {near[0]}?" if near else "")


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str] | None:
    """AWS's patterns are Java's; the few that Python cannot read (`\\p{L}` and the like) decide nothing."""
    if not text or r"\p" in text or "[[:" in text:
        return None
    try:
        return re.compile(text, re.DOTALL)
    except re.error:
        return None


def _length(shape: Shape, length: int, where: str, unit: str) -> Iterator[Fault]:
    smallest, largest = shape.get("min"), shape.get("max")
    if (smallest is not None and length < smallest) or (largest is not None and length > largest):
        bounds = f"{smallest or 0} to {largest}" if largest is not None else f"at least {smallest}"
        yield Fault(where, f"{where} has {length} {unit}; AWS takes {bounds}")


def _range(shape: Shape, value: float, where: str) -> Iterator[Fault]:
    smallest, largest = shape.get("min"), shape.get("max")
    if (smallest is not None and value < smallest) or (largest is not None and value > largest):
        yield Fault(where, f"{where} is {value}; AWS takes {smallest} to {largest}")
