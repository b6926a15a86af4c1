"""KMS: keys and aliases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from kfaws.harness.standins.claims.ack import tags
from kfaws.harness.standins.claims.ack.resource import Resource
from kfaws.harness.standins.claims.claim import Claim, Found

WINDOW = 7
"""Days until a deleted key is gone, where nobody says otherwise."""


class Key(Resource):
    """A key. It has no name: after a crash it is known by its tags."""

    service = "kms"
    create_operation, read_operation, delete_operation = "CreateKey", "DescribeKey", "ScheduleKeyDeletion"
    answer = made = "KeyMetadata"
    key: ClassVar[Mapping[str, str]] = {"KeyId": "status.keyID"}
    missing = frozenset({"NotFoundException"})
    terminal = frozenset(
        {"MalformedPolicyDocumentException", "InvalidArnException", "UnsupportedOperationException"}
    )
    apart = ("enableKeyRotation",)
    tag_words, tag_capitals = ("tagKey", "tagValue"), ("TagKey", "TagValue")

    def search(self, claim: Claim) -> dict[str, Any] | None:
        """The first living key with our description and all of our tags."""
        for one in claim.call("kms", "ListKeys")["Keys"]:
            there = claim.call("kms", "DescribeKey", KeyId=one["KeyId"])["KeyMetadata"]
            ours = there.get("Description", "") == claim.spec.get("description", "") and claim.tags
            if (
                ours
                and there["KeyState"] == "Enabled"
                and claim.tags.items() <= self._tags(claim, one["KeyId"]).items()
            ):
                return {"KeyId": one["KeyId"]}
        return None

    def _tags(self, claim: Claim, key: str) -> dict[str, str]:
        return tags.of_list(claim.call("kms", "ListResourceTags", KeyId=key)["Tags"], *self.tag_capitals)

    def fetch(self, claim: Claim, key: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """A key that will be deleted is none."""
        raw = super().fetch(claim, key)
        return None if raw is None or raw["KeyState"] == "PendingDeletion" else raw

    def observe(self, claim: Claim, found: Found) -> None:
        """Tags and rotation."""
        key = found.raw["KeyId"]
        found.tags = self._tags(claim, key)
        rotates = claim.call("kms", "GetKeyRotationStatus", KeyId=key)["KeyRotationEnabled"]
        found.spec["enableKeyRotation"] = rotates

    def changed(self, claim: Claim, found: Found) -> list[str]:
        """Description and rotation can be changed."""
        return [
            name for name in super().changed(claim, found) if name in ("description", "enableKeyRotation")
        ]

    def update(self, claim: Claim, found: Found, changed: list[str]) -> None:
        """Each by its own operation."""
        key = {"KeyId": found.raw["KeyId"]}
        if "description" in changed:
            claim.call("kms", "UpdateKeyDescription", Description=claim.spec["description"], **key)
        if "enableKeyRotation" in changed:
            claim.call(
                "kms", "EnableKeyRotation" if claim.spec["enableKeyRotation"] else "DisableKeyRotation", **key
            )

    def delete(self, claim: Claim, found: Found) -> None:
        """Scheduled: keys are never deleted at once."""
        claim.call("kms", "ScheduleKeyDeletion", KeyId=found.raw["KeyId"], PendingWindowInDays=WINDOW)

    def tag(self, claim: Claim, found: Found, tags: Mapping[str, str]) -> None:
        """Set tags."""
        claim.call("kms", "TagResource", KeyId=found.raw["KeyId"], Tags=self.tag_list(claim, tags))

    def untag(self, claim: Claim, found: Found, keys: list[str]) -> None:
        """Take tags away."""
        claim.call("kms", "UntagResource", KeyId=found.raw["KeyId"], TagKeys=keys)


class Alias(Resource):
    """A name of a key."""

    service = "kms"
    create_operation, read_operation = "CreateAlias", "ListAliases"
    update_operation, delete_operation = "UpdateAlias", "DeleteAlias"
    arn_member = "AliasArn"
    key: ClassVar[Mapping[str, str]] = {"AliasName": "spec.name"}
    renames: ClassVar[Mapping[str, str]] = {"name": "AliasName"}
    missing = frozenset({"NotFoundException"})
    terminal = frozenset({"InvalidAliasNameException"})
    tags_field, tag_parameter = "", ""
    references: ClassVar[Mapping[str, tuple[str, str, str]]] = {"targetKeyID": ("kms", "Key", "status.keyID")}

    def fetch(self, claim: Claim, key: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """AWS lists them all."""
        aliases = claim.call("kms", "ListAliases")["Aliases"]
        return next((one for one in aliases if one["AliasName"] == claim.spec["name"]), None)
