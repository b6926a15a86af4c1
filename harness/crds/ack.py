"""ACK's CRDs: the spec from the create operation's input, the status from its output."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kfaws.generator.check.aws.kinds import KINDS, AwsKind
from kfaws.generator.check.aws.models import Service, Shape, service
from kfaws.generator.check.schemas.simple import open_api
from kfaws.generator.model import Object
from kfaws.harness.crds.manifest import Named, Schema, conditions, crd
from kfaws.harness.crds.names import ack_name
from kfaws.harness.crds.shapes import referred, schema_of

TABLE = Path(__file__).parent / "ack.yaml"
VERSION = "v1alpha1"
ORIGIN = "botocore's models"
TYPES = {
    "Secret": {"key": "string | required=true", "name": "string", "namespace": "string"},
    "Tag": {"key": "string", "value": "string"},
}
REFERENCE: Schema = open_api({"from": {"name": "string", "namespace": "string"}})
METADATA: Schema = open_api(
    {
        "arn": "string",
        "ownerAccountID": "string | required=true",
        "partition": "string",
        "region": "string | required=true",
    }
)


@dataclass(frozen=True)
class Settings:
    """One entry of the table; the table's head explains the fields."""

    names: dict[str, str] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    shown: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()


@cache
def settings() -> dict[tuple[str, str], Settings]:
    """The table, by group and kind."""
    entries: dict[str, dict[str, Any]] = yaml.load(TABLE.read_bytes(), Loader=yaml.CSafeLoader)
    return {(name.split("/")[0], name.split("/")[1]): Settings(**entry) for name, entry in entries.items()}


def kinds() -> frozenset[tuple[str, str]]:
    """The kinds of the table: those of ACK that can be derived."""
    return frozenset(settings())


def ack_crd(group: str, kind: str) -> Object:
    """The CRD of one of `kinds()`."""
    entry = settings()[group, kind]
    spec = _spec(KINDS[group, kind], entry)
    status = _status(KINDS[group, kind], kind, entry, spec["properties"])
    return crd(Named(group, kind, (VERSION,), ORIGIN), spec, status)


def _spec(known: AwsKind, entry: Settings) -> Schema:
    model = service(known.create.service)
    shape = model.at(known.create.operation, known.create.path)
    names = {member: name for name, member in known.names.items() if not name.endswith("Ref")}
    fields = _fields(model, shape, names)
    for name, call in known.calls.items():
        other = service(call.service)
        fields[name] = schema_of(other, other.at(call.operation, call.path))
    fields |= {name: _part(model, text, model.at) for name, text in entry.inputs.items()}
    fields |= open_api(entry.fields, TYPES)["properties"]
    schema: Schema = {"type": "object", "properties": fields}
    _rename(schema, entry.names)
    referenced = [_refer(schema, path) for path in entry.references]
    _take_away(schema, entry.without)
    required = [names.get(member) or ack_name(member) for member in shape.get("required", ())]
    free = {*entry.optional, *referenced}
    needed = sorted(name for name in required if name in fields and name not in free)
    return {**schema, "required": needed} if needed else schema


def _fields(model: Service, shape: Shape, names: Mapping[str, str]) -> dict[str, Schema]:
    return {
        names.get(member) or ack_name(member): referred(model, reference)
        for member, reference in shape.get("members", {}).items()
    }


def _part(model: Service, text: str, at: Callable[[str, tuple[str, ...]], Shape]) -> Schema:
    """A field that the table names by operation and path: `[] Operation Member` is a list of that member."""
    many = text.startswith("[] ")
    operation, *path = text.removeprefix("[] ").split()
    schema = schema_of(model, at(operation, tuple(path)))
    return {"type": "array", "items": schema} if many else schema


def _status(known: AwsKind, kind: str, entry: Settings, spec: Mapping[str, Schema]) -> Schema:
    """What the create call answers (or other operations, where the table names some) and the spec has not."""
    model = service(known.create.service)
    fields: dict[str, Schema] = {}
    for text in entry.status or (known.create.operation,):
        operation, *path = text.split()
        fields |= _fields(model, model.result(operation, tuple(path)), {})
    schema: Schema = {"type": "object", "properties": fields}
    _rename(schema, entry.shown)
    fields |= {name: _part(model, text, model.result) for name, text in entry.outputs.items()}
    _take_away(schema, entry.hidden)
    renamed = {ack_name(member) for member in known.names.values() if member}
    own = {name.lower() for name in ("arn", f"{kind}ARN", *renamed)}
    for name in [name for name in fields if name in spec or name.lower() in own]:
        del fields[name]
    fields["ackResourceMetadata"] = METADATA
    fields["conditions"] = conditions(["status", "type"])
    return schema


def _rename(schema: Schema, names: Mapping[str, str]) -> None:
    for path, name in names.items():
        fields, last = _at(schema, path)
        fields[name] = fields.pop(last)


def _take_away(schema: Schema, paths: Iterable[str]) -> None:
    for path in paths:
        fields, last = _at(schema, path)
        fields.pop(last, None)


def _refer(schema: Schema, path: str) -> str:
    """Put a reference beside the field that it may stand for; the name of a field of the spec itself."""
    fields, name = _at(schema, path)
    many = fields[name]["type"] == "array"
    fields[_reference_name(name, many)] = {"type": "array", "items": REFERENCE} if many else REFERENCE
    return name if name == path else ""


def _at(schema: Schema, path: str) -> tuple[dict[str, Schema], str]:
    """The fields among which a path ends, and its last name; lists on the way stand for their entries."""
    *outer, last = path.split(".")
    for name in outer:
        schema = schema["properties"][name]
        while "items" in schema:
            schema = schema["items"]
    return schema["properties"], last


def _reference_name(name: str, many: bool) -> str:
    """`kmsKeyID` is referred to as `kmsKeyRef`, `subnetIDs` as `subnetRefs`, `policies` as `policyRefs`."""
    if many:
        name = re.sub(r"ies$", "y", name) if name.endswith("ies") else name.removesuffix("s")
    return re.sub(r"(ID|ARN|Name)$", "", name) + ("Refs" if many else "Ref")
