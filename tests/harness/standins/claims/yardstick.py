"""The same IAM objects under the real ACK controller and under the stand-in, each with a moto of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from kfaws.generator.errors import KfawsError
from kfaws.generator.model import Object
from kfaws.harness.crds.derived import derived_crds
from kfaws.harness.kube import Cluster, Kind
from kfaws.harness.polling import Done, Pending, eventually
from kfaws.harness.ports import free_port
from kfaws.harness.process import Command, Process
from kfaws.harness.standins.claims.aws import Aws
from tests.harness.crds.plane import plane

GROUP = "iam.services.k8s.aws"
ROLE, POLICY = Kind(f"{GROUP}/v1alpha1", "Role"), Kind(f"{GROUP}/v1alpha1", "Policy")
REAL, OURS = "real", "ours"
REGION, ACCOUNT, TAGS = "us-west-2", "123456789012", "kubeflow-environment=kubeflow"
RESYNC = 2
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_CA_BUNDLE": ""}


@dataclass
class Yardstick:
    """One API server, two controllers, two accounts."""

    cluster: Cluster
    aws: dict[str, Aws]
    log: Path
    """What the stand-in says."""

    def apply(self, kind: Kind, name: str, spec: dict[str, Any], **annotations: str) -> None:
        """The same object for both."""
        noted = {f"services.k8s.aws/{key.replace('_', '-')}": value for key, value in annotations.items()}
        for namespace in (REAL, OURS):
            metadata = {"name": name, "namespace": namespace, "annotations": noted}
            item = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata, "spec": spec}
            self.cluster.apply(item)

    def delete(self, kind: Kind, name: str) -> None:
        """From both."""
        for namespace in (REAL, OURS):
            found = self.cluster.get(kind, name, namespace)
            if found:
                self.cluster.delete(found)

    def call(self, operation: str, **parameters: Any) -> None:
        """In both accounts."""
        for one in self.aws.values():
            getattr(one.client("iam"), operation)(**parameters)

    def alike(self, known: Mapping[str, str], within: float) -> dict[str, tuple[Any, Any]]:
        """Wait until nothing unknown differs; what still does after `within` seconds."""
        last: dict[str, tuple[Any, Any]] = {}

        def look() -> Done[None] | Pending:
            found = differences(self.objects(REAL), self.objects(OURS))
            found |= differences(self.account(REAL), self.account(OURS))
            last.clear()
            last.update({path: values for path, values in found.items() if path not in known})
            return Pending(str(last)) if last else Done(None)

        try:
            eventually("real and stand-in alike", look, within)
        except KfawsError:
            return last
        return {}

    def objects(self, side: str) -> dict[str, Object]:
        """What the API server has of one side, without what differs by nature."""
        return {
            f"{kind.kind} {one['metadata']['name']}": _plain(one)
            for kind in (ROLE, POLICY)
            for one in self.cluster.list(kind, side)
        }

    def account(self, side: str) -> dict[str, Any]:
        """What AWS has of one side; nothing, where something went while it was looked at."""
        try:
            return self._account(side)
        except ClientError:
            return {}

    def _account(self, side: str) -> dict[str, Any]:
        client = self.aws[side].client("iam")
        found: dict[str, Any] = {}
        for role in client.list_roles()["Roles"]:
            name = role["RoleName"]
            full = client.get_role(RoleName=name)["Role"]
            inline = client.list_role_policies(RoleName=name)["PolicyNames"]
            found[f"role {name}"] = {
                "trust": full["AssumeRolePolicyDocument"],
                "description": full.get("Description"),
                "session": full.get("MaxSessionDuration"),
                "path": full["Path"],
                "boundary": full.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
                "tags": {one["Key"]: one["Value"] for one in client.list_role_tags(RoleName=name)["Tags"]},
                "attached": sorted(
                    one["PolicyArn"]
                    for one in client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
                ),
                "inline": {
                    one: client.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"]
                    for one in inline
                },
            }
        for policy in client.list_policies(Scope="Local")["Policies"]:
            arn = policy["Arn"]
            version = client.get_policy_version(PolicyArn=arn, VersionId=policy["DefaultVersionId"])
            found[f"policy {policy['PolicyName']}"] = {
                "document": version["PolicyVersion"]["Document"],
                "tags": {one["Key"]: one["Value"] for one in client.list_policy_tags(PolicyArn=arn)["Tags"]},
            }
        return found


def _plain(item: Object) -> Object:
    metadata, status = item["metadata"], dict(item.get("status") or {})
    for name in ("createDate", "updateDate", "roleID", "policyID"):
        status.pop(name, None)
    if "conditions" in status:
        status["conditions"] = {
            one["type"]: {key: one.get(key) or "" for key in ("status", "message", "reason")}
            for one in status["conditions"]
        }
    return {
        "spec": item["spec"],
        "status": status,
        "finalizers": metadata.get("finalizers") or [],
        "annotations": {
            key: one
            for key, one in (metadata.get("annotations") or {}).items()
            if key.startswith("services.k8s.aws")
        },
    }


def differences(real: Any, ours: Any, path: str = "") -> dict[str, tuple[Any, Any]]:
    """Where two values differ, by path."""
    if isinstance(real, dict) and isinstance(ours, dict):
        found: dict[str, tuple[Any, Any]] = {}
        for key in real.keys() | ours.keys():
            found |= differences(real.get(key), ours.get(key), f"{path} > {key}" if path else key)
        return found
    return {} if real == ours else {path: (real, ours)}


@contextmanager
def yardstick(folder: Path, paths: dict[str, Path]) -> Iterator[Yardstick]:
    """Both controllers, running."""
    with ExitStack() as running:
        cluster = running.enter_context(plane(folder, paths))
        for crd in derived_crds([(GROUP, "Role"), (GROUP, "Policy")]):
            cluster.apply(crd)
        for namespace in (REAL, OURS, "ack-system"):
            cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        for item in _deployed():
            cluster.apply(item)
        aws = {side: Aws(_start(running, folder, _moto(side)), REGION, ACCOUNT) for side in (REAL, OURS)}
        _start(running, folder, _real(paths["ack-iam"], folder, aws[REAL].endpoint))
        _start(running, folder, _ours(folder, aws[OURS].endpoint))
        yield Yardstick(cluster, aws, folder / "claims" / "claims.log")


def _start(running: ExitStack, folder: Path, command: Command) -> str:
    process = Process(command, folder / command.name)
    process.start()
    running.callback(process.stop)
    process.wait_ready()
    return str(command.health).removesuffix("/moto-api/")


def _moto(side: str) -> Command:
    port = free_port()
    arguments = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    return Command(f"moto-{side}", arguments, f"http://127.0.0.1:{port}/moto-api/")


def _real(program: Path, folder: Path, endpoint: str) -> Command:
    health = free_port()
    arguments: list[str | Path] = [
        program,
        "--aws-endpoint-url",
        endpoint,
        "--allow-unsafe-aws-endpoint-urls",
        "--aws-region",
        REGION,
        "--enable-leader-election=false",
        "--metrics-addr",
        "127.0.0.1:0",
        "--healthz-addr",
        f"127.0.0.1:{health}",
        "--watch-namespace",
        REAL,
        "--resource-tags",
        TAGS,
        "--reconcile-resources",
        "Role,Policy",
        "--enable-field-export-reconciler=false",
        "--enable-carm=false",
        "--reconcile-default-resync-seconds",
        str(RESYNC),
    ]
    environment = {
        **CREDENTIALS,
        "KUBECONFIG": str(folder / "kubeconfig"),
        "ACK_SYSTEM_NAMESPACE": "ack-system",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": REGION,
    }
    return Command("ack-iam", arguments, f"http://127.0.0.1:{health}/healthz", environment)


def _ours(folder: Path, endpoint: str) -> Command:
    health = free_port()
    arguments: list[str | Path] = [
        sys.executable,
        "-m",
        "kfaws.harness.standins.claims",
        "--kubeconfig",
        folder / "kubeconfig",
        "--aws-endpoint",
        endpoint,
        "--region",
        REGION,
        "--account",
        ACCOUNT,
        "--health-port",
        str(health),
        "--resync",
        str(RESYNC),
    ]
    return Command("claims", arguments, f"http://127.0.0.1:{health}/readyz", CREDENTIALS)


def _deployed() -> Iterator[Object]:
    """The controller's Deployment and rights, by which the stand-in knows whom to stand in for."""
    name, namespace = "ack-iam-controller", "ack-system"
    yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}}
    yield {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": name},
        "rules": [{"apiGroups": [GROUP], "resources": ["*"], "verbs": ["*"]}],
    }
    yield {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": namespace}],
    }
    values = {"ACK_WATCH_NAMESPACE": OURS, "ACK_RESOURCE_TAGS": TAGS}
    container = {
        "name": "controller",
        "image": "none",
        "args": ["--reconcile-resources=Role,Policy"],
        "env": [{"name": key, "value": value} for key, value in values.items()],
    }
    labels = {"app": name}
    yield {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"serviceAccountName": name, "containers": [container]},
            },
        },
    }


def document(action: str) -> str:
    """A policy that allows one action."""
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
