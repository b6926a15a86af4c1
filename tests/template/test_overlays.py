"""Overlays on upstream, for each deployment option: what is there, what is gone, what must not be."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.template.conftest import Environments
from tests.template.overlays import Overlays

OPTIONS = ("cognito-rds-s3", "cognito", "rds-s3", "rds-only", "s3-only", "vanilla", "cognito-oidc")
WITH_RDS = ("cognito-rds-s3", "rds-s3", "rds-only", "cognito-oidc")
WITH_S3 = ("cognito-rds-s3", "rds-s3", "s3-only", "cognito-oidc")
# Upstream's objects; those of the stores in the cluster; what is ours in their place.
PIPELINES, MYSQL, OBJECT_STORE = 133, 7, 8
OURS_FOR_A_STORE = 2 - 1
"""A password and what makes a secret of it, for upstream's Secret."""


@pytest.fixture(params=OPTIONS)
def option(request: pytest.FixtureRequest) -> str:
    """Each deployment option."""
    return str(request.param)


@pytest.fixture
def chosen(option: str, overlays: Environments) -> Overlays:
    """The overlays of a deployment option."""
    return overlays(option)


def texts(node: Any) -> list[str]:
    """Every text in an object."""
    if isinstance(node, dict):
        return [text for key, value in node.items() for text in [str(key), *texts(value)]]
    if isinstance(node, list):
        return [text for value in node for text in texts(value)]
    return [node] if isinstance(node, str) else []


def test_pipelines_have_the_objects_that_are_left(option: str, chosen: Overlays) -> None:
    expected = PIPELINES
    expected += -MYSQL if option in WITH_RDS else OURS_FOR_A_STORE
    expected += -OBJECT_STORE if option in WITH_S3 else OURS_FOR_A_STORE
    assert len(chosen.objects("kubeflow/pipelines")) == expected


def test_katib_has_the_objects_that_are_left(option: str, chosen: Overlays) -> None:
    assert len(chosen.objects("kubeflow/katib")) == (26 if option in WITH_RDS else 31)


def test_both_stores_on_aws_leave_118_objects(overlays: Environments) -> None:
    assert len(overlays("cognito-rds-s3").objects("kubeflow/pipelines")) == 118


def test_no_store_is_left_in_the_cluster(option: str, chosen: Overlays) -> None:
    left = {
        name
        for overlay in ("kubeflow/pipelines", "kubeflow/katib")
        for kind, name in chosen.names(overlay)
        if re.search("mysql|minio|seaweed", name)
    }
    mysql = {
        "mysql",
        "mysql-secret",
        "mysql-pv-claim",
        "ml-pipeline-mysql",
        "katib-mysql",
        "katib-mysql-secrets",
    }
    store = {
        "mlpipeline-minio-artifact",
        "ml-pipeline-seaweedfs",
        "seaweedfs",
        "seaweedfs-pvc",
        "seaweedfs-service",
    }
    expected = (set() if option in WITH_RDS else mysql) | (set() if option in WITH_S3 else store)
    assert left == expected


def test_nothing_speaks_of_a_store_that_is_gone(option: str, chosen: Overlays) -> None:
    words = {"minio", "seaweedfs"} if option in WITH_S3 else set()
    found = {
        (item["kind"], item["metadata"]["name"], text)
        for item in chosen.objects("kubeflow/pipelines")
        if item["kind"] != "CustomResourceDefinition"
        for text in texts(item)
        if any(word in text for word in words)
    }
    assert found == set()


def test_no_secret_has_content(chosen: Overlays) -> None:
    found = [
        (overlay, item["metadata"]["name"])
        for overlay, item in chosen.all()
        if item["kind"] == "Secret" and (item.get("data") or item.get("stringData"))
    ]
    assert found == []


PUBLIC_DEFAULTS = (
    "pUBnBOY80SnXgjibTYM9ZWNzY2xreNGQok",
    "7d16fee92f8d11b8940b081b3f8b8acb",
    "$2y$12$4K/VkmDd1q1Orb3xAt82zu8gk7Ad6ReFR4LCP9UeYE90NLiN9Df72",
    "minio123",
    "MYSQL_ALLOW_EMPTY_PASSWORD",
)
"""Upstream's passwords and keys, which everybody knows."""


def test_no_password_that_everybody_knows_is_left(chosen: Overlays) -> None:
    found = [
        (overlay, item["kind"], item["metadata"]["name"])
        for overlay, item in chosen.all()
        if item["kind"] != "CustomResourceDefinition"
        and any(secret in text for text in texts(item) for secret in PUBLIC_DEFAULTS)
    ]
    assert found == []


def generated(overlays: Overlays, overlay: str) -> set[str]:
    """Secrets that External Secrets makes of a generated password, once."""
    return {
        item["spec"]["target"]["name"]
        for item in overlays.objects(overlay)
        if item["kind"] == "ExternalSecret"
        and item["spec"].get("refreshPolicy") == "CreatedOnce"
        and "generatorRef" in item["spec"]["dataFrom"][0]["sourceRef"]
    }


def test_passwords_of_stores_in_the_cluster_are_generated(overlays: Environments) -> None:
    vanilla = overlays("vanilla")
    assert generated(vanilla, "kubeflow/pipelines") == {"mysql-secret", "mlpipeline-minio-artifact"}
    assert generated(vanilla, "kubeflow/katib") == {"katib-mysql-secrets"}
    env = vanilla.env("kubeflow/pipelines", "mysql", "mysql")
    assert env["MYSQL_ROOT_PASSWORD"] == "secret:mysql-secret/password"


def test_kubeflows_own_pods_run_on_linux_nodes_of_the_system_pool(overlays: Environments) -> None:
    pool = overlays("new-cluster-and-vpc")
    for overlay, item in pool.all():
        if item["kind"] not in ("Deployment", "StatefulSet", "Job"):
            continue
        pod = item["spec"]["template"]["spec"]
        where = f"{overlay} {item['metadata']['name']}"
        assert pod["nodeSelector"]["kubernetes.io/os"] == "linux", where
        assert pod["nodeSelector"]["kubeflow/pool"] == "system", where
        assert {
            "key": "kubeflow/pool",
            "operator": "Equal",
            "value": "system",
            "effect": "NoSchedule",
        } in pod["tolerations"], where


SEEN_BY_USERS = {
    "kubeflow/central-dashboard": "centraldashboard",
    "kubeflow/jupyter-web-app": "jupyter-web-app-deployment",
    "kubeflow/volumes-web-app": "volumes-web-app-deployment",
    "kubeflow/tensorboards-web-app": "tensorboards-web-app-deployment",
    "kubeflow/kserve-models-web-app": "kserve-models-web-app",
    "kubeflow/katib": "katib-ui",
    "kubeflow/pipelines": "ml-pipeline-ui",
    "kubeflow/admission-webhook": "admission-webhook-deployment",
}


@pytest.mark.parametrize("overlay", SEEN_BY_USERS)
def test_in_production_users_see_two_replicas_that_never_go_together(
    overlay: str, overlays: Environments
) -> None:
    production, small = overlays("production"), overlays("vanilla")
    deployment = production.get(overlay, "Deployment", SEEN_BY_USERS[overlay])
    assert deployment["spec"]["replicas"] == 2
    [budget] = [o for o in production.objects(overlay) if o["kind"] == "PodDisruptionBudget"]
    labels = deployment["spec"]["template"]["metadata"]["labels"].items()
    assert budget["spec"]["selector"]["matchLabels"].items() <= labels
    assert small.get(overlay, "Deployment", SEEN_BY_USERS[overlay])["spec"]["replicas"] == 1
    assert not [o for o in small.objects(overlay) if o["kind"] == "PodDisruptionBudget"]
