"""Namespaces as Argo CD sets them."""

from __future__ import annotations

from typing import Any

import pytest

from kfaws.generator.scope import Scopes


def item(kind: str, api: str = "v1", namespace: str | None = None, **more: Any) -> dict[str, Any]:
    metadata = {"name": "x"} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **more}


CRD = item(
    "CustomResourceDefinition",
    "apiextensions.k8s.io/v1",
    spec={"scope": "Cluster", "group": "acme.test", "names": {"kind": "Gadget"}},
)
GRAPH = item(
    "ResourceGraphDefinition", "kro.run/v1alpha1", spec={"schema": {"kind": "Claim", "group": "c.test"}}
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (item("ConfigMap"), "there"),
        (item("ConfigMap", namespace="own"), "own"),
        (item("Namespace", namespace="wrong"), None),
        (item("ClusterRole", "rbac.authorization.k8s.io/v1"), None),
        (item("Gadget", "acme.test/v1"), None),
        (item("Claim", "c.test/v1"), "there"),
        (item("Provider", "pkg.test/v1"), None),
        (item("Unknown", "other.test/v1"), "there"),
    ],
)
def test_where_an_object_goes(given: dict[str, Any], expected: str | None) -> None:
    scopes = Scopes([CRD, GRAPH], {"pkg.test": ["Provider"]})
    [settled], repeated = scopes.settle([given], "there")
    assert settled["metadata"].get("namespace") == expected
    assert repeated == []


def test_of_two_objects_with_one_name_the_last_counts() -> None:
    first, second = item("ConfigMap", data={"a": "1"}), item("ConfigMap", namespace="there", data={"a": "2"})
    settled, repeated = Scopes([], {}).settle([first, second, item("Service")], "there")
    assert settled == [second, item("Service", namespace="there")]
    assert repeated == ["ConfigMap there/x"]


def test_nothing_is_set_without_a_namespace() -> None:
    [settled], _ = Scopes([], {}).settle([item("ConfigMap")], None)
    assert "namespace" not in settled["metadata"]
