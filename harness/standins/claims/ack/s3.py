"""S3 buckets: every feature has an operation of its own to read and one to write."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from botocore.exceptions import ClientError

from kfaws.harness.standins.claims.ack.iam import same_policy
from kfaws.harness.standins.claims.ack.resource import Resource
from kfaws.harness.standins.claims.claim import Claim, Found
from kfaws.harness.standins.claims.names import from_aws, to_aws
from kfaws.harness.standins.claims.outcome import code_of


class Feature(NamedTuple):
    """Operations without `Put` and `Get`, the member that carries the setting, and the one read back."""

    operation: str
    member: str
    read: str = ""


FEATURES = {
    "accelerate": Feature("BucketAccelerateConfiguration", "AccelerateConfiguration"),
    "cors": Feature("BucketCors", "CORSConfiguration"),
    "encryption": Feature(
        "BucketEncryption", "ServerSideEncryptionConfiguration", "ServerSideEncryptionConfiguration"
    ),
    "lifecycle": Feature("BucketLifecycleConfiguration", "LifecycleConfiguration"),
    "logging": Feature("BucketLogging", "BucketLoggingStatus"),
    "notification": Feature("BucketNotificationConfiguration", "NotificationConfiguration"),
    "ownershipControls": Feature("BucketOwnershipControls", "OwnershipControls", "OwnershipControls"),
    "policy": Feature("BucketPolicy", "Policy"),
    "publicAccessBlock": Feature(
        "PublicAccessBlock", "PublicAccessBlockConfiguration", "PublicAccessBlockConfiguration"
    ),
    "replication": Feature("BucketReplication", "ReplicationConfiguration", "ReplicationConfiguration"),
    "requestPayment": Feature("BucketRequestPayment", "RequestPaymentConfiguration"),
    "tagging": Feature("BucketTagging", "Tagging"),
    "versioning": Feature("BucketVersioning", "VersioningConfiguration"),
    "website": Feature("BucketWebsite", "WebsiteConfiguration"),
}
ABSENT = (
    "NoSuch",
    "ServerSideEncryptionConfigurationNotFound",
    "OwnershipControlsNotFound",
    "ReplicationConfigurationNotFound",
)
"""How the error codes begin by which S3 says that a feature is not set."""


class Bucket(Resource):
    """A bucket."""

    service = "s3"
    create_operation, read_operation, delete_operation = "CreateBucket", "HeadBucket", "DeleteBucket"
    key: ClassVar[Mapping[str, str]] = {"Bucket": "spec.name"}
    renames: ClassVar[Mapping[str, str]] = {
        "name": "Bucket",
        "lifecycle.rules": "Rules",
        "lifecycle.rules.id": "ID",
        "cors.corsRules": "CORSRules",
        "encryption.rules.applyServerSideEncryptionByDefault.kmsMasterKeyID": "KMSMasterKeyID",
    }
    missing = frozenset({"404", "NoSuchBucket"})
    terminal = frozenset(
        {"InvalidBucketName", "BucketAlreadyExists", "MalformedPolicy", "MalformedXML", "InvalidArgument"}
    )
    apart = tuple(FEATURES)
    tags_field, tag_parameter = "", ""

    def prepare(self, claim: Claim, parameters: dict[str, Any]) -> None:
        """Outside of us-east-1 the region has to be said."""
        if claim.region != "us-east-1":
            parameters.setdefault("CreateBucketConfiguration", {}).setdefault(
                "LocationConstraint", claim.region
            )

    def observe(self, claim: Claim, found: Found) -> None:
        """Only features that the spec speaks of are asked for."""
        name = claim.spec["name"]
        found.spec["name"] = name
        found.arn = f"arn:{claim.aws.partition}:s3:::{name}"
        found.status["location"] = f"http://{name}.s3.amazonaws.com/"
        for field, feature in FEATURES.items():
            if field in claim.spec:
                found.spec[field] = self._setting(claim, field, feature)

    def _setting(self, claim: Claim, field: str, feature: Feature) -> Any:
        try:
            answer = claim.call("s3", f"Get{feature.operation}", Bucket=claim.spec["name"])
        except ClientError as error:
            if code_of(error).startswith(ABSENT):
                return None
            raise
        if field == "policy":
            return answer["Policy"]
        raw = answer.get(feature.read, {}) if feature.read else answer
        return from_aws(raw, claim.schema["spec"]["properties"][field], self.renames, field)

    def changed(self, claim: Claim, found: Found) -> list[str]:
        """Features, and nothing else: name and region are for good."""
        return [
            field
            for field in FEATURES
            if field in claim.spec and not self.equal(field, self._wanted(claim, field), found)
        ]

    def equal(self, name: str, value: Any, found: Found) -> bool:
        """A policy by what it says."""
        return (
            same_policy(value, found.spec.get(name))
            if name == "policy"
            else super().equal(name, value, found)
        )

    def _wanted(self, claim: Claim, field: str) -> Any:
        """Tags of the controller are added to the spec's."""
        if field != "tagging" or not claim.tags:
            return claim.spec[field]
        own = claim.spec[field].get("tagSet") or []
        keys = {tag["key"] for tag in own}
        return {
            "tagSet": own + [{"key": key, "value": one} for key, one in claim.tags.items() if key not in keys]
        }

    def update(self, claim: Claim, found: Found, changed: list[str]) -> None:
        """Each feature by its own operation."""
        for field in changed:
            feature, value = FEATURES[field], self._wanted(claim, field)
            if field == "policy" and not value:
                claim.call("s3", "DeleteBucketPolicy", Bucket=claim.spec["name"])
                continue
            shape = claim.aws.members("s3", f"Put{feature.operation}")[feature.member]
            setting = (
                json.dumps(json.loads(value))
                if field == "policy"
                else to_aws(value, shape, self.renames, field)
            )
            claim.call(
                "s3", f"Put{feature.operation}", Bucket=claim.spec["name"], **{feature.member: setting}
            )
