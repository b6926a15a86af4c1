"""A CustomResourceDefinition around the schemas of spec and status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kfaws.generator.model import Object

Schema = dict[str, Any]
OPEN: Schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
"""An object of which nothing is known."""
DERIVED = "kubeflow-aws.dev/derived-from"
"""Annotation of a CRD that is not the controller's own: what it was made from."""


@dataclass(frozen=True)
class Named:
    """What a CRD says besides its schema."""

    group: str
    kind: str
    versions: tuple[str, ...]
    """Served with one schema; the first is stored."""
    origin: str
    """What it was made from, in words."""
    scope: str = "Namespaced"


def crd(named: Named, spec: Schema, status: Schema) -> Object:
    """A kind with a spec and, as a subresource, a status."""
    plural = plural_of(named.kind)
    schema = {
        "type": "object",
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            "spec": spec,
            "status": status,
        },
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{named.group}", "annotations": {DERIVED: named.origin}},
        "spec": {
            "group": named.group,
            "names": {
                "kind": named.kind,
                "listKind": f"{named.kind}List",
                "plural": plural,
                "singular": named.kind.lower(),
            },
            "scope": named.scope,
            "versions": [
                {
                    "name": version,
                    "served": True,
                    "storage": version == named.versions[0],
                    "schema": {"openAPIV3Schema": schema},
                    "subresources": {"status": {}},
                }
                for version in named.versions
            ],
        },
    }


def plural_of(kind: str) -> str:
    """The name of a kind's resources in URLs, by the rules of English that controller-gen goes by."""
    name = kind.lower()
    if name.endswith("y") and name[-2] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(("s", "x", "ch", "sh")) else f"{name}s"


def conditions(required: list[str], **more: Schema) -> Schema:
    """The list of conditions in a status."""
    text = {"type": "string"}
    fields = {
        "lastTransitionTime": {"type": "string", "format": "date-time"},
        "message": text,
        "reason": text,
        "status": text,
        "type": text,
        **more,
    }
    return {"type": "array", "items": {"type": "object", "required": required, "properties": fields}}
