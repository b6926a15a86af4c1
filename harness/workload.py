"""What a container of a workload would get from kubelet."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from kfaws.generator.model import Object
from kfaws.harness.kube import Cluster, Kind

CONFIG_MAPS, SECRETS = Kind("v1", "ConfigMap"), Kind("v1", "Secret")


def container_of(workload: Object, name: str) -> Object:
    """The container of that name in a Deployment, StatefulSet, DaemonSet or Job."""
    containers = workload["spec"]["template"]["spec"]["containers"]
    found: Object = next(container for container in containers if container["name"] == name)
    return found


def environment_of(cluster: Cluster, workload: Object, container: str) -> dict[str, str]:
    """The container's environment variables, with the values that ConfigMaps and Secrets have now.

    Fields of the pod (`fieldRef`) are left out: there is no pod whose address would be right here.
    """
    return dict(
        _Environment(cluster, workload["metadata"]["namespace"]).of(container_of(workload, container))
    )


class _Environment:
    def __init__(self, cluster: Cluster, namespace: str) -> None:
        self._cluster = cluster
        self._namespace = namespace
        self._read: dict[tuple[Kind, str], dict[str, str]] = {}

    def of(self, container: Object) -> Iterator[tuple[str, str]]:
        for source in container.get("envFrom") or []:
            for kind, field in ((CONFIG_MAPS, "configMapRef"), (SECRETS, "secretRef")):
                if field in source:
                    prefix = source.get("prefix", "")
                    yield from ((prefix + k, v) for k, v in self._data(kind, source[field]["name"]).items())
        for variable in container.get("env") or []:
            value = self._value(variable)
            if value is not None:
                yield variable["name"], value

    def _value(self, variable: Object) -> str | None:
        if "value" in variable:
            return str(variable["value"])
        source = variable.get("valueFrom", {})
        for kind, field in ((CONFIG_MAPS, "configMapKeyRef"), (SECRETS, "secretKeyRef")):
            if field in source:
                return self._data(kind, source[field]["name"]).get(source[field]["key"])
        return None

    def _data(self, kind: Kind, name: str) -> dict[str, str]:
        if (kind, name) not in self._read:
            found = self._cluster.get(kind, name, self._namespace) or {}
            data = found.get("data") or {}
            if kind is SECRETS:
                data = {key: base64.b64decode(value).decode(errors="replace") for key, value in data.items()}
            self._read[kind, name] = data
        return self._read[kind, name]
