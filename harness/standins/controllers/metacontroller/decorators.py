"""DecoratorControllers: objects that a hook attaches to namespaces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kfaws.generator.model import Object
from kfaws.harness.kube import Kind
from kfaws.harness.standins.controllers.client import Client
from kfaws.harness.standins.controllers.controller import Place, Request, Requests, Seen, itself
from kfaws.harness.standins.controllers.metacontroller.hooks import Hooks

DECORATORS, NAMESPACES = (
    Kind("metacontroller.k8s.io/v1alpha1", "DecoratorController"),
    Kind("v1", "Namespace"),
)
CHILDREN = (
    Kind("v1", "ConfigMap"),
    Kind("v1", "Secret"),
    Kind("v1", "Service"),
    Kind("apps/v1", "Deployment"),
)
"""Kinds of attachments that are watched; others are looked at when their namespace is."""
MANAGER = "metacontroller"
MARK = "metacontroller.k8s.io/decorator-controller"
"""Annotation of what was attached: by whom."""
IN_PLACE = ("InPlace", "RollingInPlace")
RESYNC = 3600.0


class Decorators:
    """A Controller for the DecoratorControllers whose parents are namespaces; `finalize` is not handled."""

    def __init__(self, hooks: Hooks) -> None:
        self._hooks = hooks

    @property
    def watches(self) -> Mapping[Kind, Requests]:
        """Namespaces, what is attached to them, and the DecoratorControllers."""
        return {DECORATORS: _all, NAMESPACES: itself} | dict.fromkeys(CHILDREN, _parent)

    def reconcile(self, place: Place, item: Object) -> float | None:
        """Attach to a namespace what the hooks say. Raises HookError."""
        if "deletionTimestamp" in item["metadata"]:
            return None
        after = [
            self._decorate(place, decorator, item)
            for decorator in place.cluster.list(DECORATORS)
            if selects(decorator, item)
        ]
        return min(after, default=None)

    def _decorate(self, place: Place, decorator: Object, namespace: Object) -> float:
        name = namespace["metadata"]["name"]
        methods = dict(_methods(place.cluster, decorator))
        attached = {kind: list(_attached(place.cluster, kind, decorator, name)) for kind in methods}
        request = {
            "controller": decorator,
            "object": namespace,
            "attachments": {
                f"{kind.kind}.{kind.api_version}": {item["metadata"]["name"]: item for item in items}
                for kind, items in attached.items()
            },
            "related": {},
            "finalizing": False,
        }
        answer = self._hooks.call(place, decorator["spec"]["hooks"]["sync"]["webhook"]["url"], request)
        wanted = [_marked(item, decorator, namespace) for item in answer.get("attachments") or ()]
        for item in wanted:
            self._attach(place, item, methods.get(Kind.of(item), ""))
        named = {(Kind.of(item), item["metadata"]["name"]) for item in wanted}
        for kind, items in attached.items():
            for item in items:
                if (kind, item["metadata"]["name"]) not in named:
                    place.cluster.delete(item)
        return float(
            answer.get("resyncAfterSeconds") or decorator["spec"].get("resyncPeriodSeconds") or RESYNC
        )

    def _attach(self, place: Place, item: Object, method: str) -> None:
        metadata = item["metadata"]
        if method in IN_PLACE or not place.cluster.get(
            Kind.of(item), metadata["name"], metadata["namespace"]
        ):
            place.cluster.apply(item, MANAGER)


def selects(decorator: Object, namespace: Object) -> bool:
    """Whether a DecoratorController is about a namespace; of selectors, `matchLabels` only."""
    for resource in decorator["spec"]["resources"]:
        if (resource["apiVersion"], resource["resource"]) == ("v1", "namespaces"):
            labels = namespace["metadata"].get("labels") or {}
            annotations = namespace["metadata"].get("annotations") or {}
            wanted = (resource.get("labelSelector") or {}).get("matchLabels") or {}
            noted = (resource.get("annotationSelector") or {}).get("matchAnnotations") or {}
            if wanted.items() <= labels.items() and noted.items() <= annotations.items():
                return True
    return False


def _methods(cluster: Client, decorator: Object) -> Iterator[tuple[Kind, str]]:
    """The kinds that a DecoratorController may attach and that are served, each with how it is updated."""
    for attachment in decorator["spec"].get("attachments") or ():
        kind = cluster.kind_of(attachment["apiVersion"], attachment["resource"])
        if kind:
            yield kind, (attachment.get("updateStrategy") or {}).get("method") or "OnDelete"


def _attached(cluster: Client, kind: Kind, decorator: Object, namespace: str) -> Iterator[Object]:
    for item in cluster.list(kind, namespace):
        annotations = item["metadata"].get("annotations") or {}
        if annotations.get(MARK) == decorator["metadata"]["name"]:
            yield item


def _marked(item: Object, decorator: Object, namespace: Object) -> Object:
    metadata = item["metadata"]
    owner = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "name": namespace["metadata"]["name"],
        "uid": namespace["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
    annotations = {**(metadata.get("annotations") or {}), MARK: decorator["metadata"]["name"]}
    metadata = {
        "namespace": owner["name"],
        **metadata,
        "annotations": annotations,
        "ownerReferences": [owner],
    }
    return {**item, "metadata": metadata}


def _all(item: Object, seen: Seen) -> Iterable[Request]:
    return (Request.of(namespace) for namespace in seen.all(NAMESPACES))


def _parent(item: Object, seen: Seen) -> Iterable[Request]:
    marked = MARK in (item["metadata"].get("annotations") or {})
    return [Request(NAMESPACES, item["metadata"]["namespace"])] if marked else []
