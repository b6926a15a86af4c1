"""The profile controller's stand-in on a real API server, with the walkthrough's settings."""

from __future__ import annotations

import pytest

from kfaws.generator.model import Object
from kfaws.harness.kube import Cluster
from kfaws.harness.standins.controllers.profile_objects import Settings, namespace_of
from kfaws.harness.standins.controllers.profiles import (
    ACCOUNTS,
    BINDINGS,
    NAMESPACES,
    POLICIES,
    PROFILES,
    QUOTAS,
)
from tests.harness.standins.controllers.conftest import Application
from tests.harness.standins.controllers.plane import apply, available, wait

OWNER = "ann@example.com"
ROLE = "arn:aws:iam::123456789012:role/team"

pytestmark = pytest.mark.xdist_group("controllers")


def _profile(name: str, **spec: object) -> Object:
    owner = {"kind": "User", "name": OWNER}
    metadata = {"name": name}
    return {
        "apiVersion": PROFILES.api_version,
        "kind": PROFILES.kind,
        "metadata": metadata,
        "spec": {"owner": owner, **spec},
    }


@pytest.fixture(scope="module", autouse=True)
def delivered(application: Application, cluster: Cluster) -> None:
    """The profile controller, and Istio's kinds."""
    apply(cluster, application("istio-crds"))
    apply(cluster, application("profile-controller"))
    available(cluster, "kubeflow", "profiles-deployment")


def _made(cluster: Cluster, name: str) -> Object:
    """A Profile of which everything was made: its finalizer comes last."""

    def look() -> Object | None:
        item = cluster.get(PROFILES, name) or {"metadata": {}}
        return item if item["metadata"].get("finalizers") == ["profile-finalizer"] else None

    return wait(f"{name} is made", look)


def test_a_profile_has_a_namespace_of_its_owner(cluster: Cluster) -> None:
    cluster.apply(_profile("team"))
    profile = _made(cluster, "team")

    namespace = cluster.get(NAMESPACES, "team") or {}

    metadata = namespace["metadata"]
    assert metadata["annotations"]["owner"] == OWNER
    assert metadata["ownerReferences"][0]["uid"] == profile["metadata"]["uid"]
    assert metadata["labels"] == {
        "app.kubernetes.io/part-of": "kubeflow-profile",
        "istio-injection": "enabled",
        "katib.kubeflow.org/metrics-collector-injection": "enabled",
        "kubernetes.io/metadata.name": "team",
        "pipelines.kubeflow.org/enabled": "true",
        "pod-security.kubernetes.io/enforce": "baseline",
        "serving.kubeflow.org/inferenceservice": "enabled",
    }


def test_who_may_do_what_in_it(cluster: Cluster) -> None:
    cluster.apply(_profile("team"))
    _made(cluster, "team")

    accounts = {item["metadata"]["name"] for item in cluster.list(ACCOUNTS, "team")}
    bindings = {
        item["metadata"]["name"]: (item["roleRef"]["name"], item["subjects"][0]["name"])
        for item in cluster.list(BINDINGS, "team")
    }
    policy = cluster.get(POLICIES, "ns-owner-access-istio", "team") or {}

    assert accounts == {"default-editor", "default-viewer"}
    assert bindings == {
        "default-editor": ("kubeflow-edit", "default-editor"),
        "default-viewer": ("kubeflow-view", "default-viewer"),
        "namespaceAdmin": ("kubeflow-admin", OWNER),
    }
    assert policy["metadata"]["annotations"] == {"user": OWNER, "role": "admin"}
    first = policy["spec"]["rules"][0]
    assert first["when"] == [{"key": "request.headers[kubeflow-userid]", "values": [OWNER]}]
    assert len(policy["spec"]["rules"]) == 4


def test_what_is_changed_comes_back(cluster: Cluster) -> None:
    cluster.apply(_profile("team"))
    _made(cluster, "team")

    cluster.delete(cluster.get(BINDINGS, "namespaceAdmin", "team") or {})
    policy = cluster.get(POLICIES, "ns-owner-access-istio", "team") or {}
    cluster.patch(policy, {"spec": {"rules": [{}]}})

    def look() -> bool | None:
        found = cluster.get(POLICIES, "ns-owner-access-istio", "team") or {}
        whole = len(found["spec"]["rules"]) == 4
        return True if whole and cluster.get(BINDINGS, "namespaceAdmin", "team") else None

    wait("both are back", look)


def test_a_quota_follows_the_profile(cluster: Cluster) -> None:
    cluster.apply(_profile("limited", resourceQuotaSpec={"hard": {"cpu": "16"}}))
    quota = wait("it is there", lambda: cluster.get(QUOTAS, "kf-resource-quota", "limited"))
    assert quota["spec"] == {"hard": {"cpu": "16"}}

    cluster.apply(_profile("limited", resourceQuotaSpec={"hard": {"cpu": "8"}}))

    def look() -> bool | None:
        found = cluster.get(QUOTAS, "kf-resource-quota", "limited") or {}
        return True if found["spec"]["hard"] == {"cpu": "8"} else None

    wait("it is smaller", look)
    cluster.apply(_profile("limited"))
    wait("it is gone", lambda: None if cluster.get(QUOTAS, "kf-resource-quota", "limited") else True)


def test_a_role_is_annotated(cluster: Cluster) -> None:
    plugin = {"kind": "AwsIamForServiceAccount", "spec": {"awsIamRole": ROLE, "annotateOnly": True}}
    cluster.apply(_profile("cloudy", plugins=[plugin]))
    _made(cluster, "cloudy")

    account = cluster.get(ACCOUNTS, "default-editor", "cloudy") or {}

    assert account["metadata"]["annotations"] == {"eks.amazonaws.com/role-arn": ROLE}


def test_a_namespace_of_somebody_else_is_left_alone(cluster: Cluster) -> None:
    metadata = {"name": "taken", "annotations": {"owner": "bob@example.com"}}
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    cluster.apply(_profile("taken"))
    cluster.apply(_profile("afterwards"))

    _made(cluster, "afterwards")
    assert cluster.list(BINDINGS, "taken") == []


def test_a_deleted_profile_goes(cluster: Cluster) -> None:
    cluster.apply(_profile("short"))
    profile = _made(cluster, "short")

    cluster.delete(profile)

    wait("it is gone", lambda: None if cluster.get(PROFILES, "short") else True)


def test_labels_that_are_there_stay_and_empty_ones_go() -> None:
    settings = Settings({}, {"kept": "new", "added": "yes", "gone": ""})
    labels = {"kept": "old", "gone": "x", "own": "y"}
    found: Object = {"metadata": {"name": "team", "labels": labels}}

    after = namespace_of(_profile("team"), settings, found)

    assert after["metadata"]["labels"] == {"kept": "old", "added": "yes", "own": "y"}
