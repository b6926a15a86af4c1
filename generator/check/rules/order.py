"""Sync order: what an object needs is there, and works, before the object is applied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kfaws.generator.check.finding import Breach, Rule
from kfaws.generator.check.inventory import Item
from kfaws.generator.check.kinds import WORKLOADS, Key
from kfaws.generator.check.references.existing import ExistingObjects
from kfaws.generator.check.references.pods import of_pods
from kfaws.generator.check.rules.webhooks import Webhooks
from kfaws.generator.check.world import World

AFTER_CRD = Rule(
    "order/crd-after-object",
    "Argo CD cannot apply an object whose kind does not exist yet: the sync waits on retries, or fails",
    "give the CRD's Application (or the CRD) an earlier sync wave than its objects",
)
AFTER_NAMESPACE = Rule(
    "order/namespace-after-object",
    "an object in a namespace that does not exist yet is refused",
    "give the namespace an earlier sync wave than what lives in it",
)
AFTER_WEBHOOK = Rule(
    "order/webhook-after-object",
    "the webhook's failure policy is Fail: until its controller answers, the API server refuses the object",
    "give the webhook's controller an earlier sync wave than what it admits",
)
AFTER_DATA = Rule(
    "order/data-after-user",
    "the pods wait for data of a later wave, so their Application is never healthy and that wave never comes",
    "give what makes the ConfigMap or Secret an earlier (or the same) sync wave",
)
AFTER_IDENTITY = Rule(
    "order/identity-after-user",
    "EKS gives a pod the role of its ServiceAccount when the pod starts; a pod that starts before has none",
    "give the role's Application an earlier sync wave than the workload",
)
NO_HEALTH = Rule(
    "order/application-health",
    "without a health check for Application, Argo CD takes each wave of Applications as done at once",
    "add resource.customizations.health.argoproj.io_Application to argocd-cm in bootstrap/argocd",
)
HEALTH_KEY = "resource.customizations.health.argoproj.io_Application"
ALL_CUSTOMIZATIONS = "resource.customizations"
CREATE_NAMESPACE = "CreateNamespace=true"
POD_IDENTITY = ("eks.services.k8s.aws", "PodIdentityAssociation")


def check(world: World) -> Iterator[Breach]:
    """Order of everything that Argo CD applies."""
    existing = world.once(ExistingObjects)
    hooks = world.once(Webhooks)
    for item in world.inventory.items:
        if not item.rendered or item.application is None:
            continue
        yield from _crd(world, item)
        yield from _namespace(existing, item)
        yield from _webhooks(hooks, item)
        if (item.key.group, item.key.kind) in WORKLOADS:
            yield from _data(existing, item)
    yield from _identities(world)
    yield from _health(world)


def _before(first: Item, then: Item) -> bool:
    """True when Argo CD is done with the first before it applies the other.

    Inside one Application and wave it applies namespaces and CRDs first; between Applications only the
    waves of the Applications count.
    """
    if first.application is None:
        return True
    if then.application is not None and first.application.name == then.application.name:
        return first.wave <= then.wave
    return first.outer_wave < then.outer_wave


def _waves(first: Item, then: Item) -> str:
    return f"{_wave(first)}, this in {_wave(then)}"


def _wave(item: Item) -> str:
    outer, phase, inner = item.wave
    name = item.application.name if item.application else "bootstrap"
    within = f", own wave {inner}" if inner else ""
    hook = ", a PreSync hook" if phase < 0 else ", a PostSync hook" if phase > 0 else ""
    return f"Application {name} (wave {outer}{within}{hook})"


def _crd(world: World, item: Item) -> Iterator[Breach]:
    definition = world.definitions.get((item.key.group, item.key.kind))
    crd = definition.item if definition else world.crd_of(item.key.group, item.key.kind)
    if crd is not None and not _before(crd, item):
        yield AFTER_CRD.found(item, f"its kind comes from {crd.key} in {_waves(crd, item)}")


def _namespace(existing: ExistingObjects, item: Item) -> Iterator[Breach]:
    if not item.key.namespace or _creates_namespace(item):
        return
    found = existing.find(Key("", "Namespace", "", item.key.namespace))
    makers = [entry.item for entry in found if entry.item is not None]
    if makers and not any(_before(maker, item) for maker in makers):
        what = f"its namespace {item.key.namespace} comes from {_waves(makers[0].source, item)}"
        yield AFTER_NAMESPACE.found(item, what)


def _creates_namespace(item: Item) -> bool:
    if item.application is None:
        return False
    policy = item.application.manifest["spec"].get("syncPolicy") or {}
    own = item.application.namespace == item.key.namespace
    return own and CREATE_NAMESPACE in (policy.get("syncOptions") or ())


def _webhooks(hooks: Webhooks, item: Item) -> Iterator[Breach]:
    for hook in hooks.admitting(item):
        if hook.configuration.outer_wave > item.outer_wave:
            continue
        late = [backend for backend in hook.backends if not _serves_before(backend, item)]
        if late:
            what = f"webhook {hook.name} admits it; its controller is in {_waves(late[0], item)}"
            yield AFTER_WEBHOOK.found(item, what)
            return


def _serves_before(backend: Item, item: Item) -> bool:
    """A webhook's controller must be healthy first, which takes a wave of its own."""
    if backend.application is None or backend.key == item.key:
        return True
    if item.application is not None and backend.application.name == item.application.name:
        return backend.wave < item.wave or _made_before_the_webhook(item)
    return backend.outer_wave < item.outer_wave


def _made_before_the_webhook(item: Item) -> bool:
    """Argo CD applies webhook configurations last of a wave: what has a core kind is there by then."""
    return "." not in item.key.group or item.key.group.endswith(".k8s.io")


def _data(existing: ExistingObjects, item: Item) -> Iterator[Breach]:
    for needed in of_pods(item):
        if needed.key.kind not in ("ConfigMap", "Secret", "ServiceAccount", "PersistentVolumeClaim"):
            continue
        makers = [entry.item.source for entry in existing.find(needed.key) if entry.item is not None]
        if makers and not any(_in_time(maker, item) for maker in makers):
            what = f"{needed.where} needs {needed.key}, which comes from {_waves(makers[0], item)}"
            yield AFTER_DATA.found(item, what, hint=needed.key.name)


def _in_time(maker: Item, item: Item) -> bool:
    if maker.application is None:
        return True
    if item.application is not None and maker.application.name == item.application.name:
        return maker.wave <= item.wave
    return maker.outer_wave <= item.outer_wave


def _identities(world: World) -> Iterator[Breach]:
    """Pod identity associations of ServiceAccounts come before the workloads that run as them."""
    users: dict[tuple[str, str], list[Item]] = {}
    for group, kind in WORKLOADS:
        for item in world.inventory.of(group, kind):
            account = _account(item)
            if account and item.application is not None:
                users.setdefault((item.key.namespace, account), []).append(item)
    for association in world.inventory.of(*POD_IDENTITY):
        spec: dict[str, Any] = association.manifest.get("spec") or {}
        for user in users.get((spec.get("namespace", ""), spec.get("serviceAccount", "")), ()):
            if association.application is not None and association.outer_wave >= user.outer_wave:
                what = f"its pod identity {association.key} comes from {_waves(association.source, user)}"
                yield AFTER_IDENTITY.found(user, what)


def _account(item: Item) -> str:
    for needed in of_pods(item):
        if needed.key.kind == "ServiceAccount":
            return needed.key.name
    return ""


def _health(world: World) -> Iterator[Breach]:
    for config in world.inventory.of("", "ConfigMap"):
        if config.key.name == "argocd-cm" and config.application is None:
            data = config.manifest.get("data") or {}
            together = str(data.get(ALL_CUSTOMIZATIONS) or "")
            if HEALTH_KEY not in data and "argoproj.io/Application:" not in together:
                yield NO_HEALTH.found(config, "argocd-cm has no health check for Application")
