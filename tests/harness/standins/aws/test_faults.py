"""Calls that fail because somebody asked for it, and the record of calls."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.harness.standins.aws.conftest import TRUST, Client

LOOKS = {
    "ec2": "describe_vpcs",
    "rds": "describe_db_instances",
    "s3": "list_buckets",
    "eks": "list_clusters",
    "acm": "list_certificates",
    "iam": "list_roles",
    "route53": "list_hosted_zones",
}


@pytest.mark.parametrize("service", LOOKS)
@pytest.mark.parametrize("kind", ["throttling", "error"])
def test_a_fault_looks_like_the_services_own(
    own: httpx.Client, client: Client, service: str, kind: str
) -> None:
    own.post("/faults", json={"kind": kind, "services": [service], "times": 1}).raise_for_status()
    look: Any = getattr(client(service), LOOKS[service])
    with pytest.raises(ClientError) as refusal:
        look()
    answer = refusal.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == (400 if kind == "throttling" else 500)
    assert answer["Error"]["Message"]
    look()


def test_other_services_go_on_and_faults_end(own: httpx.Client, client: Client) -> None:
    own.post("/faults", json={"kind": "error", "services": ["rds"]}).raise_for_status()
    client("eks").list_clusters()
    with pytest.raises(ClientError):
        client("rds").describe_db_instances()
    own.delete("/faults")
    client("rds").describe_db_instances()


def test_a_fault_of_an_unknown_kind_is_refused(own: httpx.Client) -> None:
    answer = own.post("/faults", json={"kind": "flood"})
    assert answer.status_code == 400
    assert "throttling" in answer.json()["message"]


def test_calls_that_change_something_are_recorded(own: httpx.Client, client: Client) -> None:
    client("s3").create_bucket(
        Bucket="recorded", CreateBucketConfiguration={"LocationConstraint": "us-west-2"}
    )
    client("rds").describe_db_instances()
    client("iam").create_role(RoleName="recorded", AssumeRolePolicyDocument=TRUST)
    call = own.get("/calls?service=iam&operation=CreateRole").json()[-1]
    assert (call["resource"], call["status"]) == ("recorded", 200)
    operations = {one["operation"] for one in own.get("/calls").json()}
    assert "DescribeDBInstances" not in operations
    assert "PUT recorded" in operations
