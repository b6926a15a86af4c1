"""Overlays with artifacts in S3: the same bucket, region and host in every place, by role or by keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.conftest import PROJECT
from tests.template.conftest import Environments
from tests.template.overlays import Overlays

PIPELINES = "kubeflow/pipelines"
BUCKET = "kubeflow-artifacts-123456789012-us-west-2"
HOST = "s3.us-west-2.amazonaws.com"
LOGS = "profiles/{{workflow.namespace}}/workflows/{{workflow.name}}/"


@pytest.fixture
def s3(overlays: Environments) -> Overlays:
    """Artifacts in S3, by role."""
    return overlays("cognito-rds-s3")


@pytest.fixture
def keys(overlays: Environments) -> Overlays:
    """Artifacts in S3, by static keys; other roles by IRSA."""
    return overlays("irsa-and-static-keys")


def test_the_api_server_uses_its_role(s3: Overlays) -> None:
    env = s3.env(PIPELINES, "ml-pipeline", "ml-pipeline-api-server")
    assert env["OBJECTSTORECONFIG_HOST"] == HOST
    assert env["OBJECTSTORECONFIG_PORT"] == ""
    assert env["OBJECTSTORECONFIG_REGION"] == "us-west-2"
    assert env["OBJECTSTORECONFIG_SECURE"] == "true"
    assert env["OBJECTSTORECONFIG_BUCKETNAME"] == "configMap:pipeline-install-config/bucketName"
    # Empty, not absent: the image's own default is a key of an object store in the cluster.
    assert env["OBJECTSTORECONFIG_ACCESSKEY"] == ""
    assert env["OBJECTSTORECONFIG_SECRETACCESSKEY"] == ""
    for variable in s3.container(PIPELINES, "ml-pipeline", "ml-pipeline-api-server")["env"]:
        assert "value" in variable or "valueFrom" in variable, variable


def test_the_settings_name_the_bucket(s3: Overlays) -> None:
    data = s3.get(PIPELINES, "ConfigMap", "pipeline-install-config")["data"]
    assert data["bucketName"] == BUCKET
    assert data["defaultPipelineRoot"].startswith(f"s3://{BUCKET}/profiles/")
    launcher = s3.get(PIPELINES, "ConfigMap", "kfp-launcher")["data"]
    assert launcher["defaultPipelineRoot"] == data["defaultPipelineRoot"]
    provider = yaml.safe_load(launcher["providers"])["s3"]["default"]
    assert provider == {"endpoint": HOST, "region": "us-west-2", "credentials": {"fromEnv": True}}


def test_workflows_leave_their_logs_where_the_pages_look_for_them(s3: Overlays) -> None:
    repository = yaml.safe_load(
        s3.get(PIPELINES, "ConfigMap", "workflow-controller-configmap")["data"]["artifactRepository"]
    )
    place = repository["s3"]
    assert repository["archiveLogs"] is True
    assert (place["endpoint"], place["region"], place["bucket"]) == (HOST, "us-west-2", BUCKET)
    assert place["insecure"] is False
    assert place["useSDKCreds"] is True
    assert place["keyFormat"].startswith(LOGS)
    pages = s3.env(PIPELINES, "ml-pipeline-ui", "ml-pipeline-ui")
    assert pages["ARGO_KEYFORMAT"] == place["keyFormat"]
    assert pages["ARGO_ARCHIVE_ARTIFACTORY"] == "s3"
    assert pages["ARGO_ARCHIVE_BUCKETNAME"] == "configMap:pipeline-install-config/bucketName"
    assert (pages["AWS_S3_ENDPOINT"], pages["AWS_REGION"]) == (HOST, "us-west-2")
    hook = s3.env(PIPELINES, "kubeflow-pipelines-profile-controller", "profile-controller")
    assert hook["WORKFLOW_KEY_FORMAT"] == place["keyFormat"]


def test_the_pages_role_reads_logs_and_no_artifacts(s3: Overlays) -> None:
    role = s3.get("platform/roles", "Role", "pipelines-ui")["spec"]
    [read] = [
        statement["Resource"]
        for statement in json.loads(role["inlinePolicies"]["artifacts"])["Statement"]
        if "s3:GetObject" in statement["Action"]
    ]
    assert read == f"arn:aws:s3:::{BUCKET}/profiles/*/workflows/*"


def test_an_artifact_without_a_profile_is_not_shown(s3: Overlays) -> None:
    named, unnamed, rest = s3.get(PIPELINES, "VirtualService", "ml-pipeline-ui")["spec"]["http"]
    for route in (named, unnamed):
        [match] = route["match"]
        assert match["uri"] == {"prefix": "/pipeline/artifacts/"}
        assert match["ignoreUriCase"] is True
    assert named["match"][0]["queryParams"] == {"namespace": {"regex": ".+"}}
    assert named["route"] == rest["route"]
    assert "queryParams" not in unnamed["match"][0]
    assert unnamed["directResponse"]["status"] == 403
    assert (
        s3.get(PIPELINES, "ConfigMap", "pipeline-install-config")["data"]["ARTIFACTS_PROXY_ENABLED"] == "true"
    )


def test_the_hook_is_ours_and_has_its_settings(s3: Overlays) -> None:
    code = s3.get(PIPELINES, "ConfigMap", "kubeflow-pipelines-profile-controller-code")["data"]
    ours = PROJECT / "template" / PIPELINES / "profile-controller" / "sync.py"
    assert code == {"sync.py": ours.read_text()}
    env = s3.env(PIPELINES, "kubeflow-pipelines-profile-controller", "profile-controller")
    assert env["BUCKET"] == "configMap:pipeline-install-config/bucketName"
    assert (env["AWS_REGION"], env["S3_HOST"]) == ("us-west-2", HOST)
    assert env["KFP_VERSION"] == "configMap:pipeline-install-config/appVersion"
    assert not {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "S3_ENDPOINT_URL", "AWS_ENDPOINT_URL"} & set(
        env
    )
    controller = s3.get(PIPELINES, "DecoratorController", "kubeflow-pipelines-profile-controller")
    strategies = {a["resource"]: a["updateStrategy"]["method"] for a in controller["spec"]["attachments"]}
    assert strategies["configmaps"] == strategies["secrets"] == "InPlace"


def test_without_s3_the_hook_is_upstreams(overlays: Environments) -> None:
    code = overlays("vanilla").get(PIPELINES, "ConfigMap", "kubeflow-pipelines-profile-controller-code")[
        "data"
    ]
    assert set(code) == {"sync.py"}
    ours = PROJECT / "template" / PIPELINES / "profile-controller" / "sync.py"
    assert code["sync.py"] != ours.read_text()


def test_static_keys_come_from_secrets_manager_to_every_place(keys: Overlays) -> None:
    secret = keys.get(PIPELINES, "ExternalSecret", "artifact-keys")["spec"]
    assert {d["secretKey"] for d in secret["data"]} == {"accesskey", "secretkey"}
    access, private = "secret:artifact-keys/accesskey", "secret:artifact-keys/secretkey"
    api = keys.env(PIPELINES, "ml-pipeline", "ml-pipeline-api-server")
    assert (api["OBJECTSTORECONFIG_ACCESSKEY"], api["OBJECTSTORECONFIG_SECRETACCESSKEY"]) == (access, private)
    pages = keys.env(PIPELINES, "ml-pipeline-ui", "ml-pipeline-ui")
    assert (pages["AWS_ACCESS_KEY_ID"], pages["AWS_SECRET_ACCESS_KEY"]) == (access, private)
    text = keys.get(PIPELINES, "ConfigMap", "workflow-controller-configmap")["data"]["artifactRepository"]
    place = yaml.safe_load(text)["s3"]
    assert place["accessKeySecret"] == {"name": "artifact-keys", "key": "accesskey"}
    assert "useSDKCreds" not in place
    hook = keys.container(PIPELINES, "kubeflow-pipelines-profile-controller", "profile-controller")
    folder = keys.env(PIPELINES, "kubeflow-pipelines-profile-controller", "profile-controller")["KEYS_FOLDER"]
    assert folder in {m["mountPath"] for m in hook["volumeMounts"]}


def test_with_irsa_both_accounts_name_their_role(tmp_path: Path, overlays: Environments) -> None:
    irsa = Overlays.generate(tmp_path, "irsa-and-static-keys", artifact_credentials="role")
    for account, role in (("ml-pipeline", "pipelines"), ("ml-pipeline-ui", "pipelines-ui")):
        annotations = irsa.get(PIPELINES, "ServiceAccount", account)["metadata"]["annotations"]
        assert annotations["eks.amazonaws.com/role-arn"].endswith(f"-{role}")
    assert not (irsa.folder / PIPELINES / "s3" / "keys.yaml").exists()


def test_without_irsa_no_account_names_a_role(s3: Overlays) -> None:
    for account in ("ml-pipeline", "ml-pipeline-ui"):
        assert "annotations" not in s3.get(PIPELINES, "ServiceAccount", account)["metadata"]


def test_models_are_fetched_in_the_region(s3: Overlays) -> None:
    data = s3.get("kubeflow/kserve", "ConfigMap", "inferenceservice-config")["data"]
    credentials = json.loads(data["credentials"])["s3"]
    assert (credentials["s3Region"], credentials["s3Endpoint"]) == ("us-west-2", HOST)
