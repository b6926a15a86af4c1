"""Which AWS call each ACK and Crossplane kind stands for, and the fields whose names differ.

ACK: a spec is the lowerCamel form of the create operation's input; the renames come from each controller's
generator.yaml. Crossplane: `forProvider` follows Terraform, whose names are the API's but for case.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Call(NamedTuple):
    """A service's operation, and the member of its input that a field (or spec) stands for."""

    service: str
    operation: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class AwsKind:
    """How one kind's spec becomes calls."""

    create: Call
    names: dict[str, str] = field(default_factory=dict)
    """Fields whose API name is not the same but for case; empty: the model says nothing of it."""
    calls: dict[str, Call] = field(default_factory=dict)
    """Fields that another call sets."""
    identifier: str = ""
    """The field that names the resource in AWS, when a rule of AWS's documentation holds for it."""
    spec: tuple[str, ...] = ("spec",)
    required: bool = True
    """False where the spec is not the whole input of the create call."""


PROVIDER = ("spec", "forProvider")

KINDS: dict[tuple[str, str], AwsKind] = {
    ("rds.services.k8s.aws", "DBInstance"): AwsKind(
        Call("rds", "CreateDBInstance"), identifier="dbInstanceIdentifier"
    ),
    ("rds.services.k8s.aws", "DBSubnetGroup"): AwsKind(
        Call("rds", "CreateDBSubnetGroup"),
        {"name": "DBSubnetGroupName", "description": "DBSubnetGroupDescription"},
    ),
    ("rds.services.k8s.aws", "DBParameterGroup"): AwsKind(
        Call("rds", "CreateDBParameterGroup"),
        {"name": "DBParameterGroupName", "family": "DBParameterGroupFamily"},
    ),
    ("s3.services.k8s.aws", "Bucket"): AwsKind(
        Call("s3", "CreateBucket"),
        {"name": "Bucket"},
        {
            "accelerate": Call("s3", "PutBucketAccelerateConfiguration", ("AccelerateConfiguration",)),
            "cors": Call("s3", "PutBucketCors", ("CORSConfiguration",)),
            "encryption": Call("s3", "PutBucketEncryption", ("ServerSideEncryptionConfiguration",)),
            "lifecycle": Call("s3", "PutBucketLifecycleConfiguration", ("LifecycleConfiguration",)),
            "logging": Call("s3", "PutBucketLogging", ("BucketLoggingStatus",)),
            "notification": Call("s3", "PutBucketNotificationConfiguration", ("NotificationConfiguration",)),
            "ownershipControls": Call("s3", "PutBucketOwnershipControls", ("OwnershipControls",)),
            "publicAccessBlock": Call("s3", "PutPublicAccessBlock", ("PublicAccessBlockConfiguration",)),
            "replication": Call("s3", "PutBucketReplication", ("ReplicationConfiguration",)),
            "tagging": Call("s3", "PutBucketTagging", ("Tagging",)),
            "versioning": Call("s3", "PutBucketVersioning", ("VersioningConfiguration",)),
        },
        identifier="name",
    ),
    ("cognitoidentityprovider.services.k8s.aws", "UserPool"): AwsKind(
        Call("cognito-idp", "CreateUserPool"), {"name": "PoolName", "tags": "UserPoolTags"}
    ),
    ("efs.services.k8s.aws", "FileSystem"): AwsKind(
        Call("efs", "CreateFileSystem"),
        calls={
            "backupPolicy": Call("efs", "PutBackupPolicy", ("BackupPolicy",)),
            "lifecyclePolicies": Call("efs", "PutLifecycleConfiguration", ("LifecyclePolicies",)),
        },
        required=False,
    ),
    ("efs.services.k8s.aws", "MountTarget"): AwsKind(
        Call("efs", "CreateMountTarget"), {"fileSystemRef": "FileSystemId", "subnetRef": "SubnetId"}
    ),
    ("efs.services.k8s.aws", "AccessPoint"): AwsKind(
        Call("efs", "CreateAccessPoint"), {"fileSystemRef": "FileSystemId"}, required=False
    ),
    ("iam.services.k8s.aws", "Role"): AwsKind(Call("iam", "CreateRole"), {"name": "RoleName"}),
    ("iam.services.k8s.aws", "Policy"): AwsKind(Call("iam", "CreatePolicy"), {"name": "PolicyName"}),
    ("eks.services.k8s.aws", "PodIdentityAssociation"): AwsKind(
        Call("eks", "CreatePodIdentityAssociation"), {"roleRef": "roleArn", "clusterRef": "clusterName"}
    ),
    ("acm.services.k8s.aws", "Certificate"): AwsKind(Call("acm", "RequestCertificate")),
    ("route53.services.k8s.aws", "HostedZone"): AwsKind(Call("route53", "CreateHostedZone"), required=False),
    ("route53.services.k8s.aws", "RecordSet"): AwsKind(
        Call(
            "route53",
            "ChangeResourceRecordSets",
            ("ChangeBatch", "Changes", "[]", "ResourceRecordSet"),
        ),
        {"recordType": "Type"},
        required=False,
    ),
    ("ec2.services.k8s.aws", "SecurityGroup"): AwsKind(
        Call("ec2", "CreateSecurityGroup"),
        {"name": "GroupName"},
        {
            "ingressRules": Call("ec2", "AuthorizeSecurityGroupIngress", ("IpPermissions",)),
            "egressRules": Call("ec2", "AuthorizeSecurityGroupEgress", ("IpPermissions",)),
        },
    ),
    ("cloudwatchlogs.services.k8s.aws", "LogGroup"): AwsKind(
        Call("logs", "CreateLogGroup"),
        {"name": "logGroupName"},
        {"retentionDays": Call("logs", "PutRetentionPolicy", ("retentionInDays",))},
    ),
    ("kms.services.k8s.aws", "Key"): AwsKind(Call("kms", "CreateKey")),
    ("kms.services.k8s.aws", "Alias"): AwsKind(
        Call("kms", "CreateAlias"), {"name": "AliasName", "targetKeyRef": "TargetKeyId"}
    ),
    ("secretsmanager.services.k8s.aws", "Secret"): AwsKind(
        Call("secretsmanager", "CreateSecret"), required=False
    ),
    ("fsx.aws.m.upbound.io", "LustreFileSystem"): AwsKind(
        Call("fsx", "CreateFileSystem", ("LustreConfiguration",)),
        {"subnetIds": ""},
        {"storageCapacity": Call("fsx", "CreateFileSystem", ("StorageCapacity",))},
        spec=PROVIDER,
        required=False,
    ),
    ("fsx.aws.m.upbound.io", "DataRepositoryAssociation"): AwsKind(
        Call("fsx", "CreateDataRepositoryAssociation"), spec=PROVIDER, required=False
    ),
    ("cognitoidp.aws.m.upbound.io", "UserPool"): AwsKind(
        Call("cognito-idp", "CreateUserPool"),
        {"name": "PoolName", "tags": "UserPoolTags"},
        {"passwordPolicy": Call("cognito-idp", "CreateUserPool", ("Policies", "PasswordPolicy"))},
        spec=PROVIDER,
    ),
    ("cognitoidp.aws.m.upbound.io", "User"): AwsKind(
        Call("cognito-idp", "AdminCreateUser"), spec=PROVIDER, required=False
    ),
    ("cognitoidp.aws.m.upbound.io", "ResourceServer"): AwsKind(
        Call("cognito-idp", "CreateResourceServer"), spec=PROVIDER, required=False
    ),
    ("cognitoidp.aws.m.upbound.io", "UserPoolClient"): AwsKind(
        Call("cognito-idp", "CreateUserPoolClient"),
        {"name": "ClientName", "tokenValidityUnits": ""},
        spec=PROVIDER,
        required=False,
    ),
    ("cognitoidp.aws.m.upbound.io", "IdentityProvider"): AwsKind(
        Call("cognito-idp", "CreateIdentityProvider"), spec=PROVIDER, required=False
    ),
    ("cognitoidp.aws.m.upbound.io", "UserPoolDomain"): AwsKind(
        # The model's pattern is that of a prefix; a custom domain, which the call takes too, has dots.
        Call("cognito-idp", "CreateUserPoolDomain"),
        {"domain": ""},
        spec=PROVIDER,
        required=False,
    ),
}
"""Every kind whose parameters are checked."""
