"""Between the fields of a kind and the members of an AWS shape: the same words, in another spelling.

ACK and upjet spell AWS's names in camel case of their own (`vpcID` is `VpcId`): without case they meet.
What bears another name stands in a kind's table of renames, by its path.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

Renames = Mapping[str, str]
"""Path of a field in the kind (dots, no list marks) to its member's name in AWS."""


def bare(name: str) -> str:
    """A name without what spellings differ in."""
    return name.replace("_", "").lower()


def to_aws(value: Any, shape: Shape, renames: Renames | None = None, path: str = "") -> Any:
    """A field's value as the parameter that a shape describes; fields that it does not have are left out."""
    renames = renames or {}
    if isinstance(shape, StructureShape):
        # Terraform writes a block as a list of one.
        inner = value[0] if isinstance(value, list) and value else value
        return _structure(inner, shape, renames, path) if isinstance(inner, Mapping) else inner
    if isinstance(shape, ListShape):
        many = value if isinstance(value, list) else [value]
        return [to_aws(one, shape.member, renames, path) for one in many if one is not None]
    if isinstance(shape, MapShape):
        return {key: to_aws(one, shape.value, renames, path) for key, one in (value or {}).items()}
    return _scalar(value, shape)


def _structure(
    value: Mapping[str, Any], shape: StructureShape, renames: Renames, path: str
) -> dict[str, Any]:
    members = {bare(name): name for name in shape.members}
    found: dict[str, Any] = {}
    for field, one in value.items():
        at = f"{path}.{field}" if path else field
        name = members.get(bare(renames.get(at, field)))
        if name is not None and one is not None:
            found[name] = to_aws(one, shape.members[name], renames, at)
    return found


def _scalar(value: Any, shape: Shape) -> Any:
    """Kubernetes has only doubles where Terraform says number, and texts in its maps."""
    kind = shape.type_name
    if kind in ("integer", "long") and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind == "string" and isinstance(value, (bool, int, float)):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value


def from_aws(value: Any, schema: Mapping[str, Any], renames: Renames | None = None, path: str = "") -> Any:
    """A member's value as the fields that a CRD's schema has; members that it does not have are left out."""
    renames = renames or {}
    kind = schema.get("type")
    if isinstance(value, Mapping) and kind == "array":
        # Terraform writes a block as a list of one.
        return [from_aws(value, schema.get("items") or {}, renames, path)]
    if isinstance(value, (list, tuple)) and kind == "object":
        return {one["Key"]: one.get("Value", "") for one in value if "Key" in one}
    if isinstance(value, Mapping):
        if "additionalProperties" in schema:
            return {str(key): from_aws(one, {}, renames, path) for key, one in value.items()}
        members = {bare(name): one for name, one in value.items()}
        found = {}
        for field, inner in (schema.get("properties") or {}).items():
            at = f"{path}.{field}" if path else field
            one = members.get(bare(renames.get(at, field)))
            if one is not None:
                found[field] = from_aws(one, inner, renames, at)
        return found
    if isinstance(value, (list, tuple)):
        return [from_aws(one, schema.get("items") or {}, renames, path) for one in value]
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return _typed(value, schema)


def _typed(value: Any, schema: Mapping[str, Any]) -> Any:
    wanted = schema.get("type")
    if wanted == "string" and not isinstance(value, str):
        return str(value)
    if wanted == "integer" and isinstance(value, (str, float)):
        return int(value)
    return value


def at(value: Any, path: str) -> Any:
    """What stands at a path of mappings and lists (`a.0.b`), or None."""
    for part in filter(None, path.split(".")):
        if isinstance(value, (list, tuple)):
            value = value[int(part)] if int(part) < len(value) else None
        elif isinstance(value, Mapping):
            value = value.get(part)
        else:
            return None
    return value


def same(wanted: Any, found: Any) -> bool:
    """Whether what was asked for is what there is.

    Fields that were not asked for count for nothing, lists have no order, and empty is absent.
    """
    if isinstance(wanted, Mapping):
        other = found if isinstance(found, Mapping) else {}
        return all(same(one, other.get(key)) for key, one in wanted.items())
    if isinstance(wanted, list):
        return _same_list(wanted, found if isinstance(found, list) else [])
    if isinstance(wanted, (int, float)) and isinstance(found, (int, float)):
        return float(wanted) == float(found)
    return (wanted or None) == (found or None) or (wanted is False and found is None)


def _same_list(wanted: list[Any], found: Iterable[Any]) -> bool:
    rest = list(found)
    for one in wanted:
        match = next((index for index, other in enumerate(rest) if same(one, other)), None)
        if match is None:
            return False
        del rest[match]
    return not rest
