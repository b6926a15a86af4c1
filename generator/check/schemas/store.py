"""The schema and the compiled validator of every kind in use, made when first asked for."""

from __future__ import annotations

import difflib
from typing import Any

import jsonschema_rs

from kfaws.generator.check.kinds import CLUSTER_SCOPED, Type
from kfaws.generator.check.schemas.closing import closed_root
from kfaws.generator.check.schemas.crds import CustomKinds
from kfaws.generator.check.schemas.kubernetes import BASE, OBJECT_META, KubernetesSchemas

Schema = dict[str, Any]
METADATA = {"$ref": f"{BASE}#/$defs/{OBJECT_META}"}


class SchemaStore:
    """Kubernetes' kinds of one release, and the custom kinds of one environment."""

    def __init__(self, kubernetes: KubernetesSchemas, custom: CustomKinds) -> None:
        self.kubernetes = kubernetes
        self.custom = custom
        self._schemas: dict[Type, Schema | None] = {}
        self._validators: dict[Type, jsonschema_rs.Draft202012Validator] = {}

    def namespaced(self, group: str, kind: str) -> bool | None:
        """Whether objects of a kind live in a namespace; None for a kind that nobody knows."""
        if (group, kind) in CLUSTER_SCOPED:
            return False
        # Not every group that ends like Kubernetes' own is one of them: metacontroller.k8s.io is not.
        known = self.custom.get(group, kind) if "." in group else None
        if known:
            return known.namespaced
        return True if "." not in group or group.endswith(".k8s.io") else None

    def schema(self, wanted: Type) -> Schema | None:
        """The closed schema of whole objects of a kind, or None when nobody knows the kind."""
        if wanted not in self._schemas:
            self._schemas[wanted] = self._find(wanted)
        return self._schemas[wanted]

    def _find(self, wanted: Type) -> Schema | None:
        custom = self.custom.get(wanted.group, wanted.kind) if "." in wanted.group else None
        if custom is None:
            return self.kubernetes.schema(wanted)
        declared = custom.versions.get(wanted.version)
        if declared is None:
            return None
        return closed_root(declared, wanted.group, wanted.version, wanted.kind, METADATA)

    def validator(self, wanted: Type) -> jsonschema_rs.Draft202012Validator | None:
        """The compiled schema of a kind, or None when nobody knows the kind."""
        if wanted not in self._validators:
            schema = self.schema(wanted)
            if schema is None:
                return None
            self._validators[wanted] = jsonschema_rs.Draft202012Validator(
                schema, registry=self.kubernetes.registry, validate_formats=False
            )
        return self._validators[wanted]

    def hint(self, unknown: Type) -> str:
        """What a kind that nobody knows was probably meant to be."""
        custom = self.custom.get(unknown.group, unknown.kind) if "." in unknown.group else None
        if custom is not None:
            return f"version {unknown.version} is not served; served: {', '.join(custom.versions)}"
        candidates = self.custom.kinds(unknown.group) or self.kubernetes.kinds()
        close = difflib.get_close_matches(unknown.kind, candidates, n=1)
        return f"did you mean {close[0]}?" if close else ""

    def resolve(self, schema: Schema) -> Schema:
        """A schema with its reference into Kubernetes' definitions followed."""
        reference = schema.get("$ref")
        if not reference:
            return schema
        return self.kubernetes.definitions[reference.rpartition("/")[2]]

    def fields(self, schema: Schema) -> list[str]:
        """Names of the fields that a schema declares."""
        return list(self.resolve(schema).get("properties") or ())

    def descend(self, schema: Schema, segment: str, *, element: bool) -> Schema | None:
        """The schema of a field or list element; None: there is no such field, {}: anything goes."""
        schema = self.resolve(schema)
        if not schema or not {"type", "properties", "items", "additionalProperties"} & schema.keys():
            return {}
        if element:
            return schema["items"] if "items" in schema else self._of_map(schema)
        properties = schema.get("properties") or {}
        return properties[segment] if segment in properties else self._of_map(schema)

    def _of_map(self, schema: Schema) -> Schema | None:
        additional = schema.get("additionalProperties")
        if additional is None and schema.get("type") in ("object", ["object", "null"]):
            return {}
        if additional is True:
            return {}
        return additional if isinstance(additional, dict) else None
