"""The hook that gives profiles what pipelines need, run as the program that it is, and asked over HTTP."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT

PROGRAM = PROJECT / "template" / "kubeflow" / "pipelines" / "profile-controller" / "sync.py"
SETTINGS = {
    "BUCKET": "team-artifacts",
    "AWS_REGION": "eu-central-1",
    "S3_HOST": "s3.eu-central-1.amazonaws.com",
    "WORKFLOW_KEY_FORMAT": "profiles/{{workflow.namespace}}/workflows/{{workflow.name}}/{{pod.name}}",
    "KFP_VERSION": "2.16.0",
    "LISTEN_ADDRESS": "127.0.0.1",
    "CONTROLLER_PORT": "0",
}
Ask = Callable[[Any], dict[str, Any]]


def post(port: int, body: bytes) -> dict[str, Any]:
    """What the hook answers to a request."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/sync", body)
    with urllib.request.urlopen(request, timeout=10) as answer:
        document: dict[str, Any] = json.load(answer)
    return document


@contextmanager
def hook(**settings: str) -> Iterator[int]:
    """The program, started with these settings as well; its port."""
    env = {"PATH": os.environ["PATH"], **SETTINGS, **settings}
    with subprocess.Popen(
        [sys.executable, str(PROGRAM)], env=env, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        try:
            line = process.stderr.readline()
            assert line.startswith("listening on port "), line + process.stderr.read()
            yield int(line.rsplit(maxsplit=1)[1])
        finally:
            process.terminate()
            process.communicate(timeout=10)


def namespace(name: str = "vision", enabled: str | None = "true") -> dict[str, Any]:
    """A request of Metacontroller's for the namespace of a profile."""
    labels = {"pipelines.kubeflow.org/enabled": enabled} if enabled else {}
    return {"object": {"metadata": {"name": name, "labels": labels}}, "attachments": {"Secret.v1": {}}}


def objects(port: int, request: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """The answer's objects by kind and name."""
    found = post(port, json.dumps(request).encode())["attachments"]
    return {(o["kind"], o["metadata"]["name"]): o for o in found}


@pytest.fixture(scope="module")
def with_roles() -> Iterator[int]:
    """The hook where pods have roles."""
    with hook() as port:
        yield port


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A folder with static keys, as a mounted Secret is."""
    (tmp_path / "accesskey").write_text("AKIAEXAMPLE")
    (tmp_path / "secretkey").write_text("very/secret")
    return tmp_path


def test_a_profile_gets_its_own_folder_of_the_bucket(with_roles: int) -> None:
    for name in ("vision", "speech"):
        found = objects(with_roles, namespace(name))
        launcher = found["ConfigMap", "kfp-launcher"]["data"]
        assert launcher["defaultPipelineRoot"] == f"s3://team-artifacts/profiles/{name}/v2/artifacts"
        workflows = json.loads(found["ConfigMap", "artifact-repositories"]["data"]["default-namespaced"])
        assert workflows["archiveLogs"] is True
        assert workflows["s3"]["bucket"] == "team-artifacts"
        assert (
            workflows["s3"]["keyFormat"]
            == f"profiles/{name}/workflows/{{{{workflow.name}}}}/{{{{pod.name}}}}"
        )
        assert {o["metadata"]["namespace"] for o in found.values()} == {name}


def test_with_roles_there_is_no_secret_and_no_key(with_roles: int) -> None:
    found = objects(with_roles, namespace())
    assert not [key for key in found if key[0] == "Secret"]
    provider = json.loads(found["ConfigMap", "kfp-launcher"]["data"]["providers"])["s3"]["default"]
    assert provider["credentials"] == {"fromEnv": True}
    workflows = json.loads(found["ConfigMap", "artifact-repositories"]["data"]["default-namespaced"])["s3"]
    assert workflows["useSDKCreds"] is True
    assert not {"accessKeySecret", "secretKeySecret"} & set(workflows)


def test_s3_is_asked_in_its_region_and_encrypted(with_roles: int) -> None:
    found = objects(with_roles, namespace())
    provider = json.loads(found["ConfigMap", "kfp-launcher"]["data"]["providers"])["s3"]["default"]
    workflows = json.loads(found["ConfigMap", "artifact-repositories"]["data"]["default-namespaced"])["s3"]
    for place in (provider, workflows):
        assert (place["endpoint"], place["region"]) == ("s3.eu-central-1.amazonaws.com", "eu-central-1")
    assert workflows["insecure"] is False


def test_metadata_is_found_from_a_profile(with_roles: int) -> None:
    data = objects(with_roles, namespace())["ConfigMap", "metadata-grpc-configmap"]["data"]
    assert data == {
        "METADATA_GRPC_SERVICE_HOST": "metadata-grpc-service.kubeflow",
        "METADATA_GRPC_SERVICE_PORT": "8080",
    }


def test_artifacts_are_shown_with_the_profiles_own_rights(with_roles: int) -> None:
    found = objects(with_roles, namespace())
    pod = found["Deployment", "ml-pipeline-ui-artifact"]["spec"]["template"]["spec"]
    assert pod["serviceAccountName"] == "default-editor"
    [container] = pod["containers"]
    assert container["image"] == "ghcr.io/kubeflow/kfp-frontend:2.16.0"
    variables = {v["name"]: v["value"] for v in container["env"]}
    assert variables["FRONTEND_SERVER_NAMESPACE"] == "vision"
    assert variables["AWS_S3_ENDPOINT"] == "s3.eu-central-1.amazonaws.com"
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    service = found["Service", "ml-pipeline-ui-artifact"]["spec"]
    assert service["ports"] == [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 3000}]
    assert service["selector"] == {"app": "ml-pipeline-ui-artifact"}


def test_viewers_can_be_left_out_and_their_image_be_another() -> None:
    with hook(ARTIFACTS_PROXY_ENABLED="false") as port:
        assert {kind for kind, _ in objects(port, namespace())} == {"ConfigMap"}
    with hook(FRONTEND_IMAGE="registry.example.com/ghcr.io/kubeflow/kfp-frontend") as port:
        viewer = objects(port, namespace())["Deployment", "ml-pipeline-ui-artifact"]
        [container] = viewer["spec"]["template"]["spec"]["containers"]
        assert container["image"] == "registry.example.com/ghcr.io/kubeflow/kfp-frontend:2.16.0"


@pytest.mark.parametrize("enabled", ["false", "", None])
def test_a_namespace_without_pipelines_gets_nothing(with_roles: int, enabled: str | None) -> None:
    assert objects(with_roles, namespace(enabled=enabled)) == {}


def test_static_keys_reach_every_place_that_needs_them(keys: Path) -> None:
    with hook(KEYS_FOLDER=str(keys)) as port:
        found = objects(port, namespace())
    secret = found["Secret", "artifact-keys"]
    assert {k: base64.b64decode(v).decode() for k, v in secret["data"].items()} == {
        "accesskey": "AKIAEXAMPLE",
        "secretkey": "very/secret",
    }
    provider = json.loads(found["ConfigMap", "kfp-launcher"]["data"]["providers"])["s3"]["default"]
    assert provider["credentials"] == {
        "fromEnv": False,
        "secretRef": {
            "secretName": "artifact-keys",
            "accessKeyKey": "accesskey",
            "secretKeyKey": "secretkey",
        },
    }
    workflows = json.loads(found["ConfigMap", "artifact-repositories"]["data"]["default-namespaced"])["s3"]
    assert workflows["accessKeySecret"] == {"name": "artifact-keys", "key": "accesskey"}
    assert workflows["secretKeySecret"] == {"name": "artifact-keys", "key": "secretkey"}
    assert "useSDKCreds" not in workflows
    [container] = found["Deployment", "ml-pipeline-ui-artifact"]["spec"]["template"]["spec"]["containers"]
    from_secret = {v["name"]: v["valueFrom"]["secretKeyRef"] for v in container["env"] if "valueFrom" in v}
    assert from_secret == {
        "AWS_ACCESS_KEY_ID": {"name": "artifact-keys", "key": "accesskey"},
        "AWS_SECRET_ACCESS_KEY": {"name": "artifact-keys", "key": "secretkey"},
    }


def test_a_rotated_key_is_read_at_the_next_request(keys: Path) -> None:
    with hook(KEYS_FOLDER=str(keys)) as port:
        before = objects(port, namespace())["Secret", "artifact-keys"]["data"]["secretkey"]
        (keys / "secretkey").write_text("rotated")
        after = objects(port, namespace())["Secret", "artifact-keys"]["data"]["secretkey"]
    assert before != after
    assert base64.b64decode(after) == b"rotated"


def test_missing_keys_change_nothing(tmp_path: Path) -> None:
    with hook(KEYS_FOLDER=str(tmp_path)) as port:
        with pytest.raises(urllib.error.HTTPError) as failure:
            objects(port, namespace())
        with failure.value as error:
            assert error.code == 500
            assert "no keys" in json.load(error)["error"]


@pytest.mark.parametrize("body", [b"", b"no json", b"[]", b"{}", b'{"object": {"metadata": {}}}'])
def test_nonsense_is_refused_and_the_program_lives_on(with_roles: int, body: bytes) -> None:
    with pytest.raises(urllib.error.HTTPError) as failure:
        post(with_roles, body)
    with failure.value as error:
        assert error.code == 400
        assert json.load(error)["error"].startswith("not a namespace")
    assert objects(with_roles, namespace())


def test_asking_twice_gives_the_same(with_roles: int) -> None:
    request = json.dumps(namespace()).encode()
    assert post(with_roles, request) == post(with_roles, request)


def test_it_says_that_it_is_up(with_roles: int) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{with_roles}/healthz", timeout=10) as answer:
        assert answer.status == 200


def test_a_missing_setting_stops_the_program() -> None:
    env = {"PATH": os.environ["PATH"], **{k: v for k, v in SETTINGS.items() if k != "BUCKET"}}
    done = subprocess.run([sys.executable, str(PROGRAM)], env=env, capture_output=True, text=True, timeout=30)
    assert done.returncode != 0
    assert "BUCKET" in done.stderr
