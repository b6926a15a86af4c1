"""What a pod names and kubelet would need before a container starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kfaws.generator.model import Object

CONFIG_MAP, SECRET, ACCOUNT, CLAIM = "ConfigMap", "Secret", "ServiceAccount", "PersistentVolumeClaim"


@dataclass(frozen=True)
class Reference:
    """An object of the pod's namespace that has to be there."""

    kind: str
    name: str
    key: str | None = None
    """A key of a ConfigMap's or Secret's data."""
    container: str | None = None
    """The container whose environment names it; None: the whole pod waits for it."""
    volume: str | None = None
    """The pod's volume that names it."""


def references(pod: Object) -> tuple[Reference, ...]:
    """What a pod cannot start without: each once, in the order in which kubelet would look.

    What is optional is left out, and so are image pull secrets, without which kubelet pulls anonymously.
    """
    return tuple(dict.fromkeys(_all(pod)))


def containers(pod: Object, field: str = "") -> list[Object]:
    """The containers of a pod, the initialising ones first; or those of one field."""
    fields = (field,) if field else ("initContainers", "containers")
    return [container for name in fields for container in pod["spec"].get(name) or []]


def _all(pod: Object) -> Iterator[Reference]:
    spec = pod["spec"]
    # The API server fills it in; a pod in a file may lack it.
    yield Reference(ACCOUNT, spec.get("serviceAccountName") or "default")
    for volume in spec.get("volumes") or []:
        yield from _of_volume(pod["metadata"]["name"], volume)
    for container in containers(pod):
        yield from _of_container(container)


def _of_volume(pod: str, volume: Object) -> Iterator[Reference]:
    name = volume["name"]
    yield from _of_source(volume, name)
    for source in (volume.get("projected") or {}).get("sources") or []:
        yield from _of_source(source, name)
    if "persistentVolumeClaim" in volume:
        yield Reference(CLAIM, volume["persistentVolumeClaim"]["claimName"], volume=name)
    if "ephemeral" in volume:
        yield Reference(CLAIM, f"{pod}-{name}", volume=name)
    secret = (volume.get("csi") or {}).get("nodePublishSecretRef")
    if secret:
        yield Reference(SECRET, secret["name"], volume=name)


def _of_source(source: Object, volume: str) -> Iterator[Reference]:
    """A volume, or one source of a projected one: only the field of a Secret's name differs."""
    for kind, field in ((CONFIG_MAP, "configMap"), (SECRET, "secret")):
        found: dict[str, Any] = source.get(field) or {}
        name = found.get("secretName") or found.get("name")
        if name and not found.get("optional"):
            yield Reference(kind, name, volume=volume)
            for item in found.get("items") or []:
                yield Reference(kind, name, item["key"], volume=volume)


def _of_container(container: Object) -> Iterator[Reference]:
    name = container["name"]
    for source in container.get("envFrom") or []:
        for kind, field in ((CONFIG_MAP, "configMapRef"), (SECRET, "secretRef")):
            if field in source and not source[field].get("optional"):
                yield Reference(kind, source[field]["name"], container=name)
    for variable in container.get("env") or []:
        for kind, field in ((CONFIG_MAP, "configMapKeyRef"), (SECRET, "secretKeyRef")):
            found = (variable.get("valueFrom") or {}).get(field)
            if found and not found.get("optional"):
                yield Reference(kind, found["name"], found["key"], container=name)
