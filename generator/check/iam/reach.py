"""Which calls on which resources each program makes, as the environment's objects tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from kfaws.generator.check.inventory import Item
from kfaws.generator.check.world import World, partition_of

SUFFIX_OF_SECRETS = "-AbCdEf"
"""Secrets Manager adds a hyphen and six characters to the name in the ARN."""


class Reach(NamedTuple):
    """One call that a program makes on one resource."""

    program: str
    action: str
    resource: str
    because: Item


def reaches(world: World) -> Iterator[Reach]:
    """All calls whose resource is known before run time."""
    arns = Arns(world)
    for group, kind, extract in EXTRACTORS:
        for item in world.inventory.of(group, kind):
            for program, action, resource in extract(arns, item.manifest.get("spec") or {}):
                if "${" not in resource:
                    yield Reach(program, action, resource, item)


class Arns:
    """ARNs of this environment's account and region."""

    def __init__(self, world: World) -> None:
        self.region = str(world.answers.get("aws_region", ""))
        self.account = str(world.answers.get("aws_account_id", ""))
        self.partition = partition_of(self.region)

    def regional(self, service: str, resource: str) -> str:
        """ARN of a resource of a region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def secret(self, name: str) -> str:
        """ARN of a secret."""
        return self.regional("secretsmanager", f"secret:{name}{SUFFIX_OF_SECRETS}")

    def role(self, name: str) -> str:
        """ARN of a role."""
        return f"arn:{self.partition}:iam::{self.account}:role/{name}"


Calls = Iterator[tuple[str, str, str]]
Spec = dict[str, Any]


def _external_secret(arns: Arns, spec: Spec) -> Calls:
    for entry in spec.get("data") or ():
        key = (entry.get("remoteRef") or {}).get("key")
        if key:
            yield "external-secrets", "secretsmanager:GetSecretValue", arns.secret(key)
    for entry in spec.get("dataFrom") or ():
        key = (entry.get("extract") or {}).get("key")
        if key:
            yield "external-secrets", "secretsmanager:GetSecretValue", arns.secret(key)


def _push_secret(arns: Arns, spec: Spec) -> Calls:
    for entry in spec.get("data") or ():
        key = ((entry.get("match") or {}).get("remoteRef") or {}).get("remoteKey")
        if key:
            for action in ("CreateSecret", "PutSecretValue"):
                yield "external-secrets", f"secretsmanager:{action}", arns.secret(key)


def _bucket(arns: Arns, spec: Spec) -> Calls:
    arn = f"arn:{arns.partition}:s3:::{spec.get('name', '')}"
    yield "ack-s3", "s3:CreateBucket", arn
    yield "ml-pipeline", "s3:ListBucket", arn
    yield "ml-pipeline-ui", "s3:ListBucket", arn


def _instance(arns: Arns, spec: Spec) -> Calls:
    arn = arns.regional("rds", f"db:{spec.get('dbInstanceIdentifier', '')}")
    for action in ("CreateDBInstance", "ModifyDBInstance"):
        yield "ack-rds", f"rds:{action}", arn


def _log_group(arns: Arns, spec: Spec) -> Calls:
    group = arns.regional("logs", f"log-group:{spec.get('name', '')}")
    yield "ack-cloudwatchlogs", "logs:CreateLogGroup", group
    yield "log-collector", "logs:PutLogEvents", f"{group}:log-stream:a"


def _role(arns: Arns, spec: Spec) -> Calls:
    arn = arns.role(str(spec.get("name", "")))
    for action in ("iam:CreateRole", "iam:PutRolePolicy", "iam:GetRole"):
        yield "ack-iam", action, arn
    if "pods.eks" in str(spec.get("assumeRolePolicyDocument", "")):
        yield "ack-eks", "iam:PassRole", arn


EXTRACTORS: tuple[tuple[str, str, Callable[[Arns, Spec], Calls]], ...] = (
    ("external-secrets.io", "ExternalSecret", _external_secret),
    ("external-secrets.io", "PushSecret", _push_secret),
    ("s3.services.k8s.aws", "Bucket", _bucket),
    ("rds.services.k8s.aws", "DBInstance", _instance),
    ("cloudwatchlogs.services.k8s.aws", "LogGroup", _log_group),
    ("iam.services.k8s.aws", "Role", _role),
)
"""What each kind makes its programs call."""
