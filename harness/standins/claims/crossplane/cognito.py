"""Cognito: pools, clients, domains, users, identity providers and resource servers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from kfaws.harness.standins.claims.claim import Claim, Found
from kfaws.harness.standins.claims.crossplane.managed import Managed
from kfaws.harness.standins.claims.names import to_aws
from kfaws.harness.standins.claims.outcome import RecoverableError

CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"
"""The zone of all of CloudFront's names, by AWS's documentation."""
POOL = {"userPoolId": ("cognitoidp", "UserPool")}


class Cognito(Managed):
    """What they share."""

    service = "cognito-idp"
    references: ClassVar[Mapping[str, tuple[str, str]]] = POOL


class UserPool(Cognito):
    """A user pool. Second factors have an operation of their own."""

    create_operation, read_operation = "CreateUserPool", "DescribeUserPool"
    update_operation, delete_operation = "UpdateUserPool", "DeleteUserPool"
    answer, made = "UserPool", "UserPool.Id"
    renames: ClassVar[Mapping[str, str]] = {
        "name": "PoolName",
        "tags": "UserPoolTags",
        "accountRecoverySetting.recoveryMechanism": "RecoveryMechanisms",
        "schema": "Schema",
    }
    shown: ClassVar[Mapping[str, str]] = {"name": "Name", "schema": "-"}
    references: ClassVar[Mapping[str, tuple[str, str]]] = {}
    whole = True
    fixed = frozenset(
        {"region", "usernameAttributes", "usernameConfiguration", "aliasAttributes", "schema", "name"}
    )

    def key(self, claim: Claim, name: str) -> dict[str, Any]:
        """Its id."""
        return {"UserPoolId": name}

    def search(self, claim: Claim) -> str:
        """The pool of that name whose tags say that it is this object's."""
        for one in claim.call(self.service, "ListUserPools", MaxResults=60)["UserPools"]:
            if one["Name"] == claim.spec.get("name"):
                pool = claim.call(self.service, "DescribeUserPool", UserPoolId=one["Id"])["UserPool"]
                if claim.tags.items() <= (pool.get("UserPoolTags") or {}).items():
                    return str(one["Id"])
        return ""

    def prepare(self, claim: Claim, parameters: dict[str, Any]) -> None:
        """The password policy is inside of others; second factors come after."""
        if policy := claim.spec.get("passwordPolicy"):
            members = claim.aws.members(self.service, "CreateUserPool")["Policies"].members
            parameters["Policies"] = {"PasswordPolicy": to_aws(policy, members["PasswordPolicy"])}
        parameters["UserPoolTags"] = claim.tags
        parameters.pop("MfaConfiguration", None)

    def complete(self, claim: Claim, name: str) -> None:
        """Second factors."""
        wanted = claim.spec.get("mfaConfiguration")
        if wanted is None:
            return
        token = claim.spec.get("softwareTokenMfaConfiguration")
        token = token[0] if isinstance(token, list) and token else token
        more = {"SoftwareTokenMfaConfiguration": {"Enabled": bool(token.get("enabled"))}} if token else {}
        claim.call(self.service, "SetUserPoolMfaConfig", UserPoolId=name, MfaConfiguration=wanted, **more)

    def observe(self, claim: Claim, found: Found) -> None:
        """What stands elsewhere."""
        policy = (found.raw.get("Policies") or {}).get("PasswordPolicy") or {}
        found.spec["passwordPolicy"] = {name[:1].lower() + name[1:]: value for name, value in policy.items()}
        mfa = claim.call(self.service, "GetUserPoolMfaConfig", UserPoolId=found.raw["Id"])
        found.spec["mfaConfiguration"] = mfa.get("MfaConfiguration", "OFF")
        enabled = (mfa.get("SoftwareTokenMfaConfiguration") or {}).get("Enabled", False)
        found.spec["softwareTokenMfaConfiguration"] = {"enabled": enabled}
        found.status.update(
            arn=found.raw.get("Arn") or claim.arn("cognito-idp", f"userpool/{found.raw['Id']}"),
            endpoint=f"cognito-idp.{claim.region}.amazonaws.com/{found.raw['Id']}",
            estimatedNumberOfUsers=found.raw.get("EstimatedNumberOfUsers", 0),
        )

    def equal(self, field: str, value: Any, found: Found) -> bool:
        """Crossplane's own tags count too, and are told apart elsewhere."""
        if field == "tags":
            return (value or {}).items() <= (found.raw.get("UserPoolTags") or {}).items()
        return super().equal(field, value, found)

    def update(self, claim: Claim, found: Found, changed: list[str]) -> None:
        """The operation resets whatever it is not told."""
        parameters = self.parameters(claim, self.update_operation)
        parameters.pop("PoolName", None)
        self.prepare(claim, parameters)
        claim.call(self.service, self.update_operation, **{**parameters, "UserPoolId": found.raw["Id"]})
        if {"mfaConfiguration", "softwareTokenMfaConfiguration"} & set(changed):
            self.complete(claim, found.raw["Id"])


class UserPoolClient(Cognito):
    """An app client; its secret goes to the connection secret only."""

    create_operation, read_operation = "CreateUserPoolClient", "DescribeUserPoolClient"
    update_operation, delete_operation = "UpdateUserPoolClient", "DeleteUserPoolClient"
    answer, made = "UserPoolClient", "UserPoolClient.ClientId"
    renames: ClassVar[Mapping[str, str]] = {"name": "ClientName"}
    whole = True
    fixed = frozenset({"region", "generateSecret", "userPoolId"})

    def key(self, claim: Claim, name: str) -> dict[str, Any]:
        """Pool and id."""
        return {"UserPoolId": claim.spec["userPoolId"], "ClientId": name}

    def search(self, claim: Claim) -> str:
        """The client of that name: clients have no tags."""
        answer = claim.call(
            self.service, "ListUserPoolClients", UserPoolId=claim.spec["userPoolId"], MaxResults=60
        )
        return next(
            (one["ClientId"] for one in answer["UserPoolClients"] if one["ClientName"] == claim.spec["name"]),
            "",
        )

    def secrets(self, found: Found) -> dict[str, str]:
        """As upjet names an attribute that is a secret."""
        secret = found.raw.get("ClientSecret")
        return {"attribute.client_secret": str(secret)} if secret else {}


class UserPoolDomain(Cognito):
    """The address of the log-in pages."""

    create_operation, read_operation = "CreateUserPoolDomain", "DescribeUserPoolDomain"
    update_operation, delete_operation = "UpdateUserPoolDomain", "DeleteUserPoolDomain"
    answer, made = "DomainDescription", ""
    fixed = frozenset({"region", "userPoolId", "domain"})

    def key(self, claim: Claim, name: str) -> dict[str, Any]:
        """The domain; whoever deletes it names the pool too."""
        return {"Domain": name}

    def known_name(self, claim: Claim) -> str:
        """The domain itself."""
        return str(claim.spec.get("domain") or "")

    def prepare(self, claim: Claim, parameters: dict[str, Any]) -> None:
        """A domain of one's own has a certificate. One that another pool has is not taken."""
        if certificate := claim.spec.get("certificateArn"):
            parameters["CustomDomainConfig"] = {"CertificateArn": certificate}
        there = claim.call(self.service, "DescribeUserPoolDomain", Domain=claim.spec["domain"])[
            "DomainDescription"
        ]
        if there and there.get("UserPoolId") not in (None, claim.spec["userPoolId"]):
            raise RecoverableError(f"the domain {claim.spec['domain']} is of another user pool")

    def observe(self, claim: Claim, found: Found) -> None:
        """CloudFront's names."""
        distribution = found.raw.get("CloudFrontDistribution") or found.raw.get("CloudFrontDomain") or ""
        found.status["cloudfrontDistribution"] = distribution
        # moto makes one up at every look.
        found.status["awsAccountId"] = claim.aws.account
        found.status["cloudfrontDistributionZoneId"] = CLOUDFRONT_ZONE
        found.spec["certificateArn"] = (found.raw.get("CustomDomainConfig") or {}).get("CertificateArn")

    def update(self, claim: Claim, found: Found, changed: list[str]) -> None:
        """The certificate."""
        config = {"CertificateArn": claim.spec["certificateArn"]}
        claim.call(
            self.service,
            "UpdateUserPoolDomain",
            Domain=claim.spec["domain"],
            UserPoolId=claim.spec["userPoolId"],
            CustomDomainConfig=config,
        )

    def delete(self, claim: Claim, found: Found) -> None:
        """Of its pool."""
        claim.call(
            self.service,
            "DeleteUserPoolDomain",
            Domain=found.status["id"],
            UserPoolId=claim.spec["userPoolId"],
        )


class User(Cognito):
    """A user; the external name is the user's name, so that one who is there is taken over."""

    create_operation, read_operation = "AdminCreateUser", "AdminGetUser"
    update_operation, delete_operation = "AdminUpdateUserAttributes", "AdminDeleteUser"
    answer, made = "", ""
    missing = frozenset({"UserNotFoundException", "ResourceNotFoundException"})
    fixed = frozenset(
        {
            "region",
            "userPoolId",
            "desiredDeliveryMediums",
            "username",
            "messageAction",
            "temporaryPassword",
            "password",
            "clientMetadata",
            "forceAliasCreation",
            "validationData",
        }
    )

    def key(self, claim: Claim, name: str) -> dict[str, Any]:
        """Pool and name."""
        return {"UserPoolId": claim.spec["userPoolId"], "Username": name}

    def known_name(self, claim: Claim) -> str:
        """As the annotation says, else the object's own name."""
        return claim.annotations.get("crossplane.io/external-name") or str(claim.item["metadata"]["name"])

    def prepare(self, claim: Claim, parameters: dict[str, Any]) -> None:
        """Attributes are pairs."""
        parameters["Username"] = self.known_name(claim)
        parameters["UserAttributes"] = self._pairs(claim)

    def _pairs(self, claim: Claim) -> list[dict[str, str]]:
        return [
            {"Name": name, "Value": str(value)}
            for name, value in (claim.spec.get("attributes") or {}).items()
        ]

    def observe(self, claim: Claim, found: Found) -> None:
        """Attributes as a mapping."""
        found.spec["attributes"] = {one["Name"]: one["Value"] for one in found.raw.get("UserAttributes", ())}
        found.spec["enabled"] = found.raw.get("Enabled", True)
        found.status["status"] = found.raw.get("UserStatus", "")
        found.status["sub"] = found.spec["attributes"].get("sub", "")

    def update(self, claim: Claim, found: Found, changed: list[str]) -> None:
        """Attributes, and whether the user may log in."""
        key = self.key(claim, found.status["id"])
        if "attributes" in changed:
            claim.call(self.service, "AdminUpdateUserAttributes", UserAttributes=self._pairs(claim), **key)
        if "enabled" in changed:
            claim.call(
                self.service, "AdminEnableUser" if claim.spec["enabled"] else "AdminDisableUser", **key
            )


class IdentityProvider(Cognito):
    """An identity provider of a pool."""

    create_operation, read_operation = "CreateIdentityProvider", "DescribeIdentityProvider"
    update_operation, delete_operation = "UpdateIdentityProvider", "DeleteIdentityProvider"
    answer, made = "IdentityProvider", ""
    fixed = frozenset({"region", "userPoolId", "providerName", "providerType"})

    def key(self, claim: Claim, name: str) -> dict[str, Any]:
        """Pool and name."""
        return {"UserPoolId": claim.spec["userPoolId"], "ProviderName": claim.spec["providerName"]}

    def known_name(self, claim: Claim) -> str:
        """Pool and name, as Terraform joins them."""
        return f"{claim.spec.get('userPoolId')}:{claim.spec.get('providerName')}"


class ResourceServer(Cognito):
    """An API with scopes."""

    create_operation, read_operation = "CreateResourceServer", "DescribeResourceServer"
    update_operation, delete_operation = "UpdateResourceServer", "DeleteResourceServer"
    answer, made = "ResourceServer", ""
    renames: ClassVar[Mapping[str, str]] = {"scope": "Scopes"}
    whole = True
    fixed = frozenset({"region", "userPoolId", "identifier"})

    def key(self, claim: Claim, name: str) -> dict[str, Any]:
        """Pool and identifier."""
        return {"UserPoolId": claim.spec["userPoolId"], "Identifier": claim.spec["identifier"]}

    def known_name(self, claim: Claim) -> str:
        """Pool and identifier, as Terraform joins them."""
        return f"{claim.spec.get('userPoolId')}|{claim.spec.get('identifier')}"

    def observe(self, claim: Claim, found: Found) -> None:
        """Scopes by the names that clients ask for."""
        identifier = found.raw.get("Identifier")
        found.status["scopeIdentifiers"] = [
            f"{identifier}/{one['ScopeName']}" for one in found.raw.get("Scopes", ())
        ]
