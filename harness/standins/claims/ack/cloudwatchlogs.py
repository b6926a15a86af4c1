"""CloudWatch log groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from kfaws.harness.standins.claims.ack.resource import Resource
from kfaws.harness.standins.claims.claim import Claim, Found


class LogGroup(Resource):
    """A log group."""

    service = "logs"
    create_operation, read_operation, delete_operation = (
        "CreateLogGroup",
        "DescribeLogGroups",
        "DeleteLogGroup",
    )
    key: ClassVar[Mapping[str, str]] = {"logGroupName": "spec.name"}
    renames: ClassVar[Mapping[str, str]] = {"name": "logGroupName", "retentionDays": "retentionInDays"}
    missing = frozenset({"ResourceNotFoundException"})
    terminal = frozenset({"InvalidParameterException", "ValidationException"})
    apart = ("retentionDays", "subscriptionFilters")
    tag_parameter = "tags"
    references: ClassVar[Mapping[str, tuple[str, str, str]]] = {
        "kmsKeyID": ("kms", "Key", "status.ackResourceMetadata.arn")
    }

    def fetch(self, claim: Claim, key: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """AWS finds by the beginning of a name only."""
        name = claim.spec["name"]
        groups = claim.call("logs", "DescribeLogGroups", logGroupNamePrefix=name)["logGroups"]
        return next((one for one in groups if one["logGroupName"] == name), None)

    def observe(self, claim: Claim, found: Found) -> None:
        """Tags; an ARN without the mark for all streams."""
        found.arn = str(found.raw["arn"]).removesuffix(":*")
        found.tags = dict(claim.call("logs", "ListTagsForResource", resourceArn=found.arn)["tags"])

    def changed(self, claim: Claim, found: Found) -> list[str]:
        """How long logs are kept."""
        same = claim.spec.get("retentionDays") == found.spec.get("retentionDays")
        return [] if same else ["retentionDays"]

    def update(self, claim: Claim, found: Found, changed: list[str]) -> None:
        """Set it, or keep logs for good."""
        name, days = claim.spec["name"], claim.spec.get("retentionDays")
        if days:
            claim.call("logs", "PutRetentionPolicy", logGroupName=name, retentionInDays=days)
        else:
            claim.call("logs", "DeleteRetentionPolicy", logGroupName=name)

    def tag(self, claim: Claim, found: Found, tags: Mapping[str, str]) -> None:
        """Set tags."""
        claim.call("logs", "TagResource", resourceArn=found.arn, tags=dict(tags))

    def untag(self, claim: Claim, found: Found, keys: list[str]) -> None:
        """Take tags away."""
        claim.call("logs", "UntagResource", resourceArn=found.arn, tagKeys=keys)
