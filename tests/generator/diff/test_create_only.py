"""The table of fields that AWS takes at creation only, held against botocore's models and ACK's CRDs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml

from kfaws.generator.check.kinds import Key
from kfaws.generator.diff.create_only import limits_of, table
from kfaws.generator.diff.fields import Change
from kfaws.generator.upstream.mirror import Mirror

WITH_OPERATIONS = [name for name, entry in table().items() if "create" in entry]


def members(operation: str) -> set[str]:
    service, name = operation.split(".")
    model = botocore.session.get_session().get_service_model(service).operation_model(name)
    assert model.input_shape is not None
    return set(model.input_shape.members)


def plain(field: str) -> str:
    """A field's name as both sides would write it."""
    return field.split(".")[0].lower()


@pytest.mark.parametrize("kind", WITH_OPERATIONS)
def test_fixed_fields_are_those_that_no_other_operation_takes(kind: str) -> None:
    entry = table()[kind]
    modifiable: set[str] = set().union(*(members(operation) for operation in entry["modify"]))
    creation_only = members(entry["create"]) - modifiable

    stated = {plain(field) for field in [*entry.get("fixed", []), *entry.get("elsewhere", [])]}
    names = {plain(field) for field in entry.get("name", [])}
    short = kind.rpartition("/")[2].removeprefix("DB").lower()
    expected = {member.lower() for member in creation_only}
    # What AWS calls RoleName, LogGroupName or DBParameterGroupFamily is `name` or `family` to ACK.
    own = {f"{prefix}{short}{word}" for prefix in ("", "db") for word in ("name", "family")}
    renamed = {"name", "family", "groupname", *own}
    assert stated - expected <= renamed
    assert expected - stated <= names | renamed


def test_names_are_not_among_what_can_be_changed() -> None:
    key = Key("rds.services.k8s.aws", "DBInstance", "ns", "x")
    assert limits_of(key).fixed(Change("spec.dbInstanceIdentifier", "a", "b"))
    assert limits_of(key).fixed(Change("spec.engine", "mysql", "mariadb"))
    assert limits_of(key).fixed(Change("spec.kmsKeyRef.from.name", "a", "b"))
    assert not limits_of(key).fixed(Change("spec.multiAZ", False, True))
    assert limits_of(key).shrinks(Change("spec.allocatedStorage", 100, 50))
    assert not limits_of(key).shrinks(Change("spec.allocatedStorage", 50, 100))
    assert limits_of(key).interrupts(Change("spec.engineVersion", "8.0", "8.4"))


def test_fields_below_a_fixed_one_are_fixed() -> None:
    key = Key("cognitoidentityprovider.services.k8s.aws", "UserPool", "ns", "x")
    assert limits_of(key).fixed(Change("spec.schema[name=email].mutable", True, False))
    assert not limits_of(key).fixed(Change("spec.schemas", 1, 2))


def test_a_kind_without_an_entry_has_no_limits() -> None:
    assert not limits_of(Key("sns.services.k8s.aws", "Topic", "ns", "x")).fixed(Change("spec.name", "a", "b"))


def crds(mirror: Mirror) -> Iterator[dict[str, Any]]:
    for pattern in (
        "aws-controllers-k8s/*/*/config/crd/bases/*.yaml",
        "crossplane-contrib/*/*/package/crds/*.yaml",
    ):
        for file in sorted((mirror.root / "github.com").glob(pattern)):
            yield yaml.load(Path(file).read_bytes(), Loader=yaml.CSafeLoader)


def test_every_field_is_in_the_crd_and_every_immutable_field_in_the_table(mirror: Mirror) -> None:
    known = {f"{crd['spec']['group']}/{crd['spec']['names']['kind']}": crd for crd in crds(mirror)}
    for kind, entry in table().items():
        schema = known[kind]["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
        parameters = schema["properties"].get("forProvider", schema)
        listed = {*entry.get("name", []), *entry.get("fixed", []), *entry.get("reviewed", {})}
        for field in [*listed, *entry.get("grows", []), *entry.get("interrupts", [])]:
            assert find(parameters, field) is not None, f"{kind} has no {field}"
        secret = {"certificate", "certificateARN", "certificateChain", "exportTo", "privateKey"}
        assert set(immutable(parameters)) - listed <= secret, kind


def find(schema: dict[str, Any], path: str) -> dict[str, Any] | None:
    for part in path.split("."):
        found = (schema.get("properties") or schema.get("items", {}).get("properties") or {}).get(part)
        if found is None:
            return None
        schema = found
    return schema


def immutable(schema: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Paths that the CRD itself forbids to change."""
    for name, field in (schema.get("properties") or {}).items():
        if any("oldSelf" in rule["rule"] for rule in field.get("x-kubernetes-validations") or []):
            yield f"{prefix}{name}"
        yield from immutable(field, f"{prefix}{name}.")
