"""Admission webhooks that fail closed: what each admits, and the workloads that answer for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kfaws.generator.check.inventory import Item
from kfaws.generator.check.kinds import WORKLOADS
from kfaws.generator.check.world import World

CONFIGURATIONS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
GROUP = "admissionregistration.k8s.io"
Target = tuple[str, str]
"""API group and plural of what is created."""
NAME_LABEL = "kubernetes.io/metadata.name"


@dataclass(frozen=True)
class Webhook:
    """One webhook with failure policy Fail."""

    name: str
    configuration: Item
    rules: list[dict[str, Any]] = field(hash=False)
    namespaces: dict[str, Any] = field(hash=False)
    objects: dict[str, Any] = field(hash=False)
    backends: tuple[Item, ...]
    """Workloads behind its Service."""


def webhooks(world: World) -> Iterator[Webhook]:
    """All webhooks that fail closed and are served from inside the cluster."""
    for configuration in world.inventory.of(GROUP, *CONFIGURATIONS):
        for webhook in configuration.manifest.get("webhooks") or ():
            service = (webhook.get("clientConfig") or {}).get("service")
            if service and webhook.get("failurePolicy", "Fail") == "Fail":
                yield Webhook(
                    name=webhook.get("name", ""),
                    configuration=configuration,
                    rules=webhook.get("rules") or [],
                    namespaces=webhook.get("namespaceSelector") or {},
                    objects=webhook.get("objectSelector") or {},
                    backends=tuple(_behind(world, service)),
                )


def _behind(world: World, service: dict[str, Any]) -> Iterator[Item]:
    found = world.inventory.get("", "Service", service.get("namespace", ""), service.get("name", ""))
    selector = (found.manifest.get("spec") or {}).get("selector") if found else None
    if not found or not selector:
        return
    for group, kind in WORKLOADS:
        for item in world.inventory.of(group, kind):
            if item.key.namespace == found.key.namespace and selector.items() <= _pod_labels(item).items():
                yield item


def _pod_labels(item: Item) -> dict[str, str]:
    template = (item.manifest.get("spec") or {}).get("template") or {}
    return (template.get("metadata") or {}).get("labels") or {}


class Webhooks:
    """All webhooks that fail closed, found by what they admit."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.all = list(webhooks(world))
        self._for: dict[Target, list[Webhook]] = {}

    def admitting(self, item: Item) -> Iterator[Webhook]:
        """The webhooks that creating the object, or the pods that it runs, calls."""
        for target, labels in _created(item):
            for hook in self._of(target):
                if _selects(hook.objects, labels) and _in_namespace(self.world, hook, item):
                    yield hook

    def _of(self, target: Target) -> list[Webhook]:
        if target not in self._for:
            self._for[target] = [
                hook for hook in self.all if any(_rule_matches(rule, target) for rule in hook.rules)
            ]
        return self._for[target]


def _created(item: Item) -> Iterator[tuple[tuple[str, str], dict[str, str]]]:
    """Group and plural of what is created, with its labels: the object, and a workload's pods."""
    yield (item.key.group, plural(item.key.kind)), item.labels
    if (item.key.group, item.key.kind) in WORKLOADS and item.key.kind != "CronJob":
        yield ("", "pods"), _pod_labels(item)


def plural(kind: str) -> str:
    """The resource name of a kind, by the rule that all kinds here follow."""
    name = kind.lower()
    if name.endswith("y") and name[-2:] not in ("ay", "ey", "oy"):
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(("s", "ch", "x")) else f"{name}s"


def _rule_matches(rule: dict[str, Any], target: tuple[str, str]) -> bool:
    groups, resources = rule.get("apiGroups") or (), rule.get("resources") or ()
    creates = bool({"CREATE", "*"} & set(rule.get("operations") or ()))
    return creates and bool({target[0], "*"} & set(groups)) and bool({target[1], "*", "*/*"} & set(resources))


def _in_namespace(world: World, hook: Webhook, item: Item) -> bool:
    if not item.key.namespace:
        # The selector is not applied to what has no namespace; a Namespace is matched by its own labels.
        return item.key.kind != "Namespace" or _selects(hook.namespaces, _with_name(item))
    namespace = world.inventory.get("", "Namespace", "", item.key.namespace)
    labels = _with_name(namespace) if namespace else {NAME_LABEL: item.key.namespace}
    return _selects(hook.namespaces, labels)


def _with_name(namespace: Item) -> dict[str, str]:
    return {**namespace.labels, NAME_LABEL: namespace.key.name}


def _selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """A label selector, as Kubernetes reads it; an empty one selects everything."""
    wanted = selector.get("matchLabels") or {}
    if any(labels.get(name) != value for name, value in wanted.items()):
        return False
    return all(_expression(entry, labels) for entry in selector.get("matchExpressions") or ())


def _expression(entry: dict[str, Any], labels: dict[str, str]) -> bool:
    value, values = labels.get(entry["key"]), entry.get("values") or ()
    operator = str(entry["operator"])
    if operator == "In":
        return value in values
    if operator == "NotIn":
        return value not in values
    return (value is not None) is (operator == "Exists")
