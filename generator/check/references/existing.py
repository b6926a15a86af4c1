"""What exists once the environment runs: rendered objects, and those that controllers make of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kfaws.generator.check.cel.template import expressions
from kfaws.generator.check.inventory import Item
from kfaws.generator.check.kinds import Key, Type
from kfaws.generator.check.references.remote import RemoteSecrets, extracted
from kfaws.generator.check.world import World


@dataclass(frozen=True)
class Existing:
    """One object that will exist, with the data keys that it will have."""

    key: Key
    data: frozenset[str] | None
    """Keys of a ConfigMap or Secret; None when only its maker knows them."""
    item: Item | None
    """The item itself, or the one that it is made for; None for what every cluster has."""


EVERY_NAMESPACE: dict[tuple[str, str], str] = {
    ("ServiceAccount", "default"): "Kubernetes makes it in every namespace",
    ("ConfigMap", "kube-root-ca.crt"): "Kubernetes makes it in every namespace",
    ("ConfigMap", "istio-ca-root-cert"): "istiod makes it in every namespace",
}
"""Objects that are in every namespace, and why."""

EVERY_CLUSTER: dict[Key, str] = {
    Key("rbac.authorization.k8s.io", "ClusterRole", "", "cluster-admin"): "Kubernetes has it",
    Key("rbac.authorization.k8s.io", "ClusterRole", "", "admin"): "Kubernetes has it",
    Key("rbac.authorization.k8s.io", "ClusterRole", "", "edit"): "Kubernetes has it",
    Key("rbac.authorization.k8s.io", "ClusterRole", "", "view"): "Kubernetes has it",
    Key("rbac.authorization.k8s.io", "Role", "kube-system", "extension-apiserver-authentication-reader"): (
        "Kubernetes has it"
    ),
    Key("scheduling.k8s.io", "PriorityClass", "", "system-cluster-critical"): "Kubernetes has it",
    Key("scheduling.k8s.io", "PriorityClass", "", "system-node-critical"): "Kubernetes has it",
    Key("", "Service", "default", "kubernetes"): "Kubernetes has it",
    Key("", "Service", "kube-system", "kube-dns"): "EKS has it",
}
"""Objects that every EKS cluster has, and why."""

CONTROLLERS_OWN: dict[tuple[str, str], dict[str, str]] = {
    ("Deployment", "istiod"): {"istio-ca-secret": "istiod keeps its certificate authority in it"},
    ("StatefulSet", "argocd-application-controller"): {
        "argocd-redis": "an init container of argocd-redis makes it",
        "argocd-initial-admin-secret": "argocd-server makes it at first start",
    },
}
"""Secrets that a controller makes in its own namespace, by the controller's kind and name, and why."""

SERVICE_ACCOUNT_TOKEN = ("kubernetes.io/service-account-token", frozenset({"token", "ca.crt", "namespace"}))
CERTIFICATE_KEYS = frozenset({"tls.crt", "tls.key", "ca.crt"})
PROFILE_ACCOUNTS = ("default-editor", "default-viewer")
BUILT_IN_ROLE = re.compile(r"^system:")


class ExistingObjects:
    """Everything that exists, by key."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._known: dict[Key, list[Existing]] = {}
        for existing in self._all():
            self._known.setdefault(existing.key, []).append(existing)

    def find(self, key: Key) -> list[Existing]:
        """All that a reference to this key may mean; empty when nothing of that key will exist.

        In the namespace of an Application that could not be rendered, or of what the cluster has already,
        everything may exist; outside of namespaces, as soon as any Application could not be rendered.
        """
        if key in self._known:
            return self._known[key]
        if self._built_in(key):
            return [Existing(key, None, None)]
        holder = key.name if key.kind == "Namespace" else key.namespace
        cluster_wide = not key.namespace and key.kind != "Namespace"
        if holder in self.world.missing or (cluster_wide and self.world.blind):
            return [Existing(key, None, None)]
        return [existing for pattern, existing in self._patterns if _fits(pattern, key)]

    def names(self, key: Key) -> list[str]:
        """Names of objects of the same kind and namespace, for a hint at a misspelt one."""
        return [known.name for known in self._known if known._replace(name="") == key._replace(name="")]

    def namespaces_of(self, key: Key) -> list[str]:
        """Other namespaces that have an object of that kind and name."""
        same = key._replace(namespace="")
        return sorted(known.namespace for known in self._known if known._replace(namespace="") == same)

    def _built_in(self, key: Key) -> bool:
        if key in EVERY_CLUSTER:
            return True
        if not key.group and (key.kind, key.name) in EVERY_NAMESPACE:
            return True
        if key.kind == "ConfigMap" and self._by_hand(key):
            return True
        return key.group == "rbac.authorization.k8s.io" and bool(BUILT_IN_ROLE.match(key.name))

    def _by_hand(self, key: Key) -> bool:
        """The certificate authority of a proxy: the user puts it into each controller's namespace."""
        return key.name == self.world.answers.get("ca_bundle_config_map")

    @cached_property
    def _patterns(self) -> list[tuple[Key, Existing]]:
        """Objects whose name or namespace is known at run time only."""
        return [
            (key, existing)
            for key, found in self._known.items()
            if "${" in key.name or "${" in key.namespace
            for existing in found
        ]

    def _all(self) -> Iterator[Existing]:
        remote = self.world.once(RemoteSecrets)
        for item in self.world.inventory.items:
            yield Existing(item.key, _data(item), item)
            yield from _made_for(item, remote)
            for name in CONTROLLERS_OWN.get((item.key.kind, item.key.name), ()):
                yield Existing(Key("", "Secret", item.key.namespace, name), None, item)


def _fits(pattern: Key, key: Key) -> bool:
    if (pattern.group, pattern.kind) != (key.group, key.kind):
        return False
    return all(
        re.fullmatch(_expression(text), value)
        for text, value in ((pattern.namespace, key.namespace), (pattern.name, key.name))
    )


def _expression(text: str) -> str:
    """A regular expression for a string, with anything where it has a `${...}`."""
    parts, position = [], 0
    for found in expressions(text):
        parts += [re.escape(text[position : found.start]), ".+"]
        position = found.end
    return "".join(parts) + re.escape(text[position:])


def _data(item: Item) -> frozenset[str] | None:
    """Data keys of a ConfigMap or Secret; None when a controller fills it."""
    manifest = item.manifest
    if item.key.group or item.key.kind not in ("ConfigMap", "Secret"):
        return None
    if manifest.get("type") == SERVICE_ACCOUNT_TOKEN[0]:
        return SERVICE_ACCOUNT_TOKEN[1]
    if any(isinstance(manifest.get(field), str) for field in ("data", "stringData", "binaryData")):
        return None
    keys = {key for field in ("data", "stringData", "binaryData") for key in manifest.get(field) or ()}
    return frozenset(keys) if keys and not any("${" in key for key in keys) else None


def _made_for(item: Item, remote: RemoteSecrets) -> Iterator[Existing]:
    """What a controller makes of this object."""
    kind = Type(item.key.group, "", item.key.kind)
    spec = item.manifest.get("spec") or {}
    namespace = item.key.namespace
    if kind == Type("external-secrets.io", "", "ExternalSecret"):
        yield _target(spec, item, remote)
    elif kind == Type("cert-manager.io", "", "Certificate") and spec.get("secretName"):
        yield Existing(Key("", "Secret", namespace, spec["secretName"]), CERTIFICATE_KEYS, item)
    elif kind == Type("pkg.crossplane.io", "", "DeploymentRuntimeConfig"):
        account = ((spec.get("serviceAccountTemplate") or {}).get("metadata") or {}).get("name")
        if account and item.application is not None:
            runs_in = item.application.namespace or ""
            yield Existing(Key("", "ServiceAccount", runs_in, account), None, item)
    elif kind == Type("kubeflow.org", "", "Profile"):
        yield Existing(Key("", "Namespace", "", item.key.name), None, item)
        for account in PROFILE_ACCOUNTS:
            yield Existing(Key("", "ServiceAccount", item.key.name, account), None, item)
    reference = spec.get("writeConnectionSecretToRef")
    if reference:
        # Without the kind's CRD it is not known to live in a namespace: what kro makes lives in its claim's.
        claims = item.made_by.key.namespace if item.made_by else ""
        target = reference.get("namespace") or namespace or claims
        yield Existing(Key("", "Secret", target, reference.get("name", "")), None, item)


def _target(spec: dict[str, Any], item: Item, remote: RemoteSecrets) -> Existing:
    """The Secret of an ExternalSecret, with its keys as far as they are known."""
    target = spec.get("target") or {}
    template = target.get("template") or {}
    keys = extracted(item, remote)
    if template.get("templateFrom"):
        keys = None
    elif template.get("data"):
        own = frozenset(template["data"])
        merges = template.get("mergePolicy") == "Merge"
        keys = own if not merges else own | keys if keys is not None else None
    return Existing(Key("", "Secret", item.key.namespace, target.get("name") or item.key.name), keys, item)
