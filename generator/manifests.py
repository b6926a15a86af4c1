"""YAML to Kubernetes objects, as the Kubernetes tools read it."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterable
from typing import Any

import yaml
import yaml12

from kfaws.generator.errors import KfawsError
from kfaws.generator.model import Object


class _Loader(yaml.CSafeLoader):
    """libyaml with the scalars of sigs.k8s.io/yaml instead of PyYAML's YAML 1.1."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Make every key a string, as in JSON."""
        mapping = super().construct_mapping(node, deep)
        if all(type(key) is str for key in mapping):
            return mapping
        return {key if isinstance(key, str) else json.dumps(key): value for key, value in mapping.items()}


_TRUE = {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"}
_BOOLEAN = re.compile(
    "^(?:y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$"
)
_INTEGER = re.compile(r"^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*)$")
_FLOAT = re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$")
_MERGE = re.compile("^<<$")
_NULL = re.compile("^(?:~|null|Null|NULL|)$")


def _boolean(_: yaml.CSafeLoader, node: yaml.ScalarNode) -> bool:
    return node.value in _TRUE


def _integer(_: yaml.CSafeLoader, node: yaml.ScalarNode) -> int:
    text = node.value.replace("_", "").lower()
    sign, digits = (-1 if text.startswith("-") else 1), text.lstrip("+-")
    for prefix, base in (("0x", 16), ("0b", 2), ("0o", 8)):
        if digits.startswith(prefix):
            return sign * int(digits.removeprefix(prefix), base)
    return sign * int(digits, 8 if len(digits) > 1 and digits.startswith("0") else 10)


def _float(_: yaml.CSafeLoader, node: yaml.ScalarNode) -> float | int:
    value = float(node.value)
    # JSON has one kind of number; what is whole is an integer to the API server.
    return int(value) if value.is_integer() and abs(value) < 2**63 else value


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", _BOOLEAN, "yYnNtTfFoO"),
    ("tag:yaml.org,2002:int", _INTEGER, "-+0123456789"),
    ("tag:yaml.org,2002:float", _FLOAT, "-+0123456789."),
    ("tag:yaml.org,2002:merge", _MERGE, "<"),
    ("tag:yaml.org,2002:null", _NULL, ["~", "n", "N", ""]),
):
    _Loader.add_implicit_resolver(_tag, _pattern, list(_first))
_Loader.add_constructor("tag:yaml.org,2002:bool", _boolean)
_Loader.add_constructor("tag:yaml.org,2002:int", _integer)
_Loader.add_constructor("tag:yaml.org,2002:float", _float)


def parse(text: str, source: str) -> list[Object]:
    """Read objects that people or charts wrote. `source` names the text in errors."""
    try:
        return _objects(yaml.load_all(text, Loader=_Loader), source)
    except yaml.YAMLError as error:
        raise KfawsError(f"{source} is not valid YAML: {error}") from error


def parse_built(text: str, source: str) -> list[Object]:
    """Read what kustomize printed: it quotes what could be read in two ways, so a faster parser will do."""
    try:
        documents = yaml12.parse_yaml(text, multi=True)
    except ValueError as error:
        raise KfawsError(f"{source} is not valid YAML: {error}") from error
    return _objects(documents, source)


def _objects(documents: Iterable[Any], source: str) -> list[Object]:
    """Leave empty documents out and take lists apart, as Argo CD does."""
    objects: list[Object] = []
    for document in documents:
        if document is None or document == {}:
            continue
        if not isinstance(document, dict) or "kind" not in document or "apiVersion" not in document:
            raise KfawsError(f"{source} has a document that is no object: it needs apiVersion and kind")
        if document["kind"].endswith("List") and isinstance(document.get("items"), list):
            objects.extend(_objects(document["items"], source))
        else:
            objects.append(document)
    return objects


class _Dumper(yaml.CSafeDumper):
    """Quotes whatever any YAML reader of Kubernetes could take for something else than a string."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write what occurs twice twice, as Kubernetes tools do."""
        return True


_Dumper.yaml_implicit_resolvers = {
    first: [*yaml.CSafeDumper.yaml_implicit_resolvers.get(first, []), *resolvers]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}


def dump(objects: Iterable[Object]) -> str:
    """Write objects as a stream of YAML documents."""
    return yaml.dump_all(objects, Dumper=_Dumper, sort_keys=False, explicit_start=True, width=2**20)
