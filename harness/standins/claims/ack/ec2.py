"""EC2 security groups, whose rules are exactly those of the spec."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from kfaws.harness.standins.claims.ack import tags
from kfaws.harness.standins.claims.ack.resource import Resource
from kfaws.harness.standins.claims.claim import Claim, Found
from kfaws.harness.standins.claims.names import from_aws, to_aws

DIRECTIONS = {"ingressRules": ("Ingress", "IpPermissions"), "egressRules": ("Egress", "IpPermissionsEgress")}
TARGETS = {
    "IpRanges": "CidrIp",
    "Ipv6Ranges": "CidrIpv6",
    "PrefixListIds": "PrefixListId",
    "UserIdGroupPairs": "GroupId",
}

Rule = tuple[str, int | None, int | None, str, str]
"""Protocol, ports, kind of the other side, and the other side."""


def flat(permissions: Iterable[Mapping[str, Any]], own: str) -> dict[Rule, dict[str, Any]]:
    """Permissions as single rules, each with the permission that says only it.

    A pair without a group is the group itself.
    """
    rules = {}
    for one in permissions:
        head = {key: one[key] for key in ("IpProtocol", "FromPort", "ToPort") if one.get(key) is not None}
        for kind, member in TARGETS.items():
            for target in one.get(kind) or ():
                other = target.get(member) or own
                kept = {member: other} | {key: target[key] for key in ("Description",) if target.get(key)}
                key = (str(one.get("IpProtocol")), one.get("FromPort"), one.get("ToPort"), kind, other)
                rules[key] = {**head, kind: [kept]}
    return rules


class SecurityGroup(Resource):
    """A security group."""

    service = "ec2"
    create_operation, read_operation, delete_operation = (
        "CreateSecurityGroup",
        "DescribeSecurityGroups",
        "DeleteSecurityGroup",
    )
    answer = "SecurityGroups.0"
    key: ClassVar[Mapping[str, str]] = {"GroupId": "status.id"}
    plural_key = True
    renames: ClassVar[Mapping[str, str]] = {"name": "GroupName"}
    shown: ClassVar[Mapping[str, str]] = {"id": "GroupId"}
    missing = frozenset({"InvalidGroup.NotFound", "InvalidGroupId.NotFound"})
    terminal = frozenset(
        {
            "InvalidParameterValue",
            "InvalidGroup.Duplicate",
            "InvalidVpcID.NotFound",
            "InvalidPermission.Malformed",
        }
    )
    apart = ("ingressRules", "egressRules")
    references: ClassVar[Mapping[str, tuple[str, str, str]]] = {"vpcID": ("ec2", "VPC", "status.vpcID")}

    def search(self, claim: Claim) -> dict[str, Any] | None:
        """The group of that name in that network, with all of our tags."""
        filters = [{"Name": "group-name", "Values": [claim.spec["name"]]}]
        if claim.spec.get("vpcID"):
            filters.append({"Name": "vpc-id", "Values": [claim.spec["vpcID"]]})
        for group in claim.call("ec2", "DescribeSecurityGroups", Filters=filters)["SecurityGroups"]:
            if claim.tags.items() <= tags.of_list(group.get("Tags")).items():
                return {"GroupIds": [group["GroupId"]]}
        return None

    def prepare(self, claim: Claim, parameters: dict[str, Any]) -> None:
        """Tags of EC2 come with the kind of thing that they are for."""
        if listed := parameters.pop("Tags", None):
            parameters["TagSpecifications"] = [{"ResourceType": "security-group", "Tags": listed}]

    def observe(self, claim: Claim, found: Found) -> None:
        """Rules one by one."""
        group = found.raw["GroupId"]
        found.arn = claim.arn("ec2", f"security-group/{group}")
        found.tags = tags.of_list(found.raw.get("Tags"))
        filters = [{"Name": "group-id", "Values": [group]}]
        rules = claim.call("ec2", "DescribeSecurityGroupRules", Filters=filters)["SecurityGroupRules"]
        items = claim.schema["status"]["properties"].get("rules", {}).get("items", {})
        found.status["rules"] = from_aws(rules, {"items": items})

    def changed(self, claim: Claim, found: Found) -> list[str]:
        """Rules only; what nobody asked for counts too, the rule that lets everything out included."""
        return [
            field
            for field in DIRECTIONS
            if self._wanted(claim, field, found).keys() != self._there(field, found).keys()
        ]

    def _wanted(self, claim: Claim, field: str, found: Found) -> dict[Rule, dict[str, Any]]:
        members = claim.aws.members("ec2", "AuthorizeSecurityGroupIngress")
        permissions = to_aws(claim.spec.get(field) or [], members["IpPermissions"])
        return flat(permissions, found.raw["GroupId"])

    def _there(self, field: str, found: Found) -> dict[Rule, dict[str, Any]]:
        return flat(found.raw.get(DIRECTIONS[field][1]) or (), found.raw["GroupId"])

    def update(self, claim: Claim, found: Found, changed: list[str]) -> None:
        """Take away first: a rule that changed would count twice."""
        for field in changed:
            direction = DIRECTIONS[field][0]
            wanted, there = self._wanted(claim, field, found), self._there(field, found)
            for operation, one, other in (("Revoke", there, wanted), ("Authorize", wanted, there)):
                rules = [one[key] for key in one.keys() - other.keys()]
                if rules:
                    claim.call(
                        "ec2",
                        f"{operation}SecurityGroup{direction}",
                        GroupId=found.raw["GroupId"],
                        IpPermissions=rules,
                    )

    def tag(self, claim: Claim, found: Found, tags: Mapping[str, str]) -> None:
        """Set tags."""
        claim.call("ec2", "CreateTags", Resources=[found.raw["GroupId"]], Tags=self.tag_list(claim, tags))

    def untag(self, claim: Claim, found: Found, keys: list[str]) -> None:
        """Take tags away."""
        claim.call("ec2", "DeleteTags", Resources=[found.raw["GroupId"]], Tags=[{"Key": key} for key in keys])
