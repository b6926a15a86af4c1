"""RDS: instances, subnet groups and parameter groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from kfaws.harness.standins.claims.ack import tags
from kfaws.harness.standins.claims.ack.resource import Resource
from kfaws.harness.standins.claims.claim import Claim, Found
from kfaws.harness.standins.claims.names import at, from_aws, to_aws


class Rds(Resource):
    """What they share: tags by ARN."""

    service = "rds"
    plural_key = False
    terminal = frozenset(
        {
            "InvalidParameter",
            "InvalidParameterValue",
            "InvalidParameterCombination",
            "InvalidSubnet",
            "InvalidVPCNetworkStateFault",
            "InvalidRestoreFault",
            "DBSubnetQuotaExceeded",
            "MissingParameter",
            "SnapshotQuotaExceeded",
            "StorageTypeNotSupported",
        }
    )

    def observe(self, claim: Claim, found: Found) -> None:
        """Tags."""
        answer = claim.call("rds", "ListTagsForResource", ResourceName=found.arn)
        found.tags = tags.of_list(answer["TagList"])

    def tag(self, claim: Claim, found: Found, tags: Mapping[str, str]) -> None:
        """Set tags."""
        claim.call("rds", "AddTagsToResource", ResourceName=found.arn, Tags=self.tag_list(claim, tags))

    def untag(self, claim: Claim, found: Found, keys: list[str]) -> None:
        """Take tags away."""
        claim.call("rds", "RemoveTagsFromResource", ResourceName=found.arn, TagKeys=keys)


class DBSubnetGroup(Rds):
    """A subnet group."""

    create_operation, read_operation = "CreateDBSubnetGroup", "DescribeDBSubnetGroups"
    update_operation, delete_operation = "ModifyDBSubnetGroup", "DeleteDBSubnetGroup"
    answer, made, arn_member = "DBSubnetGroups.0", "DBSubnetGroup", "DBSubnetGroupArn"
    key: ClassVar[Mapping[str, str]] = {"DBSubnetGroupName": "spec.name"}
    renames: ClassVar[Mapping[str, str]] = {
        "name": "DBSubnetGroupName",
        "description": "DBSubnetGroupDescription",
    }
    missing = frozenset({"DBSubnetGroupNotFoundFault", "DBSubnetGroupNotFound"})
    references: ClassVar[Mapping[str, tuple[str, str, str]]] = {
        "subnetIDs": ("ec2", "Subnet", "status.subnetID")
    }

    def observe(self, claim: Claim, found: Found) -> None:
        """Subnets are told with their zones."""
        super().observe(claim, found)
        found.spec["subnetIDs"] = [one["SubnetIdentifier"] for one in found.raw.get("Subnets", ())]

    def update(self, claim: Claim, found: Found, changed: list[str]) -> None:
        """The operation wants all subnets whenever it is called."""
        super().update(claim, found, [*changed, "subnetIDs"])


class DBParameterGroup(Rds):
    """A parameter group; `parameterOverrides` are the parameters that somebody set."""

    create_operation, read_operation = "CreateDBParameterGroup", "DescribeDBParameterGroups"
    delete_operation = "DeleteDBParameterGroup"
    answer, made, arn_member = "DBParameterGroups.0", "DBParameterGroup", "DBParameterGroupArn"
    key: ClassVar[Mapping[str, str]] = {"DBParameterGroupName": "spec.name"}
    renames: ClassVar[Mapping[str, str]] = {
        "name": "DBParameterGroupName",
        "family": "DBParameterGroupFamily",
    }
    missing = frozenset({"DBParameterGroupNotFound", "DBParameterGroupNotFoundFault"})
    apart = ("parameterOverrides",)
    immutable = ("name", "family", "description")

    def observe(self, claim: Claim, found: Found) -> None:
        """Parameters are asked for by their source."""
        super().observe(claim, found)
        answer = claim.call(
            "rds", "DescribeDBParameters", DBParameterGroupName=claim.spec["name"], Source="user"
        )
        wanted = claim.spec.get("parameterOverrides") or {}
        set_here = [one for one in answer["Parameters"] if one.get("ParameterValue") is not None]
        found.spec["parameterOverrides"] = {
            one["ParameterName"]: str(one["ParameterValue"]) for one in set_here
        }
        schema = claim.schema["status"]["properties"].get("parameterOverrideStatuses", {}).get("items", {})
        claim.status["parameterOverrideStatuses"] = [
            from_aws(one, schema) for one in set_here if one["ParameterName"] in wanted
        ]

    def changed(self, claim: Claim, found: Found) -> list[str]:
        """Parameters that nobody asks for any more count as well."""
        same = (claim.spec.get("parameterOverrides") or {}) == found.spec["parameterOverrides"]
        other = [name for name in super().changed(claim, found) if name != "parameterOverrides"]
        return other if same else [*other, "parameterOverrides"]

    def update(self, claim: Claim, found: Found, changed: list[str]) -> None:
        """Set what is asked for, reset what no longer is."""
        wanted, there = claim.spec.get("parameterOverrides") or {}, found.spec["parameterOverrides"]
        key = {"DBParameterGroupName": claim.spec["name"]}
        # Static parameters count after the next start, which `pending-reboot` says for all of them.
        new = [
            {"ParameterName": name, "ParameterValue": value, "ApplyMethod": "pending-reboot"}
            for name, value in wanted.items()
            if there.get(name) != value
        ]
        old = [
            {"ParameterName": name, "ApplyMethod": "pending-reboot"} for name in there if name not in wanted
        ]
        if new:
            claim.call("rds", "ModifyDBParameterGroup", Parameters=new, **key)
        if old:
            claim.call("rds", "ResetDBParameterGroup", Parameters=old, **key)


class DBInstance(Rds):
    """An instance."""

    create_operation, read_operation = "CreateDBInstance", "DescribeDBInstances"
    update_operation, delete_operation = "ModifyDBInstance", "DeleteDBInstance"
    answer, made, arn_member = "DBInstances.0", "DBInstance", "DBInstanceArn"
    key: ClassVar[Mapping[str, str]] = {"DBInstanceIdentifier": "spec.dbInstanceIdentifier"}
    renames: ClassVar[Mapping[str, str]] = {"performanceInsightsEnabled": "EnablePerformanceInsights"}
    missing = frozenset({"DBInstanceNotFound", "DBInstanceNotFoundFault"})
    secrets = ("masterUserPassword",)
    synced = ("dbInstanceStatus", ("available", "storage-optimization"))
    references: ClassVar[Mapping[str, tuple[str, str, str]]] = {
        "dbSubnetGroupName": ("rds", "DBSubnetGroup", "spec.name"),
        "dbParameterGroupName": ("rds", "DBParameterGroup", "spec.name"),
        "vpcSecurityGroupIDs": ("ec2", "SecurityGroup", "status.id"),
        "kmsKeyID": ("kms", "Key", "status.ackResourceMetadata.arn"),
        "monitoringRoleARN": ("iam", "Role", "status.ackResourceMetadata.arn"),
    }
    late = (
        "availabilityZone", "kmsKeyID", "backupTarget", "networkType", "autoMinorVersionUpgrade",
        "caCertificateIdentifier", "performanceInsightsEnabled", "performanceInsightsKMSKeyID",
        "performanceInsightsRetentionPeriod", "masterUsername", "dbName", "engineVersion",
        "databaseInsightsMode", "allocatedStorage", "backupRetentionPeriod", "deletionProtection",
        "licenseModel", "multiAZ", "preferredBackupWindow", "preferredMaintenanceWindow",
        "storageEncrypted", "storageThroughput", "storageType", "monitoringInterval", "publiclyAccessible",
        "promotionTier", "copyTagsToSnapshot", "iops",
    )  # fmt: skip
    fixed: ClassVar[frozenset[str]] = frozenset(
        {
            "masterUsername",
            "dbName",
            "storageEncrypted",
            "availabilityZone",
            "kmsKeyID",
            "dbInstanceIdentifier",
            "engine",
            # Left alone by ACK as well.
            "performanceInsightsEnabled",
        }
    )
    """Fields that no operation changes."""

    def observe(self, claim: Claim, found: Found) -> None:
        """What the answer tells under other names than the create operation takes."""
        super().observe(claim, found)
        raw, spec = found.raw, found.spec
        # It is another one at every look, and nobody waits for it.
        found.status.pop("latestRestorableTime", None)
        spec["performanceInsightsEnabled"] = bool(raw.get("PerformanceInsightsEnabled"))
        spec["dbSubnetGroupName"] = at(raw, "DBSubnetGroup.DBSubnetGroupName")
        spec["dbParameterGroupName"] = at(raw, "DBParameterGroups.0.DBParameterGroupName")
        spec["vpcSecurityGroupIDs"] = [one["VpcSecurityGroupId"] for one in raw.get("VpcSecurityGroups", ())]
        spec["enableCloudwatchLogsExports"] = raw.get("EnabledCloudwatchLogsExports") or []
        spec["port"] = at(raw, "Endpoint.Port")
        spec["enableIAMDatabaseAuthentication"] = bool(raw.get("IAMDatabaseAuthenticationEnabled"))

    def changed(self, claim: Claim, found: Found) -> list[str]:
        """Nothing while RDS takes no change: it is looked at again soon, and is not synced until then."""
        return super().changed(claim, found) if self.is_synced(claim) else []

    def equal(self, name: str, value: Any, found: Found) -> bool:
        """RDS completes a version, grows storage, and writes windows and names in lower case."""
        there = found.spec.get(name)
        if name in self.fixed:
            return True
        if name == "engineVersion":
            return f"{there}.".startswith(f"{value}.")
        if name == "allocatedStorage":
            return bool(there is not None and there >= value)
        if isinstance(value, str) and isinstance(there, str):
            return value.lower() == there.lower()
        return super().equal(name, value, found)

    def update(self, claim: Claim, found: Found, changed: list[str]) -> None:
        """At once, and only what changed."""
        shape = claim.aws.input("rds", "ModifyDBInstance")
        parameters = to_aws(
            {name: claim.spec[name] for name in changed}, shape, {**self.renames, "port": "DBPortNumber"}
        )
        if "enableCloudwatchLogsExports" in changed:
            wanted = set(claim.spec["enableCloudwatchLogsExports"] or ())
            there = set(found.spec["enableCloudwatchLogsExports"])
            parameters["CloudwatchLogsExportConfiguration"] = {
                "EnableLogTypes": sorted(wanted - there),
                "DisableLogTypes": sorted(there - wanted),
            }
        claim.call("rds", "ModifyDBInstance", ApplyImmediately=True, **self.identify(claim), **parameters)

    def delete(self, claim: Claim, found: Found) -> None:
        """With a last snapshot where annotations ask for one."""
        asked = {key.removeprefix("rds.services.k8s.aws/"): value for key, value in claim.annotations.items()}
        skip = asked.get("skip-final-snapshot", "true") != "false"
        more = {} if skip else {"FinalDBSnapshotIdentifier": asked.get("final-db-snapshot-identifier")}
        claim.call("rds", "DeleteDBInstance", SkipFinalSnapshot=skip, **self.identify(claim), **more)
