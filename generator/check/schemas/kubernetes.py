"""Schemas of Kubernetes' own kinds, per release, as the package kubernetes-validate carries them."""

from __future__ import annotations

from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson

from kfaws.generator.check.kinds import Type
from kfaws.generator.errors import KfawsError

Schema = dict[str, Any]
DEFINITIONS = "/api/_definitions.json"
BASE = "mem:///kubernetes"
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
QUANTITY_PATTERN = r"^[+-]?(\d+(\.\d*)?|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$"
OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


class KubernetesSchemas:
    """The strict schemas (an unknown field is an error) of one Kubernetes release, such as `1.35`."""

    def __init__(self, version: str) -> None:
        schemas = _schema_folder()
        self.version = version
        self._folder = schemas / f"v{version}.0-local-strict"
        if not self._folder.is_dir():
            known = sorted(
                entry.name.removeprefix("v").removesuffix(".0-local-strict")
                for entry in schemas.iterdir()
                if entry.name.endswith("-strict")
            )
            raise KfawsError(
                f"no Kubernetes schemas for version {version} here: set kubernetes_version to one of"
                f" {', '.join(known)}, or update the package kubernetes-validate"
            )

    @cached_property
    def definitions(self) -> dict[str, Schema]:
        """Every type by its full name."""
        content = (self._folder / "_definitions.json").read_bytes()
        found: dict[str, Schema] = orjson.loads(content)["$defs"]
        found[QUANTITY] = {
            "anyOf": [{"type": "string", "pattern": QUANTITY_PATTERN}, {"type": ["number", "null"]}]
        }
        return found

    @cached_property
    def registry(self) -> jsonschema_rs.Registry:
        """The definitions, for validators of whole objects to refer to."""
        return jsonschema_rs.Registry([(BASE, {"$defs": self.definitions})])

    def schema(self, wanted: Type) -> Schema | None:
        """The schema of whole objects of a kind, or None when this release has no such kind."""
        if "." in wanted.group and not wanted.group.endswith(".k8s.io"):
            return None
        prefix = f"{wanted.group.split('.')[0]}-" if wanted.group else ""
        file = self._folder / f"{wanted.kind.lower()}-{prefix}{wanted.version}.json"
        if not file.is_file():
            return None
        schema: Schema = orjson.loads(file.read_bytes())
        names = schema.get("x-kubernetes-group-version-kind") or []
        if {"group": wanted.group, "version": wanted.version, "kind": wanted.kind} not in names:
            return None
        fitted: Schema = _referring(schema)
        return fitted

    def kinds(self) -> list[str]:
        """Names of all kinds, for a hint at a misspelt one."""
        return sorted(
            {
                name["kind"]
                for schema in self.definitions.values()
                for name in schema.get("x-kubernetes-group-version-kind") or ()
            }
        )


def _schema_folder() -> Path:
    """The package's data; its code is not imported, that takes longer than a whole check."""
    found = find_spec("kubernetes_validate")
    if found is None or not found.submodule_search_locations:
        raise KfawsError("the package kubernetes-validate is not installed: `uv sync` installs it")
    return Path(found.submodule_search_locations[0]) / "kubernetes-json-schema"


def _referring(node: Any) -> Any:
    """The schema with its references to the definitions' file led to the registry."""
    if isinstance(node, dict):
        return {
            key: value.replace(DEFINITIONS, BASE) if key == "$ref" else _referring(value)
            for key, value in node.items()
            if key != "description" or not isinstance(value, str)
        }
    return [_referring(item) for item in node] if isinstance(node, list) else node
