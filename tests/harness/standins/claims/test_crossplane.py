"""Kinds of Crossplane's AWS providers against moto."""

from __future__ import annotations

import base64
import copy
from typing import Any

import pytest

from kfaws.generator.model import Object
from tests.harness.standins.claims.world import World

REGION = {"region": "us-west-2"}
POOL = {
    **REGION,
    "name": "users",
    "usernameAttributes": ["email"],
    "mfaConfiguration": "OPTIONAL",
    "softwareTokenMfaConfiguration": {"enabled": True},
    "passwordPolicy": {"minimumLength": 12.0},
    "tags": {"team": "a"},
}


def ready(world: World, item: Object) -> Any:
    world.reconcile(item)
    world.reconcile(item)
    states = world.conditions(item)
    assert states == {"Ready": "True", "Synced": "True"}, world.now(item)["status"]
    return world.now(item)["status"]["atProvider"]


def pool_of(world: World) -> str:
    return str(ready(world, world.add("cognitoidp", "UserPool", copy.deepcopy(POOL), "pool"))["id"])


def specs(pool: str) -> dict[str, dict[str, Any]]:
    """A spec of each kind that is inside of a pool."""
    of = {**REGION, "userPoolId": pool}
    return {
        "UserPoolClient": {
            **of,
            "name": "c",
            "generateSecret": True,
            "accessTokenValidity": 15.0,
            "tokenValidityUnits": [{"accessToken": "minutes"}],
        },
        "UserPoolDomain": {**of, "domain": "kubeflow-test"},
        "ResourceServer": {
            **of,
            "identifier": "api",
            "name": "api",
            "scope": [{"scopeName": "call", "scopeDescription": "d"}],
        },
        "IdentityProvider": {
            **of,
            "providerName": "Corp",
            "providerType": "OIDC",
            "attributeMapping": {"email": "email"},
            "providerDetails": {
                "client_id": "a",
                "client_secret": "b",
                "oidc_issuer": "https://e.org",
                "attributes_request_method": "GET",
                "authorize_scopes": "openid",
            },
        },
    }


def test_a_pool_with_second_factors(world: World) -> None:
    pool = pool_of(world)
    described = world.call("cognito-idp", "describe_user_pool", UserPoolId=pool)["UserPool"]
    assert described["Policies"]["PasswordPolicy"]["MinimumLength"] == 12
    assert described["UserPoolTags"]["crossplane-name"] == "pool"
    mfa = world.call("cognito-idp", "get_user_pool_mfa_config", UserPoolId=pool)
    assert mfa["MfaConfiguration"] == "OPTIONAL"


@pytest.mark.parametrize("kind", ["UserPoolClient", "UserPoolDomain", "ResourceServer", "IdentityProvider"])
def test_what_is_in_a_pool_is_made_once(world: World, kind: str) -> None:
    item = world.add("cognitoidp", kind, specs(pool_of(world))[kind])
    first = ready(world, item)
    before = world.cluster.writes
    world.reconcile(item)
    assert world.cluster.writes == before
    # As after a crash between making it and saying so.
    metadata = world.now(item)["metadata"]
    metadata["annotations"] = {"crossplane.io/external-create-pending": "2026-01-01T00:00:00Z"}
    del world.now(item)["status"]
    assert ready(world, item)["id"] == first["id"]


@pytest.mark.parametrize("kind", ["UserPoolDomain", "ResourceServer", "IdentityProvider"])
def test_what_somebody_else_made_is_not_taken(world: World, kind: str) -> None:
    spec = specs(pool_of(world))[kind]
    ready(world, world.add("cognitoidp", kind, copy.deepcopy(spec)))
    other = world.add("cognitoidp", kind, copy.deepcopy(spec), "two")
    world.reconcile(other)
    assert world.conditions(other)["Synced"] == "False"
    assert "exists already" in world.condition(other, "Synced")["message"]


def test_a_clients_secret_goes_to_the_connection_secret(world: World) -> None:
    item = world.add("cognitoidp", "UserPoolClient", specs(pool_of(world))["UserPoolClient"])
    world.now(item)["spec"]["writeConnectionSecretToRef"] = {"name": "login"}
    ready(world, item)
    data = world.cluster.objects["Secret", "kubeflow-claims", "login"]["data"]
    assert base64.b64decode(data["attribute.client_secret"])


def test_a_user_is_the_one_that_the_external_name_says(world: World) -> None:
    spec = {
        **REGION,
        "userPoolId": pool_of(world),
        "attributes": {"email": "a@example.com", "email_verified": "true"},
    }
    item = world.add("cognitoidp", "User", spec)
    world.now(item)["metadata"]["annotations"] = {"crossplane.io/external-name": "a@example.com"}
    ready(world, item)


def test_policies_decide_what_is_done(world: World) -> None:
    item = world.add("cognitoidp", "UserPool", copy.deepcopy(POOL), "pool")
    world.now(item)["spec"]["managementPolicies"] = ["Observe"]
    world.reconcile(item)
    assert "does not exist" in world.condition(item, "Synced")["message"]
    world.now(item)["spec"]["managementPolicies"] = ["Observe", "Create"]
    pool = ready(world, item)["id"]
    world.delete(item)
    world.reconcile(item)
    assert not world.there(item)
    assert world.call("cognito-idp", "describe_user_pool", UserPoolId=pool)


def test_drift_is_mended(world: World) -> None:
    item = world.add("cognitoidp", "UserPoolClient", specs(pool_of(world))["UserPoolClient"])
    client = ready(world, item)["id"]
    pool = world.now(item)["spec"]["forProvider"]["userPoolId"]
    name = {"UserPoolId": pool, "ClientId": client}
    world.call("cognito-idp", "update_user_pool_client", ClientName="theirs", **name)
    world.reconcile(item)
    there = world.call("cognito-idp", "describe_user_pool_client", **name)["UserPoolClient"]
    assert there["ClientName"] == "c"


def test_a_file_system_that_can_be_mounted(world: World) -> None:
    vpc = world.call("ec2", "create_vpc", CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = world.call("ec2", "create_subnet", VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    spec = {
        **REGION,
        "deploymentType": "PERSISTENT_2",
        "storageCapacity": 1200.0,
        "storageType": "SSD",
        "perUnitStorageThroughput": 125.0,
        "subnetIds": [subnet],
        "tags": {"team": "a"},
    }
    item = world.add("fsx", "LustreFileSystem", spec)
    there = ready(world, item)
    assert there["dnsName"]
    assert there["mountName"]
    world.now(item)["metadata"]["annotations"] = {
        "crossplane.io/external-create-pending": "2026-01-01T00:00:00Z"
    }
    del world.now(item)["status"]
    assert ready(world, item)["id"] == there["id"]
