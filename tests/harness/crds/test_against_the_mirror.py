"""Derived CRDs against those of the controllers themselves."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from kfaws.generator.check.kinds import type_of
from kfaws.harness.crds import derivable, derived_crds
from kfaws.harness.crds.ack import kinds as ack_kinds
from kfaws.harness.crds.crossplane import kinds as crossplane_kinds
from tests.definitions.generated import Environment
from tests.harness.crds.conftest import FindCrd
from tests.harness.crds.fields import read, schema_of, type_at, types, written

KINDS = sorted(ack_kinds() | crossplane_kinds())
LEFT_OUT = {
    "UserPool": (
        # Lambda functions of a user pool, with a reference and a selector each: two thirds of the whole kind.
        "lambdaConfig",
        "smsConfiguration.snsCallerArnRef",
        "smsConfiguration.snsCallerArnSelector",
    ),
    # Pinpoint, which AWS ends in 2026.
    "UserPoolClient": ("analyticsConfiguration",),
}
"""Crossplane's fields that the table does not have, by kind."""
NAMES = ("kind", "listKind", "plural", "singular")


def left_out(kind: str, path: str) -> bool:
    """Whether a path is below a field of the list, in forProvider, initProvider or atProvider."""
    parts = path.split(".", 2)
    return len(parts) > 2 and parts[2].startswith(LEFT_OUT.get(kind, ()))


@pytest.mark.parametrize(("group", "kind"), KINDS)
def test_a_kind_has_every_field_that_its_own_crd_has(group: str, kind: str, mirrored: FindCrd) -> None:
    [derived] = derived_crds([(group, kind)])
    ours, theirs = types(schema_of(derived)), types(schema_of(mirrored(group, kind)))
    wrong = {
        path: (known, ours.get(path))
        for path, known in theirs.items()
        if ours.get(path) != known and not left_out(kind, path)
    }
    assert wrong == {}


@pytest.mark.parametrize(("group", "kind"), KINDS)
def test_a_kind_has_its_names_scope_and_versions(group: str, kind: str, mirrored: FindCrd) -> None:
    [derived] = derived_crds([(group, kind)])
    ours, theirs = derived["spec"], mirrored(group, kind)["spec"]
    assert {name: ours["names"][name] for name in NAMES} == {name: theirs["names"][name] for name in NAMES}
    assert ours["scope"] == theirs["scope"]
    assert [version["name"] for version in ours["versions"]] == [
        version["name"] for version in theirs["versions"] if version["served"]
    ]
    assert derived["metadata"]["name"] == mirrored(group, kind)["metadata"]["name"]


@pytest.mark.parametrize(("group", "kind"), KINDS)
def test_a_spec_needs_what_its_own_crd_needs(group: str, kind: str, mirrored: FindCrd) -> None:
    [derived] = derived_crds([(group, kind)])
    ours = schema_of(derived)["properties"]["spec"]
    theirs = schema_of(mirrored(group, kind))["properties"]["spec"]
    assert sorted(ours.get("required", [])) == sorted(theirs.get("required", []))
    rules = [
        {rule["message"] for rule in spec.get("x-kubernetes-validations", [])} for spec in (ours, theirs)
    ]
    assert rules[0] == rules[1]


def test_definitions_find_the_fields_that_they_use(
    environments: dict[str, Environment], mirrored: FindCrd
) -> None:
    seen = set()
    for group, kind, path in used(environments.values()):
        [derived] = derived_crds([(group, kind)])
        theirs = type_at(schema_of(mirrored(group, kind)), path)
        assert theirs, f"{kind} of the mirror has no {path}"
        assert type_at(schema_of(derived), path) == theirs, f"{kind}: {path}"
        seen.add((group, kind))
    assert len(seen) > 20


def used(environments: Iterable[Environment]) -> set[tuple[str, str, tuple[str, ...]]]:
    """Group, kind and path of every field of a derivable kind that some definition sets or reads."""
    return {
        (kind.group, kind.kind, path)
        for environment in environments
        for definition in environment.definitions.values()
        for resource in definition["spec"]["resources"]
        if derivable((kind := type_of(template := resource.get("template") or {})).group, kind.kind)
        for path in (*written(template), *read(definition, resource["id"]))
    }
