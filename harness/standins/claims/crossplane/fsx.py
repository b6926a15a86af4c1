"""FSx for Lustre: file systems and their associations with buckets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from kfaws.harness.standins.claims.ack.tags import of_list
from kfaws.harness.standins.claims.claim import Claim, Found
from kfaws.harness.standins.claims.crossplane.managed import Managed
from kfaws.harness.standins.claims.names import from_aws, to_aws

READY = "AVAILABLE"


class LustreFileSystem(Managed):
    """A file system; most of its settings are inside of `LustreConfiguration`."""

    service = "fsx"
    create_operation, read_operation = "CreateFileSystem", "DescribeFileSystems"
    update_operation, delete_operation = "UpdateFileSystem", "DeleteFileSystem"
    answer, made = "FileSystems.0", "FileSystem.FileSystemId"
    missing = frozenset({"FileSystemNotFound"})
    references: ClassVar[Mapping[str, tuple[str, str]]] = {}
    fixed = frozenset(
        {
            "region",
            "deploymentType",
            "fileSystemTypeVersion",
            "storageType",
            "subnetIds",
            "securityGroupIds",
            "kmsKeyId",
            "backupId",
            "importPath",
            "exportPath",
        }
    )

    def key(self, claim: Claim, name: str) -> dict[str, Any]:
        """Its id."""
        return {"FileSystemIds": [name]}

    def search(self, claim: Claim) -> str:
        """The file system whose tags say that it is this object's."""
        for one in claim.call("fsx", "DescribeFileSystems")["FileSystems"]:
            if claim.tags.items() <= of_list(one.get("Tags")).items():
                return str(one["FileSystemId"])
        return ""

    def _lustre(self, claim: Claim, operation: str) -> dict[str, Any]:
        shape = claim.aws.members("fsx", operation)["LustreConfiguration"]
        found: dict[str, Any] = to_aws(claim.spec, shape)
        return found

    def prepare(self, claim: Claim, parameters: dict[str, Any]) -> None:
        """Kind, settings, tags, and a token, so that it is made once."""
        parameters["FileSystemType"] = "LUSTRE"
        parameters["LustreConfiguration"] = self._lustre(claim, "CreateFileSystem")
        parameters["ClientRequestToken"] = claim.uid
        parameters["Tags"] = [{"Key": key, "Value": value} for key, value in claim.tags.items()]

    def observe(self, claim: Claim, found: Found) -> None:
        """Settings, and how to mount it."""
        lustre = found.raw.get("LustreConfiguration") or {}
        found.spec.update(from_aws(lustre, claim.schema["spec"]))
        found.spec["tags"] = of_list(found.raw.get("Tags"))
        found.status.update(
            arn=found.raw.get("ResourceARN", ""),
            dnsName=found.raw.get("DNSName")
            or f"{found.raw['FileSystemId']}.fsx.{claim.region}.amazonaws.com",
            mountName=lustre.get("MountName") or "fsx",
        )

    def equal(self, field: str, value: Any, found: Found) -> bool:
        """Crossplane's own tags count too, and are told apart elsewhere."""
        if field == "tags":
            return bool((value or {}).items() <= found.spec["tags"].items())
        return super().equal(field, value, found)

    def update(self, claim: Claim, found: Found, changed: list[str]) -> None:
        """Tags, size and settings."""
        name = {"FileSystemId": found.raw["FileSystemId"]}
        if "tags" in changed:
            tags = [{"Key": key, "Value": value} for key, value in claim.tags.items()]
            claim.call("fsx", "TagResource", ResourceARN=found.raw["ResourceARN"], Tags=tags)
        if set(changed) - {"tags"}:
            more = (
                {"StorageCapacity": int(claim.spec["storageCapacity"])}
                if "storageCapacity" in changed
                else {}
            )
            claim.call(
                "fsx",
                "UpdateFileSystem",
                LustreConfiguration=self._lustre(claim, "UpdateFileSystem"),
                **name,
                **more,
            )

    def delete(self, claim: Claim, found: Found) -> None:
        """By its id."""
        claim.call("fsx", "DeleteFileSystem", FileSystemId=found.raw["FileSystemId"])

    def is_ready(self, found: Found) -> bool:
        """Once it can be mounted."""
        return bool(found.raw.get("Lifecycle", READY) == READY)


class DataRepositoryAssociation(Managed):
    """A folder of a bucket, as a folder of a file system."""

    service = "fsx"
    create_operation, read_operation = "CreateDataRepositoryAssociation", "DescribeDataRepositoryAssociations"
    update_operation, delete_operation = "UpdateDataRepositoryAssociation", "DeleteDataRepositoryAssociation"
    answer, made = "Associations.0", "Association.AssociationId"
    missing = frozenset({"DataRepositoryAssociationNotFound"})
    references: ClassVar[Mapping[str, tuple[str, str]]] = {"fileSystemId": ("fsx", "LustreFileSystem")}
    fixed = frozenset(
        {
            "region",
            "fileSystemId",
            "dataRepositoryPath",
            "fileSystemPath",
            "batchImportMetaDataOnCreate",
            "deleteDataInFilesystem",
        }
    )

    def key(self, claim: Claim, name: str) -> dict[str, Any]:
        """Its id."""
        return {"AssociationIds": [name]}

    def search(self, claim: Claim) -> str:
        """The one of that folder."""
        filters = [{"Name": "file-system-id", "Values": [claim.spec["fileSystemId"]]}]
        answer = claim.call("fsx", "DescribeDataRepositoryAssociations", Filters=filters)
        wanted = claim.spec.get("fileSystemPath")
        return next(
            (one["AssociationId"] for one in answer["Associations"] if one.get("FileSystemPath") == wanted),
            "",
        )

    def prepare(self, claim: Claim, parameters: dict[str, Any]) -> None:
        """Tags, and a token, so that it is made once."""
        parameters["ClientRequestToken"] = claim.uid
        parameters["Tags"] = [{"Key": key, "Value": value} for key, value in claim.tags.items()]

    def observe(self, claim: Claim, found: Found) -> None:
        """Tags and ARN."""
        found.spec["tags"] = of_list(found.raw.get("Tags"))
        found.status["arn"] = found.raw.get("ResourceARN", "")
        found.status["associationId"] = found.raw.get("AssociationId", "")

    def equal(self, field: str, value: Any, found: Found) -> bool:
        """Crossplane's own tags count too; blocks are lists of one."""
        if field == "tags":
            return bool((value or {}).items() <= found.spec["tags"].items())
        return super().equal(field, value, found)

    def update(self, claim: Claim, found: Found, changed: list[str]) -> None:
        """What is imported and exported, and tags."""
        if "tags" in changed:
            tags = [{"Key": key, "Value": value} for key, value in claim.tags.items()]
            claim.call("fsx", "TagResource", ResourceARN=found.raw["ResourceARN"], Tags=tags)
        if "s3" in changed or "importedFileChunkSize" in changed:
            parameters = self.parameters(claim, self.update_operation)
            claim.call(
                "fsx", self.update_operation, **{**parameters, "AssociationId": found.raw["AssociationId"]}
            )

    def delete(self, claim: Claim, found: Found) -> None:
        """By its id; the files stay unless the spec says otherwise."""
        claim.call(
            "fsx",
            self.delete_operation,
            AssociationId=found.raw["AssociationId"],
            DeleteDataInFileSystem=bool(claim.spec.get("deleteDataInFilesystem")),
        )

    def is_ready(self, found: Found) -> bool:
        """Once it works."""
        return bool(found.raw.get("Lifecycle", READY) == READY)
