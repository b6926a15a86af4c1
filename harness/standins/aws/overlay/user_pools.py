"""Cognito: tags of a user pool and changes of a resource server, which moto has not."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from moto.cognitoidp.models import CognitoIdpUserPool, cognitoidp_backends

from kfaws.harness.standins.aws.overlay.answers import not_found
from kfaws.harness.standins.aws.requests import Asked


def correct() -> None:
    """Nothing else."""


def _tag(asked: Asked) -> Mapping[str, Any]:
    _tags(asked).update(asked.parameters["Tags"])
    return {}


def _untag(asked: Asked) -> Mapping[str, Any]:
    tags = _tags(asked)
    for key in asked.parameters["TagKeys"]:
        tags.pop(key, None)
    return {}


def _list_tags(asked: Asked) -> Mapping[str, Any]:
    return {"Tags": _tags(asked)}


def _update_resource_server(asked: Asked) -> Mapping[str, Any]:
    given = asked.parameters
    server = _pool(asked, given["UserPoolId"]).resource_servers.get(given["Identifier"])
    if server is None:
        raise not_found(f"resource server {given['Identifier']}", status=400)
    server.name, server.scopes = given["Name"], list(given.get("Scopes") or [])
    return {"ResourceServer": server.to_json()}


def _tags(asked: Asked) -> dict[str, str]:
    pool = _pool(asked, asked.parameters["ResourceArn"].rpartition("/")[2])
    return pool.extended_config.setdefault("UserPoolTags", {})  # type: ignore[no-any-return]


def _pool(asked: Asked, name: str) -> CognitoIdpUserPool:
    found = cognitoidp_backends[os.environ["MOTO_ACCOUNT_ID"]][asked.region].user_pools.get(name)
    if found is None:
        raise not_found(f"user pool {name}", status=400)
    return found


ANSWERS: dict[tuple[str, str], Callable[[Asked], Mapping[str, Any]]] = {
    ("cognito-idp", "TagResource"): _tag,
    ("cognito-idp", "UntagResource"): _untag,
    ("cognito-idp", "ListTagsForResource"): _list_tags,
    ("cognito-idp", "UpdateResourceServer"): _update_resource_server,
}
