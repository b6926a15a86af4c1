"""IAM: roles with inline and managed policies, and policies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import unquote

from kfaws.harness.standins.claims.ack import tags
from kfaws.harness.standins.claims.ack.resource import Resource
from kfaws.harness.standins.claims.claim import Claim, Found

VERSIONS = 5
"""So many versions of a policy are kept."""


def same_policy(one: Any, other: Any) -> bool:
    """Whether two policy documents say the same."""
    try:
        return bool(json.loads(one) == json.loads(other))
    except (TypeError, ValueError):
        return bool(one == other)


def _document(raw: Any) -> str:
    """A policy document, which botocore decodes."""
    return json.dumps(raw) if isinstance(raw, dict) else unquote(str(raw))


class Iam(Resource):
    """What roles and policies share."""

    service = "iam"
    missing = frozenset({"NoSuchEntity"})
    terminal = frozenset({"InvalidInput", "MalformedPolicyDocument"})


class Role(Iam):
    """A role."""

    create_operation, read_operation, update_operation, delete_operation = (
        "CreateRole",
        "GetRole",
        "UpdateRole",
        "DeleteRole",
    )
    answer = made = "Role"
    key: ClassVar[Mapping[str, str]] = {"RoleName": "spec.name"}
    renames: ClassVar[Mapping[str, str]] = {"name": "RoleName"}
    late = ("maxSessionDuration", "path")
    apart = ("inlinePolicies", "policies")
    references: ClassVar[Mapping[str, tuple[str, str, str]]] = {
        "permissionsBoundary": ("iam", "Policy", "status.ackResourceMetadata.arn"),
        "policies": ("iam", "Policy", "status.ackResourceMetadata.arn"),
    }

    def observe(self, claim: Claim, found: Found) -> None:
        """Policies and tags are asked for one by one."""
        name = {"RoleName": claim.spec["name"]}
        found.spec["assumeRolePolicyDocument"] = _document(found.raw["AssumeRolePolicyDocument"])
        boundary = (found.raw.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")
        found.spec.pop("permissionsBoundary", None)
        if boundary:
            found.spec["permissionsBoundary"] = boundary
        attached = claim.call("iam", "ListAttachedRolePolicies", **name)["AttachedPolicies"]
        found.spec["policies"] = [one["PolicyArn"] for one in attached]
        inline = claim.call("iam", "ListRolePolicies", **name)["PolicyNames"]
        found.spec["inlinePolicies"] = {
            one: _document(claim.call("iam", "GetRolePolicy", PolicyName=one, **name)["PolicyDocument"])
            for one in inline
        }
        found.tags = tags.of_list(claim.call("iam", "ListRoleTags", **name)["Tags"])

    def changed(self, claim: Claim, found: Found) -> list[str]:
        """What is attached besides counts as well; a boundary that nobody asked for is taken away."""
        lists = [
            name
            for name in self.apart
            if (found.spec.get(name) or name in claim.spec)
            and not self.equal(name, claim.spec.get(name), found)
        ]
        other = [name for name in super().changed(claim, found) if name not in self.apart]
        gone = (
            ["permissionsBoundary"]
            if "permissionsBoundary" in found.spec and "permissionsBoundary" not in claim.spec
            else []
        )
        return other + lists + gone

    def equal(self, name: str, value: Any, found: Found) -> bool:
        """Documents by what they say."""
        there: Any = found.spec.get(name)
        if name == "assumeRolePolicyDocument":
            return same_policy(value, there)
        if name == "inlinePolicies":
            wanted = value or {}
            return set(wanted) == set(there or {}) and all(
                same_policy(wanted[one], there[one]) for one in wanted
            )
        if name == "policies":
            return set(value or ()) == set(there or ())
        return super().equal(name, value, found)

    def update(self, claim: Claim, found: Found, changed: list[str]) -> None:
        """Each part has an operation of its own."""
        spec, name = claim.spec, {"RoleName": claim.spec["name"]}
        if "policies" in changed:
            self._attach(claim, name, set(spec.get("policies") or ()), set(found.spec["policies"]))
        if "inlinePolicies" in changed:
            wanted = spec.get("inlinePolicies") or {}
            for policy in set(found.spec["inlinePolicies"]) - set(wanted):
                claim.call("iam", "DeleteRolePolicy", PolicyName=policy, **name)
            for policy, document in wanted.items():
                if not same_policy(document, found.spec["inlinePolicies"].get(policy)):
                    claim.call("iam", "PutRolePolicy", PolicyName=policy, PolicyDocument=document, **name)
        if "assumeRolePolicyDocument" in changed:
            claim.call(
                "iam", "UpdateAssumeRolePolicy", PolicyDocument=spec["assumeRolePolicyDocument"], **name
            )
        if "permissionsBoundary" in changed:
            if boundary := spec.get("permissionsBoundary"):
                claim.call("iam", "PutRolePermissionsBoundary", PermissionsBoundary=boundary, **name)
            else:
                claim.call("iam", "DeleteRolePermissionsBoundary", **name)
        if {"description", "maxSessionDuration"} & set(changed):
            plain = {
                "Description": spec.get("description"),
                "MaxSessionDuration": spec.get("maxSessionDuration"),
            }
            claim.call(
                "iam", "UpdateRole", **name, **{key: one for key, one in plain.items() if one is not None}
            )

    def _attach(self, claim: Claim, name: Mapping[str, str], wanted: set[str], there: set[str]) -> None:
        for policy in there - wanted:
            claim.call("iam", "DetachRolePolicy", PolicyArn=policy, **name)
        for policy in wanted - there:
            claim.call("iam", "AttachRolePolicy", PolicyArn=policy, **name)

    def clear(self, claim: Claim, found: Found) -> None:
        """A role with policies cannot be deleted."""
        name = {"RoleName": claim.spec["name"]}
        for policy in found.spec["policies"]:
            claim.call("iam", "DetachRolePolicy", PolicyArn=policy, **name)
        for policy in found.spec["inlinePolicies"]:
            claim.call("iam", "DeleteRolePolicy", PolicyName=policy, **name)

    def tag(self, claim: Claim, found: Found, tags: Mapping[str, str]) -> None:
        """Set tags."""
        claim.call("iam", "TagRole", RoleName=claim.spec["name"], Tags=self.tag_list(claim, tags))

    def untag(self, claim: Claim, found: Found, keys: list[str]) -> None:
        """Take tags away."""
        claim.call("iam", "UntagRole", RoleName=claim.spec["name"], TagKeys=keys)


class Policy(Iam):
    """A managed policy; a new document is a new version, and the oldest one goes."""

    create_operation, read_operation, delete_operation = "CreatePolicy", "GetPolicy", "DeletePolicy"
    answer = made = "Policy"
    key: ClassVar[Mapping[str, str]] = {"PolicyArn": "status.ackResourceMetadata.arn"}
    renames: ClassVar[Mapping[str, str]] = {"name": "PolicyName"}
    late = ("path",)
    immutable = ("description", "path")

    def search(self, claim: Claim) -> dict[str, Any] | None:
        """Its ARN follows from its name."""
        path = claim.spec.get("path") or "/"
        return {"PolicyArn": claim.arn("iam", f"policy{path}{claim.spec['name']}", region=False)}

    def observe(self, claim: Claim, found: Found) -> None:
        """The document is a version's."""
        version = claim.call(
            "iam", "GetPolicyVersion", PolicyArn=found.arn, VersionId=found.raw["DefaultVersionId"]
        )
        found.spec["policyDocument"] = _document(version["PolicyVersion"]["Document"])
        found.tags = tags.of_list(claim.call("iam", "ListPolicyTags", PolicyArn=found.arn)["Tags"])

    def equal(self, name: str, value: Any, found: Found) -> bool:
        """The document by what it says."""
        if name == "policyDocument":
            return same_policy(value, found.spec.get(name))
        return super().equal(name, value, found)

    def update(self, claim: Claim, found: Found, changed: list[str]) -> None:
        """A new version becomes the default."""
        if "policyDocument" not in changed:
            return
        key = {"PolicyArn": found.arn}
        versions = claim.call("iam", "ListPolicyVersions", **key)["Versions"]
        if len(versions) >= VERSIONS:
            oldest = min(
                (one for one in versions if not one["IsDefaultVersion"]), key=lambda one: one["CreateDate"]
            )
            claim.call("iam", "DeletePolicyVersion", VersionId=oldest["VersionId"], **key)
        claim.call(
            "iam",
            "CreatePolicyVersion",
            PolicyDocument=claim.spec["policyDocument"],
            SetAsDefault=True,
            **key,
        )

    def clear(self, claim: Claim, found: Found) -> None:
        """Versions besides the default one go first."""
        claim.status.setdefault("ackResourceMetadata", {})["arn"] = found.arn
        for one in claim.call("iam", "ListPolicyVersions", PolicyArn=found.arn)["Versions"]:
            if not one["IsDefaultVersion"]:
                claim.call("iam", "DeletePolicyVersion", PolicyArn=found.arn, VersionId=one["VersionId"])

    def tag(self, claim: Claim, found: Found, tags: Mapping[str, str]) -> None:
        """Set tags."""
        claim.call("iam", "TagPolicy", PolicyArn=found.arn, Tags=self.tag_list(claim, tags))

    def untag(self, claim: Claim, found: Found, keys: list[str]) -> None:
        """Take tags away."""
        claim.call("iam", "UntagPolicy", PolicyArn=found.arn, TagKeys=keys)
