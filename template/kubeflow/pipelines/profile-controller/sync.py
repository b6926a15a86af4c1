"""What every profile gets for pipelines, as a hook of Metacontroller.

Metacontroller posts each namespace of a profile; the answer lists the objects that belong into it: where pipelines leave
artifacts and logs (a folder of the one bucket for each profile), where ML Metadata is, and a pod that shows the
profile's artifacts with the profile's own rights. Without static keys there is no Secret: pods have roles.

Settings are environment variables; see Settings.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

VIEWER = "ml-pipeline-ui-artifact"
KEYS_SECRET = "artifact-keys"
KEYS = ("accesskey", "secretkey")


@dataclass(frozen=True)
class Settings:
    """The environment: bucket, region and host of S3, and how pods get at it."""

    bucket: str
    region: str
    host: str
    key_format: str
    """Argo's pattern of the names under which a workflow's logs are kept."""
    viewer_image: str
    shows_artifacts: bool
    keys_folder: Path | None
    """Folder with the files accesskey and secretkey; none where pods have roles."""

    @classmethod
    def from_environment(cls, env: dict[str, str]) -> Settings:
        """Read the settings; a missing one stops the program."""
        return cls(
            bucket=env["BUCKET"],
            region=env["AWS_REGION"],
            host=env["S3_HOST"],
            key_format=env["WORKFLOW_KEY_FORMAT"],
            viewer_image=f"{env.get('FRONTEND_IMAGE', 'ghcr.io/kubeflow/kfp-frontend')}:{env['KFP_VERSION']}",
            shows_artifacts=env.get("ARTIFACTS_PROXY_ENABLED", "true").lower() == "true",
            keys_folder=Path(env["KEYS_FOLDER"]) if env.get("KEYS_FOLDER") else None,
        )


def attachments(namespace: dict, settings: Settings) -> list[dict]:
    """Objects that belong into a namespace; none where pipelines are switched off by its label."""
    metadata = namespace["metadata"]
    if metadata.get("labels", {}).get("pipelines.kubeflow.org/enabled") != "true":
        return []
    name = metadata["name"]
    objects = [
        config_map(name, "kfp-launcher", launcher(name, settings)),
        config_map(name, "metadata-grpc-configmap", METADATA_STORE),
        config_map(name, "artifact-repositories", workflows(name, settings), WORKFLOWS_DEFAULT),
    ]
    if settings.keys_folder:
        objects.append(secret(name, settings.keys_folder))
    if settings.shows_artifacts:
        objects += [viewer(name, settings), viewer_service(name)]
    return objects


METADATA_STORE = {
    "METADATA_GRPC_SERVICE_HOST": "metadata-grpc-service.kubeflow",
    "METADATA_GRPC_SERVICE_PORT": "8080",
}
WORKFLOWS_DEFAULT = {"workflows.argoproj.io/default-artifact-repository": "default-namespaced"}


def config_map(namespace: str, name: str, data: dict, annotations: dict | None = None) -> dict:
    """A ConfigMap."""
    metadata: dict = {"name": name, "namespace": namespace}
    if annotations:
        metadata["annotations"] = annotations
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def launcher(namespace: str, settings: Settings) -> dict:
    """Where the steps of a run keep their artifacts, and by which credentials."""
    credentials: dict = {"fromEnv": True}
    if settings.keys_folder:
        reference = {"secretName": KEYS_SECRET, "accessKeyKey": KEYS[0], "secretKeyKey": KEYS[1]}
        credentials = {"fromEnv": False, "secretRef": reference}
    default = {"endpoint": settings.host, "region": settings.region, "credentials": credentials}
    return {
        "defaultPipelineRoot": f"s3://{settings.bucket}/profiles/{namespace}/v2/artifacts",
        "clusterDomain": ".svc.cluster.local",
        "providers": json.dumps({"s3": {"default": default}}),
    }


def workflows(namespace: str, settings: Settings) -> dict:
    """Where Argo Workflows keeps the logs of a run."""
    s3: dict = {
        "endpoint": settings.host,
        "region": settings.region,
        "bucket": settings.bucket,
        "keyFormat": settings.key_format.replace("{{workflow.namespace}}", namespace),
        "insecure": False,
    }
    if settings.keys_folder:
        s3["accessKeySecret"] = {"name": KEYS_SECRET, "key": KEYS[0]}
        s3["secretKeySecret"] = {"name": KEYS_SECRET, "key": KEYS[1]}
    else:
        s3["useSDKCreds"] = True
    return {"default-namespaced": json.dumps({"archiveLogs": True, "s3": s3})}


def secret(namespace: str, folder: Path) -> dict:
    """The static keys, as they are now."""
    data = {key: base64.b64encode((folder / key).read_bytes()).decode() for key in KEYS}
    metadata = {"name": KEYS_SECRET, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": data}


def viewer(namespace: str, settings: Settings) -> dict:
    """The pod that shows the profile's artifacts: it can read what the profile can, and nothing else."""
    variables = {
        "ML_PIPELINE_SERVICE_HOST": "ml-pipeline.kubeflow.svc.cluster.local",
        "ML_PIPELINE_SERVICE_PORT": "8888",
        "FRONTEND_SERVER_NAMESPACE": namespace,
        "CLUSTER_DOMAIN": ".svc.cluster.local",
        "AWS_REGION": settings.region,
        "AWS_S3_ENDPOINT": settings.host,
        # Empty, not absent: the image has a default.
        "MINIO_ACCESS_KEY": "",
        "MINIO_SECRET_KEY": "",
    }
    container = {
        "name": VIEWER,
        "image": settings.viewer_image,
        "ports": [{"containerPort": 3000}],
        "env": [{"name": name, "value": value} for name, value in variables.items()] + viewer_keys(settings),
        "resources": {
            "requests": {"cpu": "10m", "memory": "70Mi"},
            "limits": {"cpu": "100m", "memory": "500Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "runAsNonRoot": True,
            "runAsUser": 1000,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
    labels = {"app": VIEWER}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": VIEWER, "namespace": namespace, "labels": labels},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"serviceAccountName": "default-editor", "containers": [container]},
            },
        },
    }


def viewer_keys(settings: Settings) -> list[dict]:
    """Static keys as variables, where there are any."""
    if not settings.keys_folder:
        return []
    names = zip(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), KEYS)
    return [
        {"name": name, "valueFrom": {"secretKeyRef": {"name": KEYS_SECRET, "key": key}}} for name, key in names
    ]


def viewer_service(namespace: str) -> dict:
    """The address to which the pages pass a request for an artifact."""
    labels = {"app": VIEWER}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": VIEWER, "namespace": namespace, "labels": labels},
        "spec": {
            "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 3000}],
            "selector": labels,
        },
    }


class Hook(BaseHTTPRequestHandler):
    """POST /sync: a namespace in, its objects out. GET /healthz."""

    settings: Settings

    def do_GET(self) -> None:
        """Say that the program is up."""
        self.answer(HTTPStatus.OK if self.path == "/healthz" else HTTPStatus.NOT_FOUND, {})

    def do_POST(self) -> None:
        """Answer Metacontroller; a request that makes no sense is refused, and Metacontroller changes nothing."""
        try:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            namespace = request["object"]
            namespace["metadata"]["name"]
        except (KeyError, TypeError, ValueError) as error:
            self.answer(HTTPStatus.BAD_REQUEST, {"error": f"not a namespace: {error!r}"})
            return
        try:
            objects = attachments(namespace, self.settings)
        except OSError as error:
            self.answer(HTTPStatus.INTERNAL_SERVER_ERROR, {"error": f"no keys: {error}"})
            return
        self.answer(HTTPStatus.OK, {"attachments": objects})

    def answer(self, status: HTTPStatus, body: dict) -> None:
        """Send JSON."""
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def main() -> None:
    """Serve until the pod ends."""
    Hook.settings = Settings.from_environment(dict(os.environ))
    address = (os.environ.get("LISTEN_ADDRESS", ""), int(os.environ.get("CONTROLLER_PORT", "8080")))
    with ThreadingHTTPServer(address, Hook) as server:
        print(f"listening on port {server.server_address[1]}", file=sys.stderr, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
