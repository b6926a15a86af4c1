"""CRDs of Crossplane's AWS providers, from a table."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kfaws.generator.check.schemas.simple import open_api
from kfaws.generator.model import Object
from kfaws.harness.crds.manifest import Named, Schema, conditions, crd

TABLE = Path(__file__).parent / "crossplane.yaml"
VERSION = "v1beta1"
ORIGIN = "a table of this project"
ACTIONS = ["Observe", "Create", "Update", "Delete", "LateInitialize", "*"]
POLICY: Schema = open_api(
    {"resolution": 'string | enum="Required,Optional"', "resolve": 'string | enum="Always,IfNotPresent"'}
)
REFERENCE: Schema = open_api({"name": "string | required=true", "namespace": "string"})
SELECTOR: Schema = open_api(
    {"matchControllerRef": "boolean", "matchLabels": "map[string]string", "namespace": "string"}
)
for _schema in (REFERENCE, SELECTOR):
    _schema["properties"]["policy"] = POLICY


@cache
def table() -> dict[str, Any]:
    """The table; its head explains the fields."""
    found: dict[str, Any] = yaml.load(TABLE.read_bytes(), Loader=yaml.CSafeLoader)
    return found


def kinds() -> frozenset[tuple[str, str]]:
    """The kinds of the table."""
    return frozenset((group, kind) for group, _, kind in (name.partition("/") for name in table()["kinds"]))


def crossplane_crd(group: str, kind: str) -> Object:
    """The CRD of one of `kinds()`."""
    entry = table()["kinds"][f"{group}/{kind}"]
    fields = open_api(entry["fields"], table()["types"])
    needed = fields.pop("required", [])
    observed = open_api({"id": "string", "region": "string", **entry.get("observed", {})}, table()["types"])
    at_provider = {**fields["properties"], **observed["properties"]}
    at_provider = {name: schema for name, schema in at_provider.items() if not name.endswith("SecretRef")}
    return crd(
        Named(group, kind, (VERSION,), ORIGIN), _spec(fields["properties"], needed), _status(at_provider)
    )


def _spec(fields: Mapping[str, Schema], needed: list[str]) -> Schema:
    settable = {**fields, **_references(fields)}
    schema = open_api(
        {
            "managementPolicies": "[]string",
            "providerConfigRef": {"kind": "string | required=true", "name": "string | required=true"},
            "writeConnectionSecretToRef": {"name": "string | required=true"},
        }
    )
    named = schema["properties"]
    named["managementPolicies"] |= {
        "items": {"type": "string", "enum": ACTIONS},
        "default": ["*"],
    }
    named["providerConfigRef"]["default"] = {"kind": "ClusterProviderConfig", "name": "default"}
    named["initProvider"] = {"type": "object", "properties": settable}
    named["forProvider"] = {
        "type": "object",
        "required": ["region"],
        "properties": {**settable, "region": {"type": "string"}},
    }
    return {
        **schema,
        "required": ["forProvider"],
        "x-kubernetes-validations": [_rule(name) for name in needed],
    }


def _references(fields: Mapping[str, Schema]) -> dict[str, Schema]:
    """`userPoolId` may be left to `userPoolIdRef`, `subnetIds` to `subnetIdRefs`."""
    found: dict[str, Schema] = {}
    for name in (name for name in table()["references"] if name in fields):
        one = name.removesuffix("s")
        found[f"{one}Selector"] = SELECTOR
        if name == one:
            found[f"{one}Ref"] = REFERENCE
        else:
            found[f"{one}Refs"] = {"type": "array", "items": REFERENCE}
    return found


def _rule(name: str) -> Schema:
    """What AWS asks for may only be missing where a resource is observed and no more."""
    changing = " || ".join(f"'{action}' in self.managementPolicies" for action in ("*", "Create", "Update"))
    given = f"has(self.forProvider.{name}) || (has(self.initProvider) && has(self.initProvider.{name}))"
    return {
        "message": f"spec.forProvider.{name} is a required parameter",
        "rule": f"!({changing}) || {given}",
    }


def _status(at_provider: Schema) -> Schema:
    number = {"type": "integer", "format": "int64"}
    required = ["lastTransitionTime", "reason", "status", "type"]
    return {
        "type": "object",
        "properties": {
            "atProvider": {"type": "object", "properties": at_provider},
            "conditions": conditions(required, observedGeneration=number),
            "observedGeneration": number,
        },
    }
