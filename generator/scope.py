"""Namespaces as Argo CD sets them: the destination's by default, none on cluster-wide objects."""

from __future__ import annotations

from collections.abc import Iterable

from kfaws.generator.model import Object

CLUSTER_SCOPED = {
    "": {"ComponentStatus", "Namespace", "Node", "PersistentVolume"},
    "admissionregistration.k8s.io": {
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
    },
    "apiextensions.k8s.io": {"CustomResourceDefinition"},
    "apiregistration.k8s.io": {"APIService"},
    "certificates.k8s.io": {"CertificateSigningRequest", "ClusterTrustBundle"},
    "flowcontrol.apiserver.k8s.io": {"FlowSchema", "PriorityLevelConfiguration"},
    "internal.apiserver.k8s.io": {"StorageVersion"},
    "networking.k8s.io": {"IPAddress", "IngressClass", "ServiceCIDR"},
    "node.k8s.io": {"RuntimeClass"},
    "rbac.authorization.k8s.io": {"ClusterRole", "ClusterRoleBinding"},
    "resource.k8s.io": {"DeviceClass", "DeviceTaintRule", "ResourceSlice"},
    "scheduling.k8s.io": {"PriorityClass"},
    "storage.k8s.io": {"CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"},
    "storagemigration.k8s.io": {"StorageVersionMigration"},
}
"""Kinds of Kubernetes itself that have no namespace, by API group."""


class Scopes:
    """Which kinds have no namespace: those of Kubernetes and of the custom resource definitions at hand."""

    def __init__(self, objects: Iterable[Object], more: dict[str, list[str]]) -> None:
        self._cluster = {(group, kind) for group, kinds in CLUSTER_SCOPED.items() for kind in kinds}
        self._cluster |= {(group, kind) for group, kinds in more.items() for kind in kinds}
        for item in objects:
            if item["kind"] == "CustomResourceDefinition" and item["spec"]["scope"] == "Cluster":
                self._cluster.add((item["spec"]["group"], item["spec"]["names"]["kind"]))
            elif item["kind"] == "ResourceGraphDefinition":
                schema = item["spec"]["schema"]
                if schema.get("scope") == "Cluster":
                    self._cluster.add((schema.get("group", "kro.run"), schema["kind"]))

    def is_cluster_scoped(self, item: Object) -> bool:
        """Tell whether an object has no namespace; an unknown kind counts as namespaced, as with Argo CD."""
        return (group_of(item), item["kind"]) in self._cluster

    def settle(self, objects: Iterable[Object], namespace: str | None) -> tuple[list[Object], list[str]]:
        """Set namespaces, and keep the last of objects with one name. Returns them and what was repeated."""
        settled: dict[tuple[str, str, str, str], Object] = {}
        repeated = []
        for item in objects:
            metadata = item["metadata"]
            if self.is_cluster_scoped(item):
                metadata.pop("namespace", None)
            elif not metadata.get("namespace") and namespace:
                metadata["namespace"] = namespace
            name = metadata.get("name") or metadata.get("generateName", "")
            key = (group_of(item), item["kind"], metadata.get("namespace") or "", name)
            if key in settled:
                repeated.append(f"{item['kind']} {key[2]}/{name}".replace(" /", " "))
                del settled[key]
            settled[key] = item
        return list(settled.values()), repeated


def group_of(item: Object) -> str:
    """The API group of an object, empty for Kubernetes' core."""
    version: str = item["apiVersion"]
    return version.rpartition("/")[0]
