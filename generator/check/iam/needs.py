"""Workloads that call AWS, and the ServiceAccount that must have a role for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kfaws.generator.check.inventory import Item
from kfaws.generator.check.kinds import WORKLOADS, containers, pod_specification
from kfaws.generator.check.world import World


class Need(NamedTuple):
    """One workload that calls AWS."""

    item: Item
    namespace: str
    account: str
    program: str
    """A key of iam.actions.PROGRAMS, or `ack-<service>`."""
    why: str


CROSSPLANE = "crossplane"
PACKAGES = "pkg.crossplane.io"
ACK_IMAGE = "aws-controllers-k8s/"
IMAGES = {
    "aws-load-balancer-controller": "load-balancer-controller",
    "aws-efs-csi-driver": "efs-csi-driver",
    "aws-fsx-csi-driver": "fsx-csi-driver",
    "aws-for-fluent-bit": "log-collector",
    "external-secrets": "external-secrets",
}
"""Programs by the last part of their image's name."""
ONLY_CONTROLLERS = frozenset({"efs-csi-driver", "fsx-csi-driver"})
"""Their DaemonSets mount file systems and make no calls."""
S3_HOST = ".amazonaws.com"
STORE_VARIABLES = frozenset({"OBJECTSTORECONFIG_HOST", "AWS_S3_ENDPOINT", "MINIO_HOST"})
KEY_VARIABLES = frozenset({"OBJECTSTORECONFIG_ACCESSKEY", "MINIO_ACCESS_KEY", "AWS_ACCESS_KEY_ID"})


def needing(world: World) -> Iterator[Need]:
    """Every workload that must have a role."""
    for group, kind in WORKLOADS:
        for item in world.inventory.of(group, kind):
            program = _program(world, item)
            pod = pod_specification(item.manifest) or {}
            account = pod.get("serviceAccountName") or "default"
            if program:
                why = f"it is {program}, which calls AWS"
                yield Need(item, item.key.namespace, account, program, why)
    yield from _providers(world)


def _providers(world: World) -> Iterator[Need]:
    """Crossplane runs its AWS providers itself, as the ServiceAccount of their runtime configuration."""
    used = {
        ((item.manifest.get("spec") or {}).get("runtimeConfigRef") or {}).get("name")
        for item in world.inventory.of(PACKAGES, "Provider")
        if "provider-" in str((item.manifest.get("spec") or {}).get("package"))
    }
    for item in world.inventory.of(PACKAGES, "DeploymentRuntimeConfig"):
        template = (item.manifest.get("spec") or {}).get("serviceAccountTemplate") or {}
        account = (template.get("metadata") or {}).get("name")
        if account and item.key.name in used and item.application is not None:
            namespace = item.application.namespace or ""
            why = f"it is {CROSSPLANE}, which calls AWS"
            yield Need(item, namespace, account, CROSSPLANE, why)


def _program(world: World, item: Item) -> str:
    pod = pod_specification(item.manifest) or {}
    for container in containers(pod):
        image = str(container.get("image") or "").partition("@")[0]
        name = image.rpartition("/")[2].partition(":")[0]
        if ACK_IMAGE in image:
            return f"ack-{name.removesuffix('-controller')}"
        program = IMAGES.get(name, "")
        if program == "external-secrets" and not _uses_secrets_manager(world, item):
            continue
        if program and not (program in ONLY_CONTROLLERS and item.key.kind == "DaemonSet"):
            return program
        if _calls_s3(container):
            return item.key.name
    return ""


def _uses_secrets_manager(world: World, item: Item) -> bool:
    """True for the External Secrets controller itself, when a store of AWS uses its identity."""
    if item.labels.get("app.kubernetes.io/name") != "external-secrets":
        return False
    for store in world.inventory.of("external-secrets.io", "ClusterSecretStore", "SecretStore"):
        aws = ((store.manifest.get("spec") or {}).get("provider") or {}).get("aws")
        if aws is not None and not aws.get("auth"):
            return True
    return False


def _calls_s3(container: dict[str, object]) -> bool:
    """True when a container is pointed at S3 and given no keys of its own."""
    variables = container.get("env")
    values = (
        {v.get("name"): v for v in variables if isinstance(v, dict)} if isinstance(variables, list) else {}
    )
    at_s3 = any(
        name in STORE_VARIABLES and str(variable.get("value") or "").endswith(S3_HOST)
        for name, variable in values.items()
    )
    keys = any(name in KEY_VARIABLES and variable.get("valueFrom") for name, variable in values.items())
    return at_s3 and not keys
