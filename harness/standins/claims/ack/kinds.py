"""The kinds of ACK that this stand-in knows."""

from __future__ import annotations

from kfaws.harness.standins.claims.ack.acm import Certificate
from kfaws.harness.standins.claims.ack.cloudwatchlogs import LogGroup
from kfaws.harness.standins.claims.ack.ec2 import SecurityGroup
from kfaws.harness.standins.claims.ack.efs import FileSystem, MountTarget
from kfaws.harness.standins.claims.ack.eks import PodIdentityAssociation
from kfaws.harness.standins.claims.ack.iam import Policy, Role
from kfaws.harness.standins.claims.ack.kms import Alias, Key
from kfaws.harness.standins.claims.ack.rds import DBInstance, DBParameterGroup, DBSubnetGroup
from kfaws.harness.standins.claims.ack.resource import Resource
from kfaws.harness.standins.claims.ack.route53 import HostedZone, RecordSet
from kfaws.harness.standins.claims.ack.s3 import Bucket

DOMAIN = "services.k8s.aws"
VERSION = "v1alpha1"

KINDS: dict[tuple[str, str], Resource] = {
    ("acm", "Certificate"): Certificate(),
    ("cloudwatchlogs", "LogGroup"): LogGroup(),
    ("ec2", "SecurityGroup"): SecurityGroup(),
    ("efs", "FileSystem"): FileSystem(),
    ("efs", "MountTarget"): MountTarget(),
    ("eks", "PodIdentityAssociation"): PodIdentityAssociation(),
    ("iam", "Policy"): Policy(),
    ("iam", "Role"): Role(),
    ("kms", "Alias"): Alias(),
    ("kms", "Key"): Key(),
    ("rds", "DBInstance"): DBInstance(),
    ("rds", "DBParameterGroup"): DBParameterGroup(),
    ("rds", "DBSubnetGroup"): DBSubnetGroup(),
    ("route53", "HostedZone"): HostedZone(),
    ("route53", "RecordSet"): RecordSet(),
    ("s3", "Bucket"): Bucket(),
}
"""By the first word of the group, and the kind."""
