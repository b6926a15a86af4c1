"""Steps of what is in AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from pytest_bdd import then, when

from kfaws.harness.kube import Kind
from kfaws.harness.polling import Done, Pending, eventually
from kfaws.harness.targets import Target

HEALED_WITHIN = 120.0
CLAIMS = "claims.kubeflow-aws.dev"
ASSOCIATIONS = Kind("eks.services.k8s.aws/v1alpha1", "PodIdentityAssociation")
KINDS = (
    "ArtifactStore",
    "Database",
    "LogStore",
    "LustreFileSystem",
    "PublicEndpoint",
    "SharedFileSystem",
    "UserPool",
)
DESTROYS = ("Delete", "Terminate", "Remove", "DELETE")
HARMLESS = ("DeleteTags", "DeleteRolePolicy", "RemoveTags", "DeleteObject")


@then("every claim is active")
def claims_are_active(target: Target) -> None:
    """As kro says; the failure has kro's own words."""
    waiting = [
        f"{kind} {item['metadata']['name']}: {_reason(item)}"
        for kind in KINDS
        for item in target.cluster.list(Kind(f"{CLAIMS}/v1alpha1", kind))
        if item.get("status", {}).get("state") != "ACTIVE"
    ]
    assert not waiting, "; ".join(waiting)


def _reason(item: Mapping[str, Any]) -> str:
    conditions = item.get("status", {}).get("conditions") or []
    words = [one.get("message", "") for one in conditions if one.get("status") != "True"]
    return words[0] if words else "kro has not looked at it"


@then("everything that was claimed is known in AWS")
def everything_is_in_aws(target: Target) -> None:
    """For each claim of the cluster the resource of its name."""
    claimed = {
        kind: bool(target.cluster.list(Kind(f"{CLAIMS}/v1alpha1", kind)))
        for kind in ("Database", "ArtifactStore", "UserPool", "SharedFileSystem", "LustreFileSystem")
    }
    there = {
        "Database": lambda: target.aws("rds").describe_db_instances()["DBInstances"],
        "ArtifactStore": lambda: target.aws("s3").list_buckets()["Buckets"],
        "UserPool": lambda: target.aws("cognito-idp").list_user_pools(MaxResults=10)["UserPools"],
        "SharedFileSystem": lambda: target.aws("efs").describe_file_systems()["FileSystems"],
        "LustreFileSystem": lambda: target.aws("fsx").describe_file_systems()["FileSystems"],
    }
    missing = [kind for kind, is_claimed in claimed.items() if is_claimed and not there[kind]()]
    assert not missing, f"claimed, and not in AWS: {', '.join(missing)}"


@pytest.fixture
def calls_before(target: Target) -> int:
    """The number of the last call to AWS before the scenario changes anything."""
    calls = target.calls()
    return calls[-1]["sequence"] if calls else 0


@then("nothing was deleted in AWS")
def nothing_was_deleted(target: Target, calls_before: int) -> None:
    """No call since then has taken something away."""
    deleted = [
        f"{call['service']} {call['operation']} {call['resource']}"
        for call in target.calls()
        if call["sequence"] > calls_before
        and call["operation"].startswith(DESTROYS)
        and not call["operation"].startswith(HARMLESS)
    ]
    assert not deleted, "; ".join(deleted)


@when("somebody lowers the backup retention of the database in AWS", target_fixture="retention")
def retention_is_lowered(target: Target) -> int:
    """To one day; gives the days that the claim asks for."""
    rds = target.aws("rds")
    (instance,) = rds.describe_db_instances()["DBInstances"]
    rds.modify_db_instance(
        DBInstanceIdentifier=instance["DBInstanceIdentifier"], BackupRetentionPeriod=1, ApplyImmediately=True
    )
    days: int = instance["BackupRetentionPeriod"]
    return days


@then("the database keeps its backups as long as the claim says")
def retention_is_healed(target: Target, retention: int) -> None:
    """ACK has put it right."""

    def look() -> Done[None] | Pending:
        (instance,) = target.aws("rds").describe_db_instances()["DBInstances"]
        days = instance["BackupRetentionPeriod"]
        return Done(None) if days == retention else Pending(f"{days} days")

    eventually("the retention is back", look, HEALED_WITHIN)


@then("every associated ServiceAccount can assume its role")
def accounts_can_assume(target: Target) -> None:
    """The failure has the words of the trust policy that refuses."""
    refused = [
        f"{namespace}/{account}: {answer.json()['message']}"
        for namespace, account in _associated(target)
        if not (answer := _credentials(target, namespace, account)).is_success
    ]
    assert not refused, "; ".join(refused)


@then("no other ServiceAccount can assume a role of the environment")
def others_cannot_assume(target: Target) -> None:
    """Every other ServiceAccount of the cluster is refused."""
    associated = set(_associated(target))
    others = {
        (item["metadata"]["namespace"], item["metadata"]["name"])
        for item in target.cluster.list(Kind("v1", "ServiceAccount"))
    } - associated
    admitted = [
        f"{namespace}/{account}"
        for namespace, account in sorted(others)
        if _credentials(target, namespace, account).is_success
    ]
    # The two that bootstrap associates are no objects of the cluster.
    first = {"ack-system/ack-iam-controller", "ack-system/ack-eks-controller"}
    assert set(admitted) <= first, f"admitted: {', '.join(admitted)}"


def _associated(target: Target) -> list[tuple[str, str]]:
    return [
        (item["spec"]["namespace"], item["spec"]["serviceAccount"])
        for item in target.cluster.list(ASSOCIATIONS)
    ]


def _credentials(target: Target, namespace: str, account: str) -> httpx.Response:
    endpoint = target.aws("sts").meta.endpoint_url
    return httpx.get(f"{endpoint}/kfaws/pod-identity/{namespace}/{account}")
