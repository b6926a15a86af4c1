"""What a controller is here: kinds that it watches, and a function that looks at one object."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from kfaws.generator.model import Object
from kfaws.harness.kube import Kind
from kfaws.harness.standins.controllers.client import Client


@dataclass(frozen=True)
class Request:
    """An object to look at."""

    kind: Kind
    name: str
    namespace: str = ""

    @classmethod
    def of(cls, item: Object) -> Request:
        """The object itself."""
        metadata = item["metadata"]
        return cls(Kind.of(item), metadata["name"], metadata.get("namespace") or "")


class Seen:
    """What the watches showed last, without schemas and managed fields. It may be late."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._items: dict[Kind, dict[Request, Object]] = {}

    def keep(self, item: Object) -> None:
        """Remember an object as it is now."""
        with self._lock:
            self._items.setdefault(Kind.of(item), {})[Request.of(item)] = _slim(item)

    def forget(self, item: Object) -> None:
        """Forget an object that is gone."""
        with self._lock:
            self._items.get(Kind.of(item), {}).pop(Request.of(item), None)

    def all(self, *kinds: Kind) -> Iterator[Object]:
        """The objects of these kinds."""
        with self._lock:
            found = [item for kind in kinds for item in self._items.get(kind, {}).values()]
        return iter(found)


def _slim(item: Object) -> Object:
    metadata = {key: value for key, value in item["metadata"].items() if key != "managedFields"}
    slim = {**item, "metadata": metadata}
    if item["kind"] == "CustomResourceDefinition":
        slim["spec"] = {key: value for key, value in item["spec"].items() if key != "versions"}
    return slim


@dataclass(frozen=True)
class Place:
    """A controller of the cluster that is there: under whom we act, and what its Deployment says."""

    cluster: Client
    """The API server, as the controller's ServiceAccount; as ourselves where it has none."""
    ours: Client
    """The API server, as ourselves: for what a pod would get from kubelet."""
    namespace: str = ""
    workload: str = ""
    """The Deployment or StatefulSet that stands for it; empty where none is rendered."""


Requests = Callable[[Object, Seen], Iterable[Request]]
"""Which objects have to be looked at because of one that changed."""


def itself(item: Object, seen: Seen) -> Iterable[Request]:
    """The object that changed."""
    return [Request.of(item)]


class Controller(Protocol):
    """One controller; its methods are called from several threads, never twice at once for an object."""

    @property
    def watches(self) -> Mapping[Kind, Requests]:
        """The kinds that it watches, and what each change of one means."""

    def reconcile(self, place: Place, item: Object) -> float | None:
        """Bring about what an object asks for, and write its status.

        Returns after how many seconds to look again where nothing changes; None: not at all. After a
        ClusterError it is called again, ever later.
        """
