"""Secrets in Secrets Manager: which the environment writes, and with which properties."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from kfaws.generator.check.inventory import Item
from kfaws.generator.check.walk import strings
from kfaws.generator.check.world import World

ESO = "external-secrets.io"
Properties = frozenset[str] | None
"""Names in the secret's JSON; None when only its writer knows them."""


class Read(NamedTuple):
    """One property (or the whole) of a secret that an ExternalSecret reads."""

    name: str
    property: str
    where: str


class RemoteSecrets:
    """All secrets that something writes, or that the user is told to write."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.written: dict[str, Properties] = {}
        for item in world.inventory.of(ESO, "PushSecret"):
            for name, properties in _pushed(world, item):
                self._add(name, properties)
        for item in world.inventory.of("secretsmanager.services.k8s.aws", "Secret"):
            self._add(str(_spec(item).get("name", "")), None)
        self._given = {text for _, text in strings(world.answers)}
        self._told = "\n".join(_documents(world))

    def _add(self, name: str, properties: Properties) -> None:
        known = self.written.get(name, frozenset())
        self.written[name] = known | properties if known is not None and properties is not None else None

    def exists(self, name: str) -> bool:
        """True when the environment writes the secret, an answer names it, or the runbook does."""
        return name in self.written or name in self._given or name in self._told

    def properties(self, name: str) -> Properties:
        """The names in a secret's JSON."""
        return self.written.get(name)


def _documents(world: World) -> Iterator[str]:
    """The generated runbooks."""
    for name in ("README.md", "bootstrap/README.md"):
        file = world.folder / name
        if file.is_file():
            yield file.read_text(encoding="utf-8")


def _spec(item: Item) -> dict[str, Any]:
    return item.manifest.get("spec") or {}


def _pushed(world: World, item: Item) -> Iterator[tuple[str, Properties]]:
    spec = _spec(item)
    whole = _whole(world, item)
    for entry in spec.get("data") or ():
        match = entry.get("match") or {}
        remote = match.get("remoteRef") or {}
        name = str(remote.get("remoteKey") or "")
        if not name or "${" in name:
            continue
        if remote.get("property"):
            yield name, frozenset({remote["property"]})
        else:
            yield name, whole if not match.get("secretKey") else None


def _whole(world: World, item: Item) -> Properties:
    """The keys of the secret that is pushed as a whole."""
    spec = _spec(item)
    template = (spec.get("template") or {}).get("data")
    if isinstance(template, dict):
        return frozenset(template)
    name = ((spec.get("selector") or {}).get("secret") or {}).get("name") or ""
    source = world.inventory.get("", "Secret", item.key.namespace, name)
    data = (source.manifest.get("stringData") or source.manifest.get("data")) if source else None
    return frozenset(data) if isinstance(data, dict) else None


def reads(item: Item) -> Iterator[Read]:
    """What an ExternalSecret reads."""
    spec = _spec(item)
    for entry in spec.get("data") or ():
        remote = entry.get("remoteRef") or {}
        if remote.get("key"):
            yield Read(
                str(remote["key"]), str(remote.get("property") or ""), f"data {entry.get('secretKey')}"
            )
    for entry in spec.get("dataFrom") or ():
        remote = entry.get("extract") or {}
        if remote.get("key"):
            yield Read(str(remote["key"]), "", "dataFrom.extract")


def extracted(item: Item, remote: RemoteSecrets) -> Properties:
    """The keys that an ExternalSecret's data and dataFrom give; None when only the remote secret tells."""
    spec = _spec(item)
    keys = {str(entry.get("secretKey", "")) for entry in spec.get("data") or ()}
    for entry in spec.get("dataFrom") or ():
        name = str((entry.get("extract") or {}).get("key") or "")
        properties = remote.properties(name) if name else None
        if properties is None or entry.get("rewrite"):
            return None
        keys |= properties
    return frozenset(keys)
