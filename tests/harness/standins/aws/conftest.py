"""The stand-in of AWS as a process, furnished by a few answers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
import yaml
from botocore.config import Config

from kfaws.harness.ports import free_port
from kfaws.harness.process import Command, Process

ANSWERS = {
    "aws_account_id": "123456789012",
    "aws_region": "us-west-2",
    "cluster_name": "example",
    "kubernetes_version": "1.35",
    "vpc_id": "vpc-0a1b2c3d4e5f60718",
    "vpc_cidr": "192.168.0.0/16",
    "cluster_security_group_id": "sg-0a1b2c3d4e5f60718",
    "private_subnets": [{"id": "subnet-0a1b2c3d4e5f60001", "cidr": "192.168.96.0/19", "zone": "us-west-2a"}],
    "public_subnets": [{"id": "subnet-0a1b2c3d4e5f60011", "cidr": "192.168.0.0/19", "zone": "us-west-2a"}],
    "root_zone": "route53",
    "root_zone_id": "Z0123456789ABCDEFGHIJ",
    "root_domain": "example.com",
}
TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", '
    '"Principal": {"Service": "pods.eks.amazonaws.com"}, '
    '"Action": ["sts:AssumeRole", "sts:TagSession"], "Condition": {"StringEquals": '
    '{"aws:RequestTag/kubernetes-service-account": "controller"}}}]}'
)
STACK = f"""
Resources:
  Boundary:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: boundary
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{{Effect: Allow, Action: "s3:*", Resource: "*"}}]
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: first
      PermissionsBoundary: !Ref Boundary
      AssumeRolePolicyDocument: {TRUST}
  Association:
    Type: AWS::EKS::PodIdentityAssociation
    Properties:
      ClusterName: example
      Namespace: ack
      ServiceAccount: controller
      RoleArn: !GetAtt Role.Arn
"""
Client = Callable[[str], Any]


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("aws")
    (folder / "bootstrap").mkdir()
    (folder / ".copier-answers.yml").write_text(yaml.safe_dump(ANSWERS))
    (folder / "bootstrap" / "cloudformation.yaml").write_text(STACK)
    port = free_port()
    options = ["--port", str(port), "--account", "123456789012", "--region", "us-west-2"]
    module: list[str | Path] = [sys.executable, "-m", "kfaws.harness.standins.aws", *options]
    module += ["--environment", folder]
    url = f"http://127.0.0.1:{port}"
    process = Process(Command("aws", module, f"{url}/kfaws/readyz", ready_within=120), folder)
    process.start()
    try:
        process.wait_ready()
        yield url
    finally:
        process.stop()


@pytest.fixture(scope="session")
def client(endpoint: str) -> Client:
    session = boto3.Session("key", "secret", region_name="us-west-2")
    config = Config(retries={"total_max_attempts": 1})
    return lambda service: session.client(service, endpoint_url=endpoint, config=config)  # type: ignore[call-overload]


@pytest.fixture
def own(endpoint: str) -> Iterator[httpx.Client]:
    """What the harness asks of the stand-in; faults end with the test."""
    with httpx.Client(base_url=f"{endpoint}/kfaws") as asking:
        yield asking
        asking.delete("/faults")
