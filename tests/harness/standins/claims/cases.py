"""A spec of every kind of ACK, what may be changed in it, and what it needs in AWS."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.harness.standins.claims.world import World

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
)
OTHER_POLICY = POLICY.replace("GetObject", "PutObject")
LIST_TAGS = [{"key": "team", "value": "a"}]


def _nothing(world: World) -> dict[str, Any]:
    return {}


def _policy(world: World) -> dict[str, Any]:
    made = world.call("iam", "create_policy", PolicyName="attached", PolicyDocument=POLICY)
    return {"policy": made["Policy"]["Arn"]}


def _network(world: World) -> dict[str, Any]:
    vpc = world.call("ec2", "create_vpc", CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        world.call(
            "ec2",
            "create_subnet",
            VpcId=vpc,
            CidrBlock=f"10.0.{index}.0/24",
            AvailabilityZone=f"us-west-2{zone}",
        )
        for index, zone in enumerate("ab")
    ]
    return {"vpc": vpc, "subnets": [one["Subnet"]["SubnetId"] for one in subnets]}


def _mount(world: World) -> dict[str, Any]:
    network = _network(world)
    file_system = world.call("efs", "create_file_system", CreationToken="other")["FileSystemId"]
    group = world.call("ec2", "create_security_group", GroupName="g", Description="d", VpcId=network["vpc"])
    return {**network, "file_system": file_system, "group": group["GroupId"]}


def _zone(world: World) -> dict[str, Any]:
    zone = world.call("route53", "create_hosted_zone", Name="example.com.", CallerReference="other")
    return {"zone": zone["HostedZone"]["Id"].split("/")[-1]}


def _key(world: World) -> dict[str, Any]:
    keys = [world.call("kms", "create_key")["KeyMetadata"]["KeyId"] for _ in range(2)]
    return {"key": keys[0], "other": keys[1]}


@dataclass(frozen=True)
class Case:
    """One kind."""

    group: str
    kind: str
    spec: Callable[[dict[str, Any]], dict[str, Any]]
    change: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    """Fields of the spec that can be changed afterwards."""
    needs: Callable[[World], dict[str, Any]] = _nothing
    named: bool = True
    """Whether the spec says the resource's name in AWS."""
    secrets: dict[str, dict[str, str]] = field(default_factory=dict)


CASES = [
    Case(
        "iam",
        "Role",
        lambda it: {
            "name": "r",
            "assumeRolePolicyDocument": TRUST,
            "inlinePolicies": {"a": POLICY},
            "description": "d",
            "policies": [it["policy"]],
            "tags": LIST_TAGS,
        },
        lambda _: {"inlinePolicies": {"b": OTHER_POLICY}, "policies": [], "description": "e"},
        _policy,
    ),
    Case(
        "iam",
        "Policy",
        lambda _: {"name": "p", "policyDocument": POLICY, "tags": LIST_TAGS},
        lambda _: {"policyDocument": OTHER_POLICY},
    ),
    Case(
        "s3",
        "Bucket",
        lambda _: {
            "name": "artifacts-of-a-test",
            "versioning": {"status": "Enabled"},
            "policy": POLICY.replace('"*"', '"arn:aws:s3:::artifacts-of-a-test/*"').replace(
                '"Action"', '"Principal": "*", "Action"'
            ),
            "publicAccessBlock": {
                "blockPublicACLs": True,
                "blockPublicPolicy": True,
                "ignorePublicACLs": True,
                "restrictPublicBuckets": True,
            },
            "ownershipControls": {"rules": [{"objectOwnership": "BucketOwnerEnforced"}]},
            "encryption": {
                "rules": [
                    {
                        "bucketKeyEnabled": False,
                        "applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"},
                    }
                ]
            },
            "lifecycle": {
                "rules": [
                    {"id": "a", "status": "Enabled", "filter": {"prefix": ""}, "expiration": {"days": 30}}
                ]
            },
            "tagging": {"tagSet": LIST_TAGS},
        },
        lambda _: {"versioning": {"status": "Suspended"}, "tagging": {"tagSet": []}},
    ),
    Case(
        "rds",
        "DBSubnetGroup",
        lambda it: {"name": "g", "description": "d", "subnetIDs": it["subnets"], "tags": LIST_TAGS},
        # moto's ModifyDBSubnetGroup loses the group, so that no change is asked for.
        None,
        _network,
    ),
    Case(
        "rds",
        "DBParameterGroup",
        lambda _: {
            "name": "p",
            "description": "d",
            "family": "mysql8.4",
            "parameterOverrides": {"log_output": "FILE"},
        },
        lambda _: {"parameterOverrides": {"log_output": "TABLE"}},
    ),
    Case(
        "rds",
        "DBInstance",
        lambda _: {
            "dbInstanceIdentifier": "db",
            "engine": "mysql",
            "engineVersion": "8.4",
            "dbInstanceClass": "db.t4g.medium",
            "allocatedStorage": 50,
            "masterUsername": "admin",
            "backupRetentionPeriod": 14,
            "tags": LIST_TAGS,
            "masterUserPassword": {"name": "password", "key": "password", "namespace": "kubeflow-claims"},
        },
        lambda _: {"backupRetentionPeriod": 7, "dbInstanceClass": "db.t4g.large"},
        secrets={"password": {"password": "QWJjZGVmZ2hpams="}},
    ),
    Case(
        "ec2",
        "SecurityGroup",
        lambda it: {
            "name": "g",
            "description": "d",
            "vpcID": it["vpc"],
            "tags": LIST_TAGS,
            "ingressRules": [
                {
                    "ipProtocol": "tcp",
                    "fromPort": 443,
                    "toPort": 443,
                    "ipRanges": [{"cidrIP": "0.0.0.0/0"}],
                    "userIDGroupPairs": [{"description": "itself"}],
                }
            ],
        },
        lambda _: {
            "ingressRules": [],
            "egressRules": [
                {"ipProtocol": "tcp", "fromPort": 1, "toPort": 2, "ipRanges": [{"cidrIP": "10.0.0.0/8"}]}
            ],
        },
        _network,
        named=False,
    ),
    Case(
        "efs",
        "FileSystem",
        lambda _: {
            "encrypted": True,
            "performanceMode": "generalPurpose",
            "throughputMode": "bursting",
            "tags": LIST_TAGS,
            "lifecyclePolicies": [{"transitionToIA": "AFTER_30_DAYS"}],
        },
        lambda _: {"lifecyclePolicies": [{"transitionToIA": "AFTER_7_DAYS"}]},
        named=False,
    ),
    Case(
        "efs",
        "MountTarget",
        lambda it: {
            "fileSystemID": it["file_system"],
            "subnetID": it["subnets"][0],
            "securityGroups": [it["group"]],
        },
        None,
        _mount,
        named=False,
    ),
    Case(
        "cloudwatchlogs",
        "LogGroup",
        lambda _: {"name": "/kubeflow/a", "retentionDays": 30, "tags": {"team": "a"}},
        lambda _: {"retentionDays": 90},
    ),
    Case(
        "route53",
        "HostedZone",
        lambda _: {"name": "example.com.", "tags": LIST_TAGS},
        None,
        named=False,
    ),
    Case(
        "route53",
        "RecordSet",
        lambda it: {
            "hostedZoneID": it["zone"],
            "name": "www",
            "recordType": "CNAME",
            "ttl": 300,
            "resourceRecords": [{"value": "a.example.org"}],
        },
        lambda _: {"ttl": 60, "resourceRecords": [{"value": "b.example.org"}]},
        _zone,
    ),
    Case(
        "acm",
        "Certificate",
        lambda _: {
            "domainName": "example.com",
            "subjectAlternativeNames": ["*.example.com"],
            "tags": LIST_TAGS,
        },
        None,
        named=False,
    ),
    Case(
        "kms",
        "Key",
        lambda _: {
            "description": "d",
            "enableKeyRotation": True,
            "tags": [{"tagKey": "team", "tagValue": "a"}],
        },
        lambda _: {"description": "e", "enableKeyRotation": False},
        named=False,
    ),
    Case(
        "kms",
        "Alias",
        lambda it: {"name": "alias/a", "targetKeyID": it["key"]},
        lambda it: {"targetKeyID": it["other"]},
        _key,
    ),
]
