"""CloudFormation templates of the bootstrap, with the functions whose value is known resolved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

VARIABLE = re.compile(r"\$\{([^{}!]+)\}")


class Resource(NamedTuple):
    """One resource of a template."""

    file: str
    logical_id: str
    type: str
    properties: dict[str, Any]


class _Loader(yaml.CSafeLoader):
    """YAML with CloudFormation's short functions: `!Sub x` becomes {"Fn::Sub": "x"}."""


def _function(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix == "Ref" else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    if isinstance(node, yaml.MappingNode):
        return {name: loader.construct_mapping(node, deep=True)}
    return {name: None}


_Loader.add_multi_constructor("!", _function)


def resources(folder: Path, pseudo: dict[str, str]) -> Iterator[Resource]:
    """Resources of all templates below a folder's bootstrap; `pseudo` are values such as `AWS::Region`."""
    for file in sorted((folder / "bootstrap").rglob("*")):
        if file.suffix not in (".yaml", ".yml", ".json") or not file.is_file():
            continue
        text = file.read_text(encoding="utf-8")
        if "AWSTemplateFormatVersion" not in text:
            continue
        template = _Loader(text).get_single_data()
        values = {**pseudo, **_defaults(template)}
        for logical_id, declared in (template.get("Resources") or {}).items():
            properties = _resolved(declared.get("Properties") or {}, values)
            yield Resource(str(file.relative_to(folder)), logical_id, declared.get("Type", ""), properties)


def _defaults(template: dict[str, Any]) -> dict[str, str]:
    parameters = template.get("Parameters") or {}
    return {name: str(declared["Default"]) for name, declared in parameters.items() if "Default" in declared}


def _resolved(node: Any, values: dict[str, str]) -> Any:
    if isinstance(node, list):
        return [_resolved(item, values) for item in node]
    if not isinstance(node, dict):
        return node
    if len(node) == 1:
        name, argument = next(iter(node.items()))
        if name == "Ref":
            return values.get(str(argument), f"${{{argument}}}")
        if name == "Fn::Sub":
            return _substituted(argument, values)
        if name == "Fn::GetAtt":
            return "${" + (argument if isinstance(argument, str) else ".".join(argument)) + "}"
        if name == "Fn::Join":
            return str(argument[0]).join(str(part) for part in _resolved(argument[1], values))
    return {key: _resolved(child, values) for key, child in node.items()}


def _substituted(argument: Any, values: dict[str, str]) -> str:
    text, own = (argument, {}) if isinstance(argument, str) else (argument[0], argument[1])
    known = {**values, **{name: str(_resolved(value, values)) for name, value in own.items()}}
    return VARIABLE.sub(lambda found: known.get(found[1], found[0]), str(text))
