"""Every object of an environment by its key, with who makes it and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from kfaws.generator.check.kinds import Key, Type, type_of
from kfaws.generator.check.walk import Path, strings
from kfaws.generator.model import Application, Object

HOOK = "argocd.argoproj.io/hook"
WAVE = "argocd.argoproj.io/sync-wave"
PHASES = {"PreSync": -1, "Sync": 0, "PostSync": 1, "SyncFail": 2, "PostDelete": 3, "PreDelete": 3, "Skip": 4}
BOOTSTRAP_WAVE = -1_000_000


@dataclass(frozen=True, eq=False)
class Item:
    """One object, and where it comes from."""

    manifest: Object
    key: Key
    application: Application | None = None
    """The Application that applies it (or applies the claim it is made for); None: bootstrap."""
    made_by: Item | None = None
    """The definition or claim whose controller makes it; None for what is rendered."""
    serial: int = 0
    """Position in the rendered environment: two equal keys are two items."""

    @property
    def type(self) -> Type:
        """Group, version and kind as the manifest states them."""
        return type_of(self.manifest)

    @property
    def annotations(self) -> dict[str, str]:
        """Annotations, empty when there are none."""
        return (self.manifest.get("metadata") or {}).get("annotations") or {}

    @property
    def labels(self) -> dict[str, str]:
        """Labels, empty when there are none."""
        return (self.manifest.get("metadata") or {}).get("labels") or {}

    @property
    def rendered(self) -> bool:
        """True for what Argo CD applies itself."""
        return self.made_by is None

    @cached_property
    def strings(self) -> tuple[tuple[Path, str], ...]:
        """All strings of the manifest with their paths."""
        return tuple(strings(self.manifest))

    @property
    def source(self) -> Item:
        """The rendered object whose text in the repository decides about this one."""
        return self if self.made_by is None else self.made_by.source

    @property
    def outer_wave(self) -> int:
        """The wave of its Application; bootstrap is before all."""
        return self.application.wave if self.application else BOOTSTRAP_WAVE

    @property
    def wave(self) -> tuple[int, int, int]:
        """Sorts by when Argo CD applies it: wave of its Application, phase of its hook, own wave."""
        origin = self.source
        hook = origin.annotations.get(HOOK, "Sync").split(",")[0].strip()
        own = origin.annotations.get(WAVE, "0")
        inner = int(own) if own.lstrip("-").isdigit() else 0
        return (self.outer_wave, PHASES.get(hook, 0), inner)

    def __str__(self) -> str:
        return str(self.key)


class Inventory:
    """All items, by key and by kind."""

    def __init__(self, namespaced: Callable[[str, str], bool | None]) -> None:
        """Take the function that tells whether a kind's objects live in a namespace; None: not known."""
        self.items: list[Item] = []
        self.namespaced = namespaced
        self._by_key: dict[Key, list[Item]] = defaultdict(list)
        self._by_kind: dict[tuple[str, str], list[Item]] = defaultdict(list)

    def add(
        self,
        manifest: Object,
        application: Application | None,
        *,
        made_by: Item | None = None,
        namespace: str | None = None,
    ) -> Item:
        """Take an object in; `namespace` is where it goes when it names none."""
        key = self.key_of(manifest, namespace or (application.namespace if application else None) or "")
        item = Item(manifest, key, application, made_by, serial=len(self.items))
        self.items.append(item)
        self._by_key[key].append(item)
        self._by_kind[key.group, key.kind].append(item)
        return item

    def key_of(self, manifest: Object, default_namespace: str) -> Key:
        """The key of an object."""
        declared = type_of(manifest)
        metadata = manifest.get("metadata") or {}
        namespaced = self.namespaced(declared.group, declared.kind)
        namespace = "" if namespaced is False else str(metadata.get("namespace") or "")
        if namespaced and not namespace:
            namespace = default_namespace
        return Key(declared.group, declared.kind, namespace, str(metadata.get("name") or ""))

    def get(self, group: str, kind: str, namespace: str, name: str) -> Item | None:
        """The first object of that key, or None."""
        found = self._by_key.get(Key(group, kind, namespace, name))
        return found[0] if found else None

    def of(self, group: str, *kinds: str) -> Iterator[Item]:
        """All objects of some kinds of one group."""
        for kind in kinds:
            yield from self._by_kind.get((group, kind), ())

    def kinds(self) -> list[tuple[str, str]]:
        """Every (group, kind) there is an object of."""
        return list(self._by_kind)

    def names(self, group: str, kind: str, namespace: str = "") -> list[str]:
        """Names of the objects of a kind in a namespace (all namespaces when empty)."""
        return [i.key.name for i in self.of(group, kind) if not namespace or i.key.namespace == namespace]

    def several(self) -> Iterator[tuple[Key, list[Item]]]:
        """Keys that more than one item has."""
        for key, items in self._by_key.items():
            if len(items) > 1:
                yield key, items
