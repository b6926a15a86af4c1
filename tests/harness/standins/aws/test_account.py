"""The account as the answers say that it is before bootstrap."""

from __future__ import annotations

import httpx

from tests.harness.standins.aws.conftest import Client


def test_the_network_has_the_answered_ids(client: Client) -> None:
    ec2 = client("ec2")
    subnets = {one["SubnetId"]: one for one in ec2.describe_subnets()["Subnets"]}
    public = subnets["subnet-0a1b2c3d4e5f60011"]
    assert public["VpcId"] == "vpc-0a1b2c3d4e5f60718"
    assert {"Key": "kubernetes.io/role/elb", "Value": "1"} in public["Tags"]
    private = subnets["subnet-0a1b2c3d4e5f60001"]
    assert {"Key": "kubernetes.io/role/internal-elb", "Value": "1"} in private["Tags"]
    (group,) = ec2.describe_security_groups(GroupIds=["sg-0a1b2c3d4e5f60718"])["SecurityGroups"]
    assert group["VpcId"] == "vpc-0a1b2c3d4e5f60718"


def test_the_cluster_and_the_parent_zone_are_there(client: Client) -> None:
    cluster = client("eks").describe_cluster(name="example")["cluster"]
    assert cluster["resourcesVpcConfig"]["securityGroupIds"] == ["sg-0a1b2c3d4e5f60718"]
    providers = client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]
    assert len(providers) == 1
    zone = client("route53").get_hosted_zone(Id="Z0123456789ABCDEFGHIJ")["HostedZone"]
    assert zone["Name"] == "example.com."


def test_what_bootstrap_makes_is_there(client: Client) -> None:
    role = client("iam").get_role(RoleName="first")["Role"]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"].endswith(":policy/boundary")
    found = client("eks").list_pod_identity_associations(clusterName="example", namespace="ack")
    assert [one["serviceAccount"] for one in found["associations"]] == ["controller"]


def test_a_pod_gets_its_roles_credentials(own: httpx.Client, client: Client) -> None:
    answer = own.get("/pod-identity/ack/controller")
    assert answer.status_code == 200
    assert answer.json()["AccessKeyId"].startswith("ASIA")


def test_a_pod_without_association_gets_none(own: httpx.Client) -> None:
    answer = own.get("/pod-identity/ack/other")
    assert answer.status_code == 403
    assert "no pod identity association" in answer.json()["message"]


def test_a_pod_that_the_trust_policy_does_not_name_gets_none(own: httpx.Client, client: Client) -> None:
    arn = client("iam").get_role(RoleName="first")["Role"]["Arn"]
    client("eks").create_pod_identity_association(
        clusterName="example", namespace="ack", serviceAccount="thief", roleArn=arn
    )
    answer = own.get("/pod-identity/ack/thief")
    assert answer.status_code == 403
    assert "kubernetes-service-account is thief" in answer.json()["message"]
