"""References in pod specifications."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kfaws.generator.check.inventory import Item
from kfaws.generator.check.kinds import Key, containers, pod_specification
from kfaws.generator.check.references.needed import Needed
from kfaws.generator.model import Object

SOURCES = (("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName"))


def of_pods(item: Item) -> Iterator[Needed]:
    """Everything that the pods of a workload name and cannot start without."""
    pod = pod_specification(item.manifest)
    if pod is None:
        return
    namespace = item.key.namespace
    yield from _identity(pod, namespace)
    for container in containers(pod):
        yield from _container(container, namespace)
    for volume in pod.get("volumes") or ():
        yield from _volume(volume, namespace)
    yield from _claim_templates(item)


def _identity(pod: Object, namespace: str) -> Iterator[Needed]:
    account = pod.get("serviceAccountName") or pod.get("serviceAccount")
    if account:
        yield Needed(Key("", "ServiceAccount", namespace, account), "serviceAccountName")
    if pod.get("priorityClassName"):
        key = Key("scheduling.k8s.io", "PriorityClass", "", pod["priorityClassName"])
        yield Needed(key, "priorityClassName")
    if pod.get("runtimeClassName"):
        yield Needed(Key("node.k8s.io", "RuntimeClass", "", pod["runtimeClassName"]), "runtimeClassName")


def _container(container: Object, namespace: str) -> Iterator[Needed]:
    name = container.get("name")
    for variable in container.get("env") or ():
        source = variable.get("valueFrom") or {}
        where = f"container {name}, env {variable.get('name')}"
        for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
            reference = source.get(field)
            if reference and not reference.get("optional"):
                key = Key("", kind, namespace, reference.get("name", ""))
                yield Needed(key, where, reference.get("key"))
    for entry in container.get("envFrom") or ():
        for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            reference = entry.get(field)
            if reference and not reference.get("optional"):
                yield Needed(
                    Key("", kind, namespace, reference.get("name", "")), f"container {name}, envFrom"
                )


def _volume(volume: Object, namespace: str) -> Iterator[Needed]:
    where = f"volume {volume.get('name')}"
    for field, kind, name in SOURCES:
        yield from _projection(volume.get(field), kind, name, namespace, where)
    for source in (volume.get("projected") or {}).get("sources") or ():
        for field, kind, _ in SOURCES:
            yield from _projection(source.get(field), kind, "name", namespace, where)
    claim = volume.get("persistentVolumeClaim")
    if claim:
        key = Key("", "PersistentVolumeClaim", namespace, claim.get("claimName", ""))
        yield Needed(key, where)
    reference = (volume.get("csi") or {}).get("nodePublishSecretRef")
    if reference:
        yield Needed(Key("", "Secret", namespace, reference.get("name", "")), where)


def _projection(source: Any, kind: str, name: str, namespace: str, where: str) -> Iterator[Needed]:
    if not source or source.get("optional"):
        return
    key = Key("", kind, namespace, source.get(name, ""))
    yield Needed(key, where)
    for entry in source.get("items") or ():
        yield Needed(key, where, entry.get("key"))


def _claim_templates(item: Item) -> Iterator[Needed]:
    for template in (item.manifest.get("spec") or {}).get("volumeClaimTemplates") or ():
        storage_class = (template.get("spec") or {}).get("storageClassName")
        if storage_class:
            key = Key("storage.k8s.io", "StorageClass", "", storage_class)
            yield Needed(key, "volumeClaimTemplates, storageClassName")
