"""What a container would get from kubelet."""

from __future__ import annotations

import base64

import pytest

from kfaws.generator.model import Object
from kfaws.harness.kube import Cluster, Kind
from kfaws.harness.workload import environment_of

OBJECTS = {
    ("ConfigMap", "settings"): {"data": {"PORT": "80", "host": "db"}},
    ("Secret", "login"): {"data": {"password": base64.b64encode(b"s3cret").decode()}},
}


class Objects(Cluster):
    """A cluster that has these objects in one namespace."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get(self, kind: Kind, name: str, namespace: str | None = None) -> Object | None:
        self.asked.append(name)
        return OBJECTS.get((kind.kind, name)) if namespace == "team" else None


def environment(container: Object) -> dict[str, str]:
    """That of a container in a Deployment."""
    spec = {"containers": [{"name": "sidecar"}, {"name": "main", **container}]}
    workload = {"metadata": {"namespace": "team"}, "spec": {"template": {"spec": spec}}}
    return environment_of(Objects(), workload, "main")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ({"value": "plain"}, "plain"),
        ({"valueFrom": {"configMapKeyRef": {"name": "settings", "key": "host"}}}, "db"),
        ({"valueFrom": {"secretKeyRef": {"name": "login", "key": "password"}}}, "s3cret"),
    ],
)
def test_a_variable_has_its_value(variable: Object, value: str) -> None:
    assert environment({"env": [{"name": "X", **variable}]}) == {"X": value}


@pytest.mark.parametrize(
    "source",
    [
        {"configMapKeyRef": {"name": "settings", "key": "absent"}},
        {"configMapKeyRef": {"name": "absent", "key": "host"}},
        {"fieldRef": {"fieldPath": "status.podIP"}},
    ],
)
def test_what_is_not_there_is_left_out(source: Object) -> None:
    assert environment({"env": [{"name": "X", "valueFrom": source}]}) == {}


def test_whole_maps_come_first_and_single_variables_win() -> None:
    sources = [{"configMapRef": {"name": "settings"}}, {"prefix": "LOGIN_", "secretRef": {"name": "login"}}]

    assert environment({"envFrom": sources, "env": [{"name": "PORT", "value": "443"}]}) == {
        "PORT": "443",
        "host": "db",
        "LOGIN_password": "s3cret",
    }
