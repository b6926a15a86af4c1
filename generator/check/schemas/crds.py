"""CustomResourceDefinitions: those among the rendered objects, and those that controllers install."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from kfaws.generator.check.kinds import Key
from kfaws.generator.model import Object

Schema = dict[str, Any]
CRD = ("apiextensions.k8s.io", "CustomResourceDefinition")


@dataclass(frozen=True)
class CustomKind:
    """One custom kind: where it comes from, its scope, and its schema by version."""

    group: str
    kind: str
    namespaced: bool
    versions: dict[str, Schema] = field(hash=False, compare=False)
    """openAPIV3Schema by served version."""
    made_by: str
    """What puts the CRD into the cluster, in words."""


def custom_kind(crd: Object, made_by: str) -> CustomKind:
    """What a CRD declares."""
    spec = crd["spec"]
    versions = {
        version["name"]: (version.get("schema") or {}).get("openAPIV3Schema") or {}
        for version in spec.get("versions") or ()
        if version.get("served", True)
    }
    return CustomKind(
        group=spec["group"],
        kind=spec["names"]["kind"],
        namespaced=spec.get("scope", "Namespaced") == "Namespaced",
        versions=versions,
        made_by=made_by,
    )


@dataclass(frozen=True)
class CrdFolder:
    """A folder of CRDs that no Application applies, in files named `<group>_<plural>.yaml`."""

    path: Path
    made_by: str
    read: Callable[[bytes], list[Object]] = lambda content: read_yaml(content)
    """Turns a file's content into objects."""
    any_name: bool = False
    """True when its files have other names, so that all are read."""

    def find(self, group: str, kind: str) -> CustomKind | None:
        """What the CRD of a kind declares, or None."""
        found = self.crd(group, kind)
        return custom_kind(found, self.made_by) if found else None

    def crd(self, group: str, kind: str) -> Object | None:
        """The CRD of a kind; reads as few files as the file names allow."""
        named = sorted(self.path.glob(f"{group}_*.yaml"), key=lambda f: _unlike(f.stem, kind))
        for file in named or (sorted(self.path.glob("*.yaml")) if self.any_name else ()):
            for crd in self.read(file.read_bytes()):
                if crd and crd.get("kind") == CRD[1] and crd["spec"]["names"]["kind"] == kind:
                    return crd
            if _unlike(file.stem, kind) == 0:
                break
        return None


def _unlike(stem: str, kind: str) -> int:
    """0 when a file's name is the plural of a kind, so that it is read first and alone."""
    plural = stem.partition("_")[2]
    name = kind.lower()
    regular = {name, f"{name}s", f"{name}es", f"{name[:-1]}ies"}
    return 0 if plural in regular else 1


def read_yaml(content: bytes) -> list[Object]:
    """The objects of a YAML file."""
    return list(yaml.load_all(content, Loader=yaml.CSafeLoader))


class CustomKinds:
    """All custom kinds of an environment, the ones from folders read when asked for."""

    def __init__(self, folders: Iterable[CrdFolder] = ()) -> None:
        self.folders = list(folders)
        self._known: dict[tuple[str, str], CustomKind | None] = {}

    def add(self, kind: CustomKind) -> None:
        """Take in a kind."""
        self._known[kind.group, kind.kind] = kind

    def get(self, group: str, kind: str) -> CustomKind | None:
        """A custom kind, or None."""
        if (group, kind) not in self._known:
            self._known[group, kind] = next(
                (found for folder in self.folders if (found := folder.find(group, kind))), None
            )
        return self._known[group, kind]

    def kinds(self, group: str) -> list[str]:
        """Kinds of a group, for a hint at a misspelt one."""
        return [kind for (of, kind), known in self._known.items() if of == group and known]


def is_crd(key: Key) -> bool:
    """True for the key of a CustomResourceDefinition."""
    return (key.group, key.kind) == CRD
