"""Each kind of reference that a pod can have."""

from __future__ import annotations

import pytest

from kfaws.generator.model import Object
from kfaws.harness.standins.cluster.references import (
    ACCOUNT,
    CLAIM,
    CONFIG_MAP,
    SECRET,
    Reference,
    references,
)
from tests.harness.standins.cluster.pods import pod


def others(item: Object) -> list[Reference]:
    """All but the ServiceAccount, which every pod has."""
    first, *rest = references(item)
    assert first.kind == ACCOUNT
    return rest


def test_a_service_account_is_named_or_the_default() -> None:
    named = pod()
    unnamed = pod()
    del unnamed["spec"]["serviceAccountName"]

    assert references(named) == (Reference(ACCOUNT, "runner"),)
    assert references(unnamed) == (Reference(ACCOUNT, "default"),)


@pytest.mark.parametrize(
    ("field", "kind"), [("configMapKeyRef", CONFIG_MAP), ("secretKeyRef", SECRET)], ids=["map", "secret"]
)
def test_a_variable_needs_its_key_unless_it_is_optional(field: str, kind: str) -> None:
    source = {"name": "settings", "key": "host"}
    variable = {"name": "HOST", "valueFrom": {field: source}}

    assert others(pod(env=[variable])) == [Reference(kind, "settings", "host", container="main")]
    assert others(pod(env=[{"name": "HOST", "valueFrom": {field: {**source, "optional": True}}}])) == []


@pytest.mark.parametrize(
    ("field", "kind"), [("configMapRef", CONFIG_MAP), ("secretRef", SECRET)], ids=["map", "secret"]
)
def test_all_variables_of_an_object_need_it_unless_it_is_optional(field: str, kind: str) -> None:
    assert others(pod(envFrom=[{field: {"name": "settings"}}])) == [
        Reference(kind, "settings", container="main")
    ]
    assert others(pod(envFrom=[{field: {"name": "settings", "optional": True}}])) == []


def test_other_variables_need_nothing() -> None:
    field = {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}

    assert others(pod(env=[{"name": "PLAIN", "value": "1"}, field])) == []


def test_an_initialising_container_names_things_as_well() -> None:
    init = {"name": "first", "image": "example.com/a", "envFrom": [{"secretRef": {"name": "login"}}]}

    assert others(pod(init=[init])) == [Reference(SECRET, "login", container="first")]


@pytest.mark.parametrize(
    ("volume", "kind"),
    [
        ({"configMap": {"name": "files"}}, CONFIG_MAP),
        ({"secret": {"secretName": "files"}}, SECRET),
        ({"projected": {"sources": [{"configMap": {"name": "files"}}]}}, CONFIG_MAP),
        ({"projected": {"sources": [{"secret": {"name": "files"}}]}}, SECRET),
        ({"persistentVolumeClaim": {"claimName": "files"}}, CLAIM),
        ({"csi": {"driver": "efs.csi.aws.com", "nodePublishSecretRef": {"name": "files"}}}, SECRET),
    ],
    ids=["map", "secret", "projected-map", "projected-secret", "claim", "csi"],
)
def test_a_volume_needs_what_it_shows(volume: Object, kind: str) -> None:
    assert others(pod(volume)) == [Reference(kind, "files", volume="volume-0")]


def test_a_volume_of_the_pod_s_own_needs_its_claim() -> None:
    found = others(pod({"ephemeral": {"volumeClaimTemplate": {"spec": {}}}}))

    assert found == [Reference(CLAIM, "web-0-volume-0", volume="volume-0")]


def test_chosen_files_need_their_keys() -> None:
    items = [{"key": "a.conf", "path": "a"}, {"key": "b.conf", "path": "b"}]

    assert others(pod({"configMap": {"name": "files", "items": items}})) == [
        Reference(CONFIG_MAP, "files", volume="volume-0"),
        Reference(CONFIG_MAP, "files", "a.conf", volume="volume-0"),
        Reference(CONFIG_MAP, "files", "b.conf", volume="volume-0"),
    ]


@pytest.mark.parametrize(
    "volume",
    [
        {"configMap": {"name": "files", "optional": True, "items": [{"key": "a", "path": "a"}]}},
        {"secret": {"secretName": "files", "optional": True}},
        {"projected": {"sources": [{"secret": {"name": "files", "optional": True}}]}},
        {"projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}},
        {"emptyDir": {}},
    ],
    ids=["map", "secret", "projected", "token", "empty"],
)
def test_an_optional_or_local_volume_needs_nothing(volume: Object) -> None:
    assert others(pod(volume)) == []


def test_what_is_named_twice_is_needed_once() -> None:
    variable = {"name": "HOST", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "host"}}}

    assert len(others(pod(env=[variable, {**variable, "name": "OTHER"}]))) == 1
