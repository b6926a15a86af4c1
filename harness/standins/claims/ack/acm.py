"""ACM certificates: issued once the validation records stand in Route 53."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from kfaws.harness.standins.claims.ack import tags
from kfaws.harness.standins.claims.ack.resource import Resource
from kfaws.harness.standins.claims.ack.route53 import stands
from kfaws.harness.standins.claims.claim import Claim, Found


class Certificate(Resource):
    """A certificate, validated by DNS as ACK always does."""

    service = "acm"
    create_operation, read_operation = "RequestCertificate", "DescribeCertificate"
    update_operation, delete_operation = "UpdateCertificateOptions", "DeleteCertificate"
    answer, arn_member = "Certificate", "CertificateArn"
    key: ClassVar[Mapping[str, str]] = {"CertificateArn": "status.ackResourceMetadata.arn"}
    missing = frozenset({"ResourceNotFoundException"})
    terminal = frozenset(
        {
            "InvalidParameterException",
            "InvalidDomainValidationOptionsException",
            "InvalidTagException",
            "TagPolicyException",
            "TooManyTagsException",
            "InvalidArnException",
            "ValidationException",
        }
    )
    shown: ClassVar[Mapping[str, str]] = {
        "domainValidations": "DomainValidationOptions",
        "domainValidations.resourceRecord.type_": "Type",
        "type_": "Type",
    }
    late = ("keyAlgorithm", "options")
    tags_field = "tags"

    def search(self, claim: Claim) -> dict[str, Any] | None:
        """A certificate of that name with all of our tags."""
        for one in claim.call("acm", "ListCertificates")["CertificateSummaryList"]:
            if (
                one["DomainName"] == claim.spec.get("domainName")
                and claim.tags.items() <= self._tags(claim, one["CertificateArn"]).items()
            ):
                return {"CertificateArn": one["CertificateArn"]}
        return None

    def _tags(self, claim: Claim, arn: str) -> dict[str, str]:
        return tags.of_list(claim.call("acm", "ListTagsForCertificate", CertificateArn=arn)["Tags"])

    def prepare(self, claim: Claim, parameters: dict[str, Any]) -> None:
        """By DNS, and once."""
        parameters["ValidationMethod"] = "DNS"
        parameters["IdempotencyToken"] = claim.uid.replace("-", "")[:32]

    def create(self, claim: Claim) -> None:
        """The answer is nothing but the ARN, by which it is read."""
        parameters = self.parameters(claim, self.create_operation)
        if claim.tags:
            parameters["Tags"] = self.tag_list(claim, claim.tags)
        self.prepare(claim, parameters)
        answer = claim.call("acm", self.create_operation, **parameters)
        claim.status.setdefault("ackResourceMetadata", {})["arn"] = answer["CertificateArn"]

    def observe(self, claim: Claim, found: Found) -> None:
        """Status by the records; a domain and its wildcard have one and the same record, as in ACM."""
        found.tags = self._tags(claim, found.arn)
        validations = found.status.get("domainValidations") or []
        first = {one["domainName"]: one["resourceRecord"] for one in validations if one.get("resourceRecord")}
        done = bool(first)
        for one in validations:
            record = first.get(one["domainName"].removeprefix("*.")) or one.get("resourceRecord")
            if record is None:
                continue
            one["resourceRecord"] = record
            there = stands(claim, record["name"], record.get("type_", "CNAME"), record["value"])
            one["validationStatus"] = "SUCCESS" if there else "PENDING_VALIDATION"
            done = done and there
        if found.status.get("status") in ("PENDING_VALIDATION", "ISSUED"):
            found.status["status"] = "ISSUED" if done else "PENDING_VALIDATION"
            if not done:
                for name in ("issuedAt", "notAfter", "notBefore"):
                    found.status.pop(name, None)

    def changed(self, claim: Claim, found: Found) -> list[str]:
        """Only options can be changed."""
        wanted = claim.spec.get("options")
        return ["options"] if wanted and not self.equal("options", wanted, found) else []

    def waits(self, claim: Claim) -> bool:
        """Whether it is worth looking again soon."""
        return bool(claim.status.get("status") == "PENDING_VALIDATION")

    def tag(self, claim: Claim, found: Found, tags: Mapping[str, str]) -> None:
        """Set tags."""
        claim.call("acm", "AddTagsToCertificate", CertificateArn=found.arn, Tags=self.tag_list(claim, tags))

    def untag(self, claim: Claim, found: Found, keys: list[str]) -> None:
        """Take tags away."""
        gone = [{"Key": key} for key in keys]
        claim.call("acm", "RemoveTagsFromCertificate", CertificateArn=found.arn, Tags=gone)
