"""Route 53: hosted zones and record sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from kfaws.harness.standins.claims.ack import tags
from kfaws.harness.standins.claims.ack.resource import Resource
from kfaws.harness.standins.claims.claim import Claim, Found
from kfaws.harness.standins.claims.names import from_aws, to_aws
from kfaws.harness.standins.claims.outcome import code_of


def bare_id(zone: str) -> str:
    """A zone's id without `/hostedzone/`."""
    return zone.rsplit("/", 1)[-1]


class HostedZone(Resource):
    """A zone; its caller reference is the object's uid, so that it is made once."""

    service = "route53"
    create_operation, read_operation, delete_operation = (
        "CreateHostedZone",
        "GetHostedZone",
        "DeleteHostedZone",
    )
    key: ClassVar[Mapping[str, str]] = {"Id": "status.id"}
    missing = frozenset({"NoSuchHostedZone"})
    terminal = frozenset({"DelegationSetNotReusable", "InvalidDomainName", "InvalidInput", "InvalidVPCId"})
    tag_parameter = ""
    made = "HostedZone"

    def search(self, claim: Claim) -> dict[str, Any] | None:
        """The zone that was made with our reference."""
        zones = claim.call("route53", "ListHostedZones")["HostedZones"]
        return next(({"Id": one["Id"]} for one in zones if one["CallerReference"] == claim.uid), None)

    def prepare(self, claim: Claim, parameters: dict[str, Any]) -> None:
        """The reference."""
        parameters["CallerReference"] = claim.uid

    def fetch(self, claim: Claim, key: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Zone and name servers, as one."""
        answer = claim.call("route53", "GetHostedZone", **key)
        return {
            **answer["HostedZone"],
            "DelegationSet": answer.get("DelegationSet"),
            "VPCs": answer.get("VPCs"),
        }

    def observe(self, claim: Claim, found: Found) -> None:
        """Tags, and the ARN, which no operation tells."""
        zone = bare_id(found.raw["Id"])
        found.arn = f"arn:{claim.aws.partition}:route53:::hostedzone/{zone}"
        answer = claim.call("route53", "ListTagsForResource", ResourceType="hostedzone", ResourceId=zone)
        found.tags = tags.of_list(answer["ResourceTagSet"]["Tags"])

    def changed(self, claim: Claim, found: Found) -> list[str]:
        """Only the comment can be changed."""
        wanted = (claim.spec.get("hostedZoneConfig") or {}).get("comment")
        there = (found.raw.get("Config") or {}).get("Comment")
        return ["hostedZoneConfig"] if wanted is not None and wanted != there else []

    def update(self, claim: Claim, found: Found, changed: list[str]) -> None:
        """The comment."""
        comment = claim.spec["hostedZoneConfig"]["comment"]
        claim.call("route53", "UpdateHostedZoneComment", Id=found.raw["Id"], Comment=comment)

    def tag(self, claim: Claim, found: Found, tags: Mapping[str, str]) -> None:
        """Set tags."""
        self._tags(claim, found, AddTags=self.tag_list(claim, tags))

    def untag(self, claim: Claim, found: Found, keys: list[str]) -> None:
        """Take tags away."""
        self._tags(claim, found, RemoveTagKeys=keys)

    def _tags(self, claim: Claim, found: Found, **change: Any) -> None:
        zone = bare_id(found.raw["Id"])
        claim.call("route53", "ChangeTagsForResource", ResourceType="hostedzone", ResourceId=zone, **change)


class RecordSet(Resource):
    """A record. It has neither ARN nor tags; it is synced once the last change is INSYNC."""

    service = "route53"
    create_operation = read_operation = delete_operation = "ChangeResourceRecordSets"
    key: ClassVar[Mapping[str, str]] = {"HostedZoneId": "spec.hostedZoneID"}
    renames: ClassVar[Mapping[str, str]] = {"recordType": "Type"}
    terminal = frozenset({"InvalidChangeBatch", "InvalidInput", "NoSuchHostedZone", "NoSuchHealthCheck"})
    references: ClassVar[Mapping[str, tuple[str, str, str]]] = {
        "hostedZoneID": ("route53", "HostedZone", "status.id"),
        "healthCheckID": ("route53", "HealthCheck", "status.id"),
    }
    tags_field, tag_parameter = "", ""
    synced = ("status", ("INSYNC",))

    def _name(self, claim: Claim) -> str:
        """Relative to the zone, unless it ends in a dot."""
        name = claim.spec.get("name") or ""
        if name.endswith("."):
            return str(name)
        zone = claim.call("route53", "GetHostedZone", Id=claim.spec["hostedZoneID"])["HostedZone"]["Name"]
        return f"{name}.{zone}" if name else str(zone)

    def read(self, claim: Claim) -> Found | None:
        """The record of that name, type and set identifier."""
        try:
            name = self._name(claim)
            answer = claim.call(
                "route53",
                "ListResourceRecordSets",
                HostedZoneId=claim.spec["hostedZoneID"],
                StartRecordName=name,
                StartRecordType=claim.spec["recordType"],
            )
        except ClientError as error:
            if code_of(error) == "NoSuchHostedZone" and claim.item["metadata"].get("deletionTimestamp"):
                return None
            raise
        wanted = (name.lower(), claim.spec["recordType"], claim.spec.get("setIdentifier"))
        for raw in answer["ResourceRecordSets"]:
            there = (raw["Name"].replace("\\052", "*").lower(), raw["Type"], raw.get("SetIdentifier"))
            if there == wanted:
                return self._found(claim, raw)
        return None

    def _found(self, claim: Claim, raw: Mapping[str, Any]) -> Found:
        found = Found(from_aws(raw, claim.schema["spec"], self.renames), {}, raw)
        found.spec["name"] = claim.spec.get("name")
        found.spec["hostedZoneID"] = claim.spec["hostedZoneID"]
        if claim.status.get("id") and claim.status.get("status") != "INSYNC":
            change = claim.call("route53", "GetChange", Id=claim.status["id"])["ChangeInfo"]
            claim.status["status"] = change["Status"]
        elif not claim.status.get("id"):
            # Found after a crash: whatever change made it, it stands.
            claim.status["status"] = "INSYNC"
        return found

    def equal(self, name: str, value: Any, found: Found) -> bool:
        """Names of hosts have neither case nor need of a dot at the end."""
        if name == "aliasTarget":
            there = found.spec.get(name) or {}
            plain = {key: str(one).lower().rstrip(".") for key, one in value.items()}
            return plain == {key: str(there.get(key, "")).lower().rstrip(".") for key in value}
        return super().equal(name, value, found)

    def create(self, claim: Claim) -> None:
        """Fails where there is one."""
        self._change(claim, "CREATE")

    def update(self, claim: Claim, found: Found, changed: list[str]) -> None:
        """In one step."""
        self._change(claim, "UPSERT")

    def delete(self, claim: Claim, found: Found) -> None:
        """As it stands there."""
        self._submit(claim, "DELETE", dict(found.raw))

    def _change(self, claim: Claim, action: str) -> None:
        batch = claim.aws.members("route53", "ChangeResourceRecordSets")["ChangeBatch"]
        shape = batch.members["Changes"].member.members["ResourceRecordSet"]
        record = to_aws(claim.spec, shape, self.renames)
        self._submit(claim, action, {**record, "Name": self._name(claim)})

    def _submit(self, claim: Claim, action: str, record: Mapping[str, Any]) -> None:
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
        answer = claim.call(
            "route53",
            "ChangeResourceRecordSets",
            HostedZoneId=bare_id(claim.spec["hostedZoneID"]),
            ChangeBatch=batch,
        )
        claim.status.update(from_aws(answer["ChangeInfo"], claim.schema["status"]))


def stands(claim: Claim, name: str, kind: str, value: str) -> bool:
    """Whether a record stands in the zone that would answer for its name."""
    plain = name.lower().rstrip(".")
    zones = claim.call("route53", "ListHostedZones")["HostedZones"]
    suits = [zone for zone in zones if f".{plain}".endswith(f".{zone['Name'].lower().rstrip('.')}")]
    if not suits:
        return False
    zone = max(suits, key=lambda one: len(one["Name"]))
    answer = claim.call("route53", "ListResourceRecordSets", HostedZoneId=bare_id(zone["Id"]))
    wanted = value.lower().rstrip(".")
    return any(
        record["Name"].lower().rstrip(".") == plain
        and record["Type"] == kind
        and record_value["Value"].lower().rstrip(".") == wanted
        for record in answer["ResourceRecordSets"]
        for record_value in record.get("ResourceRecords", ())
    )
