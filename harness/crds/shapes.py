"""AWS shapes as the OpenAPI schemas that ACK's generator makes of them."""

from __future__ import annotations

from kfaws.generator.check.aws.models import Service, Shape
from kfaws.harness.crds.manifest import OPEN, Schema
from kfaws.harness.crds.names import ack_name

SCALARS: dict[str, Schema] = {
    "string": {"type": "string"},
    "blob": {"type": "string", "format": "byte"},
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer", "format": "int64"},
    "long": {"type": "integer", "format": "int64"},
    "float": {"type": "number"},
    "double": {"type": "number"},
    "timestamp": {"type": "string", "format": "date-time"},
}


def referred(model: Service, reference: Shape, inside: tuple[str, ...] = ()) -> Schema:
    """The schema of what a member refers to; a shape inside itself ends open."""
    name: str = reference["shape"]
    if name in inside:
        return dict(OPEN)
    return schema_of(model, model.shape(reference), (*inside, name))


def schema_of(model: Service, shape: Shape, inside: tuple[str, ...] = ()) -> Schema:
    """The schema of a shape."""
    kind = shape["type"]
    if kind == "structure":
        fields = {
            ack_name(member): referred(model, reference, inside)
            for member, reference in shape.get("members", {}).items()
        }
        return {"type": "object", "properties": fields}
    if kind == "list":
        return {"type": "array", "items": referred(model, shape["member"], inside)}
    if kind == "map":
        return {"type": "object", "additionalProperties": referred(model, shape["value"], inside)}
    return dict(SCALARS[kind])
