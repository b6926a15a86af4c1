"""EFS: file systems and mount targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from kfaws.harness.standins.claims.ack import tags
from kfaws.harness.standins.claims.ack.resource import Resource
from kfaws.harness.standins.claims.claim import Claim, Found
from kfaws.harness.standins.claims.names import from_aws, to_aws
from kfaws.harness.standins.claims.outcome import code_of


class FileSystem(Resource):
    """A file system; its creation token is the object's uid, so that it is made once."""

    service = "efs"
    create_operation, read_operation = "CreateFileSystem", "DescribeFileSystems"
    update_operation, delete_operation = "UpdateFileSystem", "DeleteFileSystem"
    answer, arn_member = "FileSystems.0", "FileSystemArn"
    key: ClassVar[Mapping[str, str]] = {"FileSystemId": "status.fileSystemID"}
    renames: ClassVar[Mapping[str, str]] = {"provisionedThroughputInMiBps": "ProvisionedThroughputInMibps"}
    missing = frozenset({"FileSystemNotFound"})
    terminal = frozenset({"BadRequest", "ValidationException"})
    apart = (
        "backupPolicy",
        "lifecyclePolicies",
        "policy",
        "fileSystemProtection",
        "replicationConfiguration",
    )
    immutable = ("encrypted", "kmsKeyID", "performanceMode", "availabilityZoneName", "backup")
    references: ClassVar[Mapping[str, tuple[str, str, str]]] = {
        "kmsKeyID": ("kms", "Key", "status.ackResourceMetadata.arn")
    }
    synced = ("lifeCycleState", ("available",))

    def search(self, claim: Claim) -> dict[str, Any] | None:
        """By the token."""
        return {"CreationToken": claim.uid}

    def prepare(self, claim: Claim, parameters: dict[str, Any]) -> None:
        """The token."""
        parameters["CreationToken"] = claim.uid

    def observe(self, claim: Claim, found: Found) -> None:
        """Policies have operations of their own."""
        name = {"FileSystemId": found.raw["FileSystemId"]}
        found.tags = tags.of_list(found.raw.get("Tags"))
        if "lifecyclePolicies" in claim.spec:
            there = claim.call("efs", "DescribeLifecycleConfiguration", **name)["LifecyclePolicies"]
            found.spec["lifecyclePolicies"] = from_aws(
                there, claim.schema["spec"]["properties"]["lifecyclePolicies"]
            )
        if "backupPolicy" in claim.spec:
            found.spec["backupPolicy"] = {"status": self._backup(claim, name)}

    def _backup(self, claim: Claim, name: Mapping[str, str]) -> str:
        try:
            status = str(claim.call("efs", "DescribeBackupPolicy", **name)["BackupPolicy"]["Status"])
        except ClientError as error:
            if code_of(error) == "PolicyNotFound":
                return "DISABLED"
            raise
        return {"ENABLING": "ENABLED", "DISABLING": "DISABLED"}.get(status, status)

    def update(self, claim: Claim, found: Found, changed: list[str]) -> None:
        """Each policy by its own operation."""
        name = {"FileSystemId": found.raw["FileSystemId"]}
        plain = [field for field in changed if field not in self.apart and field not in self.immutable]
        if plain:
            claim.call("efs", "UpdateFileSystem", **name, **self.parameters(claim, "UpdateFileSystem", plain))
        if "lifecyclePolicies" in changed:
            shape = claim.aws.input("efs", "PutLifecycleConfiguration")
            policies = to_aws(claim.spec["lifecyclePolicies"], shape.members["LifecyclePolicies"])
            claim.call("efs", "PutLifecycleConfiguration", LifecyclePolicies=policies, **name)
        if "backupPolicy" in changed:
            policy = {"Status": claim.spec["backupPolicy"]["status"]}
            claim.call("efs", "PutBackupPolicy", BackupPolicy=policy, **name)

    def tag(self, claim: Claim, found: Found, tags: Mapping[str, str]) -> None:
        """Set tags."""
        claim.call(
            "efs", "TagResource", ResourceId=found.raw["FileSystemId"], Tags=self.tag_list(claim, tags)
        )

    def untag(self, claim: Claim, found: Found, keys: list[str]) -> None:
        """Take tags away."""
        claim.call("efs", "UntagResource", ResourceId=found.raw["FileSystemId"], TagKeys=keys)


class MountTarget(Resource):
    """A mount target: one a file system and zone, which makes it findable."""

    service = "efs"
    create_operation, read_operation, delete_operation = (
        "CreateMountTarget",
        "DescribeMountTargets",
        "DeleteMountTarget",
    )
    answer = "MountTargets.0"
    key: ClassVar[Mapping[str, str]] = {"MountTargetId": "status.mountTargetID"}
    missing = frozenset({"MountTargetNotFound"})
    terminal = frozenset(
        {
            "BadRequest",
            "ValidationException",
            "MountTargetConflict",
            "SubnetNotFound",
            "SecurityGroupNotFound",
        }
    )
    tags_field, tag_parameter = "", ""
    synced = ("lifeCycleState", ("available",))
    references: ClassVar[Mapping[str, tuple[str, str, str]]] = {
        "fileSystemID": ("efs", "FileSystem", "status.fileSystemID"),
        "subnetID": ("ec2", "Subnet", "status.subnetID"),
        "securityGroups": ("ec2", "SecurityGroup", "status.id"),
    }

    def search(self, claim: Claim) -> dict[str, Any] | None:
        """The one in that subnet."""
        there = claim.call("efs", "DescribeMountTargets", FileSystemId=claim.spec["fileSystemID"])[
            "MountTargets"
        ]
        return next(
            (
                {"MountTargetId": one["MountTargetId"]}
                for one in there
                if one["SubnetId"] == claim.spec["subnetID"]
            ),
            None,
        )

    def observe(self, claim: Claim, found: Found) -> None:
        """Its ARN, which no operation tells, and its security groups."""
        target = found.raw["MountTargetId"]
        found.arn = claim.arn("elasticfilesystem", f"mount-target/{target}")
        answer = claim.call("efs", "DescribeMountTargetSecurityGroups", MountTargetId=target)
        found.spec["securityGroups"] = answer["SecurityGroups"]

    def changed(self, claim: Claim, found: Found) -> list[str]:
        """Only security groups can be changed."""
        wanted = claim.spec.get("securityGroups")
        return ["securityGroups"] if wanted and not self.equal("securityGroups", wanted, found) else []

    def update(self, claim: Claim, found: Found, changed: list[str]) -> None:
        """The security groups."""
        claim.call(
            "efs",
            "ModifyMountTargetSecurityGroups",
            MountTargetId=found.raw["MountTargetId"],
            SecurityGroups=claim.spec["securityGroups"],
        )
