"""IAM actions: which exist, and which a program needs for what the environment asks of it."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache

from kfaws.generator.check.aws.kinds import KINDS, Call
from kfaws.generator.check.aws.models import exists, service

MODELS = {
    "elasticfilesystem": ("efs",),
    "elasticloadbalancing": ("elbv2", "elb"),
    "tag": ("resourcegroupstaggingapi",),
    "aps": ("amp",),
    "servicequotas": ("service-quotas",),
    "s3": ("s3", "s3control"),
}
"""botocore's names for a prefix of IAM actions that is not a service's name there."""
PREFIXES = {"efs": "elasticfilesystem"}
"""The other way round, for the services that kinds stand for."""

WITHOUT_OPERATION = {
    "s3": (
        "ListBucket ListBucketVersions ListAllMyBuckets ListBucketMultipartUploads ListMultipartUploadParts"
        " GetObjectVersion DeleteObjectVersion GetObjectVersionTagging GetBucketCORS PutBucketCORS"
        " GetEncryptionConfiguration PutEncryptionConfiguration GetLifecycleConfiguration"
        " PutLifecycleConfiguration GetAccelerateConfiguration PutAccelerateConfiguration"
        " GetBucketPublicAccessBlock PutBucketPublicAccessBlock GetReplicationConfiguration"
        " PutReplicationConfiguration GetAnalyticsConfiguration PutAnalyticsConfiguration"
        " GetIntelligentTieringConfiguration PutIntelligentTieringConfiguration GetInventoryConfiguration"
        " PutInventoryConfiguration GetMetricsConfiguration PutMetricsConfiguration"
        " GetBucketObjectLockConfiguration PutBucketObjectLockConfiguration BypassGovernanceRetention"
    ),
    "elasticfilesystem": "ClientMount ClientWrite ClientRootAccess Backup Restore",
    "iam": "PassRole",
    "kms": "ReEncryptFrom ReEncryptTo",
    "logs": "CreateLogDelivery GetLogDelivery UpdateLogDelivery DeleteLogDelivery ListLogDeliveries",
    "elasticloadbalancing": "SetWebAcl",
    "cognito-idp": "AssociateWebACL DisassociateWebACL GetWebACLForResource ListResourcesForWebACL",
    "rds-db": "connect",
    "sts": "TagSession SetSourceIdentity",
}
"""Actions that no API operation has the name of (Service Authorization Reference)."""

ACTION_OF_CALL = {
    "s3:PutBucketAccelerateConfiguration": "s3:PutAccelerateConfiguration",
    "s3:PutBucketCors": "s3:PutBucketCORS",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:PutBucketNotificationConfiguration": "s3:PutBucketNotification",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketReplication": "s3:PutReplicationConfiguration",
    "elasticfilesystem:PutBackupPolicy": "elasticfilesystem:PutBackupPolicy",
    "route53:ChangeResourceRecordSets": "route53:ChangeResourceRecordSets",
}
"""Actions of calls where the names differ."""

READ: dict[tuple[str, str], str] = {
    ("rds.services.k8s.aws", "DBInstance"): (
        "rds:DescribeDBInstances rds:ModifyDBInstance rds:ListTagsForResource rds:AddTagsToResource"
    ),
    ("rds.services.k8s.aws", "DBSubnetGroup"): (
        "rds:DescribeDBSubnetGroups rds:ListTagsForResource rds:AddTagsToResource"
    ),
    ("rds.services.k8s.aws", "DBParameterGroup"): (
        "rds:DescribeDBParameterGroups rds:DescribeDBParameters rds:ModifyDBParameterGroup"
        " rds:ListTagsForResource rds:AddTagsToResource"
    ),
    ("s3.services.k8s.aws", "Bucket"): (
        "s3:ListAllMyBuckets s3:GetBucketLocation s3:GetAccelerateConfiguration s3:GetBucketAcl"
        " s3:GetBucketCORS s3:GetEncryptionConfiguration s3:GetLifecycleConfiguration s3:GetBucketLogging"
        " s3:GetBucketNotification s3:GetBucketOwnershipControls s3:GetBucketPolicy"
        " s3:GetBucketPublicAccessBlock s3:GetReplicationConfiguration s3:GetBucketRequestPayment"
        " s3:GetBucketTagging s3:GetBucketVersioning s3:GetBucketWebsite"
    ),
    ("cognitoidentityprovider.services.k8s.aws", "UserPool"): (
        "cognito-idp:DescribeUserPool cognito-idp:UpdateUserPool"
    ),
    ("efs.services.k8s.aws", "FileSystem"): (
        "elasticfilesystem:DescribeFileSystems elasticfilesystem:DescribeBackupPolicy"
        " elasticfilesystem:DescribeLifecycleConfiguration elasticfilesystem:TagResource"
    ),
    ("efs.services.k8s.aws", "MountTarget"): (
        "elasticfilesystem:DescribeMountTargets elasticfilesystem:DescribeMountTargetSecurityGroups"
    ),
    ("efs.services.k8s.aws", "AccessPoint"): "elasticfilesystem:DescribeAccessPoints",
    ("iam.services.k8s.aws", "Role"): (
        "iam:GetRole iam:UpdateRole iam:UpdateAssumeRolePolicy iam:PutRolePolicy iam:GetRolePolicy"
        " iam:ListRolePolicies iam:ListAttachedRolePolicies iam:ListRoleTags iam:TagRole"
    ),
    ("iam.services.k8s.aws", "Policy"): (
        "iam:GetPolicy iam:GetPolicyVersion iam:ListPolicyVersions iam:CreatePolicyVersion"
    ),
    ("eks.services.k8s.aws", "PodIdentityAssociation"): (
        "eks:DescribePodIdentityAssociation eks:ListPodIdentityAssociations eks:UpdatePodIdentityAssociation"
        " iam:PassRole iam:GetRole"
    ),
    ("acm.services.k8s.aws", "Certificate"): "acm:DescribeCertificate acm:ListTagsForCertificate",
    ("route53.services.k8s.aws", "HostedZone"): "route53:GetHostedZone route53:ListTagsForResource",
    ("route53.services.k8s.aws", "RecordSet"): (
        "route53:ListResourceRecordSets route53:GetHostedZone route53:GetChange"
    ),
    ("ec2.services.k8s.aws", "SecurityGroup"): (
        "ec2:DescribeSecurityGroups ec2:DescribeSecurityGroupRules ec2:CreateTags"
    ),
    ("cloudwatchlogs.services.k8s.aws", "LogGroup"): "logs:DescribeLogGroups logs:ListTagsForResource",
    ("cognitoidp.aws.m.upbound.io", "UserPool"): (
        "cognito-idp:DescribeUserPool cognito-idp:UpdateUserPool cognito-idp:GetUserPoolMfaConfig"
        " cognito-idp:SetUserPoolMfaConfig"
    ),
    ("cognitoidp.aws.m.upbound.io", "User"): "cognito-idp:AdminGetUser",
    ("cognitoidp.aws.m.upbound.io", "ResourceServer"): "cognito-idp:DescribeResourceServer",
    ("cognitoidp.aws.m.upbound.io", "UserPoolClient"): (
        "cognito-idp:DescribeUserPoolClient cognito-idp:UpdateUserPoolClient"
    ),
    ("cognitoidp.aws.m.upbound.io", "UserPoolDomain"): "cognito-idp:DescribeUserPoolDomain",
    ("cognitoidp.aws.m.upbound.io", "IdentityProvider"): (
        "cognito-idp:DescribeIdentityProvider cognito-idp:UpdateIdentityProvider"
    ),
    ("fsx.aws.m.upbound.io", "LustreFileSystem"): (
        "fsx:DescribeFileSystems fsx:UpdateFileSystem fsx:TagResource fsx:ListTagsForResource"
    ),
    ("fsx.aws.m.upbound.io", "DataRepositoryAssociation"): "fsx:DescribeDataRepositoryAssociations",
    ("kms.services.k8s.aws", "Key"): "kms:DescribeKey kms:GetKeyPolicy kms:ListResourceTags",
    ("kms.services.k8s.aws", "Alias"): "kms:ListAliases",
}
"""What a controller calls to read and update a kind, beside the calls that its fields stand for."""

PROGRAMS: dict[str, str] = {
    "load-balancer-controller": (
        "elasticloadbalancing:CreateLoadBalancer elasticloadbalancing:CreateTargetGroup"
        " elasticloadbalancing:CreateListener elasticloadbalancing:CreateRule elasticloadbalancing:AddTags"
        " elasticloadbalancing:ModifyListener elasticloadbalancing:ModifyRule"
        " elasticloadbalancing:ModifyLoadBalancerAttributes elasticloadbalancing:ModifyTargetGroup"
        " elasticloadbalancing:ModifyTargetGroupAttributes elasticloadbalancing:RegisterTargets"
        " elasticloadbalancing:DeregisterTargets elasticloadbalancing:SetSecurityGroups"
        " elasticloadbalancing:SetSubnets elasticloadbalancing:DescribeLoadBalancers"
        " elasticloadbalancing:DescribeListeners elasticloadbalancing:DescribeRules"
        " elasticloadbalancing:DescribeTargetGroups elasticloadbalancing:DescribeTargetHealth"
        " elasticloadbalancing:DescribeTags elasticloadbalancing:DescribeLoadBalancerAttributes"
        " elasticloadbalancing:DescribeTargetGroupAttributes ec2:DescribeSubnets ec2:DescribeVpcs"
        " ec2:DescribeSecurityGroups ec2:DescribeAvailabilityZones ec2:CreateSecurityGroup"
        " ec2:AuthorizeSecurityGroupIngress ec2:RevokeSecurityGroupIngress ec2:CreateTags"
    ),
    "efs-csi-driver": (
        "elasticfilesystem:DescribeAccessPoints elasticfilesystem:DescribeFileSystems"
        " elasticfilesystem:DescribeMountTargets elasticfilesystem:CreateAccessPoint"
        " elasticfilesystem:TagResource elasticfilesystem:DeleteAccessPoint"
    ),
    "fsx-csi-driver": "fsx:DescribeFileSystems",
    "log-collector": "logs:CreateLogStream logs:PutLogEvents",
    "external-secrets": "secretsmanager:GetSecretValue secretsmanager:DescribeSecret",
    "ml-pipeline": "s3:GetObject s3:PutObject s3:ListBucket",
    "ml-pipeline-ui": "s3:GetObject",
}
"""What other programs call, by program (their own documentation)."""

PUSHING_SECRETS = "secretsmanager:CreateSecret secretsmanager:PutSecretValue secretsmanager:TagResource"


def known(action: str) -> bool | None:
    """Whether an action exists, or a wildcard matches one; None when its service is not known here."""
    prefix, _, name = action.partition(":")
    names = _names(prefix.lower())
    if names is None:
        return None
    wanted = name.lower()
    return wanted in names or ("*" in wanted and any(fnmatchcase(entry, wanted) for entry in names))


def names_of(prefix: str) -> list[str]:
    """Actions of a service in lower case, for a hint at a misspelt one."""
    return sorted(_names(prefix.lower()) or ())


@cache
def _names(prefix: str) -> frozenset[str] | None:
    models = MODELS.get(prefix, (prefix,))
    operations = {name for model in models if exists(model) for name in service(model).operations}
    operations |= set(WITHOUT_OPERATION.get(prefix, "").split())
    return frozenset(name.lower() for name in operations) or None


def needed_for(group: str, kind: str, fields: set[str]) -> set[str]:
    """Actions that a kind's controller needs for an object with these fields in its spec."""
    aws_kind = KINDS.get((group, kind))
    if aws_kind is None:
        return set()
    calls = [aws_kind.create, *(call for field, call in aws_kind.calls.items() if field in fields)]
    return {_action(call) for call in calls} | set(READ.get((group, kind), "").split())


def _action(call: Call) -> str:
    action = f"{PREFIXES.get(call.service, call.service)}:{call.operation}"
    return ACTION_OF_CALL.get(action, action)
