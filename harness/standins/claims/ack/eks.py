"""EKS pod identity associations: one a cluster, namespace and ServiceAccount."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from kfaws.harness.standins.claims.ack.resource import Resource
from kfaws.harness.standins.claims.claim import Claim, Found


class PodIdentityAssociation(Resource):
    """An association."""

    service = "eks"
    create_operation, read_operation = "CreatePodIdentityAssociation", "DescribePodIdentityAssociation"
    update_operation, delete_operation = "UpdatePodIdentityAssociation", "DeletePodIdentityAssociation"
    answer = made = "association"
    arn_member = "associationArn"
    key: ClassVar[Mapping[str, str]] = {
        "clusterName": "spec.clusterName",
        "associationId": "status.associationID",
    }
    missing = frozenset({"ResourceNotFoundException"})
    terminal = frozenset({"InvalidParameterException", "InvalidRequestException", "ResourceInUseException"})
    immutable = ("clusterName", "namespace", "serviceAccount", "clientRequestToken")
    tag_parameter = "tags"
    references: ClassVar[Mapping[str, tuple[str, str, str]]] = {
        "clusterName": ("eks", "Cluster", "spec.name"),
        "roleARN": ("iam", "Role", "status.ackResourceMetadata.arn"),
        "targetRoleARN": ("iam", "Role", "status.ackResourceMetadata.arn"),
    }

    def search(self, claim: Claim) -> dict[str, Any] | None:
        """The one of that ServiceAccount."""
        spec = claim.spec
        answer = claim.call(
            "eks",
            "ListPodIdentityAssociations",
            clusterName=spec["clusterName"],
            namespace=spec["namespace"],
            serviceAccount=spec["serviceAccount"],
        )
        found = answer["associations"]
        return (
            {"clusterName": spec["clusterName"], "associationId": found[0]["associationId"]}
            if found
            else None
        )

    def prepare(self, claim: Claim, parameters: dict[str, Any]) -> None:
        """A token, so that it is made once."""
        parameters.setdefault("clientRequestToken", claim.uid)

    def observe(self, claim: Claim, found: Found) -> None:
        """Tags come with it."""
        found.tags = dict(found.raw.get("tags") or {})
        found.spec.pop("clientRequestToken", None)

    def changed(self, claim: Claim, found: Found) -> list[str]:
        """The role, that is."""
        return [name for name in super().changed(claim, found) if name not in self.immutable]

    def tag(self, claim: Claim, found: Found, tags: Mapping[str, str]) -> None:
        """Set tags."""
        claim.call("eks", "TagResource", resourceArn=found.arn, tags=dict(tags))

    def untag(self, claim: Claim, found: Found, keys: list[str]) -> None:
        """Take tags away."""
        claim.call("eks", "UntagResource", resourceArn=found.arn, tagKeys=keys)
