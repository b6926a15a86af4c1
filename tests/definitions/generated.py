"""The claims' part of a generated repository, as objects that a test can read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml
from copier import run_copy

from kfaws.generator.model import Object
from kfaws.generator.run import run
from tests.conftest import PROJECT, stage

PARTS = ("claims", "profiles", "platform/definitions", "platform/roles", "platform/environment")


@dataclass(frozen=True)
class Environment:
    """What was generated for one set of answers."""

    folder: Path

    @cached_property
    def definitions(self) -> dict[str, Object]:
        """ResourceGraphDefinitions by kind of claim, as Argo CD would apply them."""
        found = [o for o in self.built("platform/definitions") if o["kind"] == "ResourceGraphDefinition"]
        return {o["spec"]["schema"]["kind"]: o for o in found}

    @cached_property
    def roles(self) -> dict[str, Object]:
        """ACK's roles by name."""
        return {o["metadata"]["name"]: o for o in self.built("platform/roles") if o["kind"] == "Role"}

    def built(self, part: str) -> list[Object]:
        """A kustomize folder's objects; none where the environment has no such folder."""
        return build(self.folder / part)

    def read(self, part: str) -> list[Object]:
        """All objects of a plain folder."""
        files = sorted((self.folder / part).glob("*.yaml"))
        return [o for file in files for o in yaml.safe_load_all(file.read_text()) if o]

    def template(self, kind: str, resource: str) -> Object:
        """The template of one resource of a definition."""
        [found] = [r for r in self.definitions[kind]["spec"]["resources"] if r["id"] == resource]
        template: Object = found["template"]
        return template

    def templates(self) -> Iterator[tuple[str, Object]]:
        """Every template with the kind of claim that it is for."""
        for kind, definition in self.definitions.items():
            for resource in definition["spec"]["resources"]:
                if "template" in resource:
                    yield kind, resource["template"]


@cache
def build(folder: Path) -> list[Object]:
    """What kustomize makes of a folder, once."""
    if not folder.is_dir():
        return []
    return [o for o in yaml.safe_load_all(run(["kubectl", "kustomize", folder]).stdout) if o]


def generate(folder: Path, answers: dict[str, Any]) -> Environment:
    """Generate the walkthrough's environment, changed by `answers`."""
    source = stage(folder / "source", *(f"template/{part}" for part in PARTS))
    walkthrough = yaml.safe_load((PROJECT / "examples/walkthrough/answers.yml").read_text())
    run_copy(str(source), folder / "out", data=walkthrough | answers, defaults=True, quiet=True)
    return Environment(folder / "out")


def statements(role: Object) -> list[dict[str, Any]]:
    """All statements of a role's policies, actions and resources as lists."""
    found = []
    for policy in role["spec"]["inlinePolicies"].values():
        for statement in json.loads(policy)["Statement"]:
            for key in ("Action", "Resource"):
                if isinstance(statement[key], str):
                    statement[key] = [statement[key]]
            found.append(statement)
    return found
