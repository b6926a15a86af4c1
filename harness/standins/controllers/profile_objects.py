"""The objects of one Profile. Nothing here asks the cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kfaws.generator.model import Object

RBAC = "rbac.authorization.k8s.io"
INJECTION = "istio-injection"
MESH = "cluster.local/ns"
DEFAULTS = {
    "USERID_HEADER": "x-goog-authenticated-user-email",
    "USERID_PREFIX": "accounts.google.com:",
    "NOTEBOOK_CONTROLLER_PRINCIPAL": f"{MESH}/kubeflow/sa/notebook-controller-service-account",
    "ISTIO_INGRESS_GATEWAY_PRINCIPAL": f"{MESH}/istio-system/sa/istio-ingressgateway-service-account",
    "KFP_UI_PRINCIPAL": f"{MESH}/kubeflow/sa/ml-pipeline-ui",
}
"""Where the Deployment says nothing."""


@dataclass(frozen=True)
class Settings:
    """What the controller is told."""

    environment: Mapping[str, str]
    labels: Mapping[str, str]
    """Of every namespace; an empty one is taken away."""

    def of(self, name: str) -> str:
        """A variable, or the controller's default."""
        return self.environment.get(name, DEFAULTS[name])


def namespace_of(profile: Object, settings: Settings, found: Object | None) -> Object:
    """The namespace of a Profile: a new one, or the one that is there with its labels set."""
    name = profile["metadata"]["name"]
    labels: dict[str, str] = {INJECTION: "enabled"}
    if found:
        labels = found["metadata"].get("labels") or {}
    labels = {key: value for key, value in settings.labels.items() if value} | labels
    labels = {key: value for key, value in labels.items() if settings.labels.get(key, value)}
    if found:
        return {**found, "metadata": {**found["metadata"], "labels": labels}}
    metadata = {
        "name": name,
        "annotations": {"owner": profile["spec"]["owner"]["name"]},
        "labels": labels,
        "ownerReferences": [_reference(profile)],
    }
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def objects_of(profile: Object, settings: Settings) -> Iterator[Object]:
    """What is in a Profile's namespace, in the order in which the controller makes it."""
    owner = profile["spec"]["owner"]
    annotations = {"user": owner["name"], "role": "admin"}
    yield {
        **_item(
            profile, "security.istio.io/v1beta1", "AuthorizationPolicy", "ns-owner-access-istio", annotations
        ),
        "spec": {"rules": _rules(profile, settings)},
    }
    for account, role in (("default-editor", "kubeflow-edit"), ("default-viewer", "kubeflow-view")):
        yield _item(profile, "v1", "ServiceAccount", account)
        subject = {"kind": "ServiceAccount", "name": account, "namespace": profile["metadata"]["name"]}
        yield _binding(_item(profile, f"{RBAC}/v1", "RoleBinding", account), role, subject)
    binding = _item(profile, f"{RBAC}/v1", "RoleBinding", "namespaceAdmin", annotations)
    # As the API server completes it.
    group = {"apiGroup": RBAC} if owner["kind"] in ("User", "Group") else {}
    yield _binding(binding, "kubeflow-admin", {**group, **owner})
    quota = profile["spec"].get("resourceQuotaSpec") or {}
    if quota.get("hard"):
        yield {**_item(profile, "v1", "ResourceQuota", "kf-resource-quota"), "spec": quota}


def owner_of(item: Object) -> str | None:
    """The name of the Profile that an object belongs to."""
    references = item["metadata"].get("ownerReferences") or ()
    return next((one["name"] for one in references if one["kind"] == "Profile"), None)


def _item(
    profile: Object, api_version: str, kind: str, name: str, annotations: Mapping[str, str] | None = None
) -> Object:
    metadata = {
        "name": name,
        "namespace": profile["metadata"]["name"],
        "ownerReferences": [_reference(profile)],
    }
    if annotations:
        metadata["annotations"] = dict(annotations)
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}


def _reference(profile: Object) -> Object:
    return {
        "apiVersion": profile["apiVersion"],
        "kind": profile["kind"],
        "name": profile["metadata"]["name"],
        "uid": profile["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def _binding(item: Object, role: str, subject: Object) -> Object:
    return {
        **item,
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [subject],
    }


def _rules(profile: Object, settings: Settings) -> list[Object]:
    """Who may come: the owner through the gateway, the namespace itself, probes, the notebook controller."""
    header = f"request.headers[{settings.of('USERID_HEADER')}]"
    user = settings.of("USERID_PREFIX") + profile["spec"]["owner"]["name"]
    gateways = [settings.of("ISTIO_INGRESS_GATEWAY_PRINCIPAL"), settings.of("KFP_UI_PRINCIPAL")]
    notebooks = [settings.of("NOTEBOOK_CONTROLLER_PRINCIPAL")]
    return [
        {
            "from": [{"source": {"principals": gateways}}],
            "when": [{"key": header, "values": [user]}],
        },
        {"when": [{"key": "source.namespace", "values": [profile["metadata"]["name"]]}]},
        {"to": [{"operation": {"paths": ["/healthz", "/metrics", "/wait-for-drain"]}}]},
        {
            "from": [{"source": {"principals": notebooks}}],
            "to": [{"operation": {"methods": ["GET"], "paths": ["*/api/kernels"]}}],
        },
    ]
