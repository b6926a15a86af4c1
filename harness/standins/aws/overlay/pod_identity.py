"""EKS pod identity associations, which moto has not."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from typing import Any

from kfaws.harness.standins.aws.overlay.answers import AwsError, identifier, not_found, now
from kfaws.harness.standins.aws.requests import Asked

_associations: dict[str, dict[str, Any]] = {}
_lock = threading.Lock()
LISTED = ("clusterName", "namespace", "serviceAccount", "associationArn", "associationId")


def correct() -> None:
    """Nothing of moto's is in the way but tags of ARNs that it does not know."""


def association_of(cluster: str, namespace: str, account: str) -> Mapping[str, Any] | None:
    """The association of a ServiceAccount; None where it has none."""
    for one in list(_associations.values()):
        if (one["clusterName"], one["namespace"], one["serviceAccount"]) == (cluster, namespace, account):
            return one
    return None


def _create(asked: Asked) -> Mapping[str, Any]:
    given = asked.parameters
    cluster, namespace, account = given["clusterName"], given["namespace"], given["serviceAccount"]
    with _lock:
        there = association_of(cluster, namespace, account)
        if there:
            if there["clientRequestToken"] and there["clientRequestToken"] == given.get("clientRequestToken"):
                return {"association": _shown(there)}
            words = f"Association already exists: {there['associationId']}"
            raise AwsError("ResourceInUseException", words, 409)
        name = identifier("a-")
        _associations[name] = {
            "clusterName": cluster,
            "namespace": namespace,
            "serviceAccount": account,
            "roleArn": given["roleArn"],
            "associationArn": (
                f"arn:aws:eks:{asked.region}:{os.environ['MOTO_ACCOUNT_ID']}"
                f":podidentityassociation/{cluster}/{name}"
            ),
            "associationId": name,
            "tags": dict(given.get("tags") or {}),
            "createdAt": now(),
            "modifiedAt": now(),
            "disableSessionTags": bool(given.get("disableSessionTags")),
            "clientRequestToken": given.get("clientRequestToken", ""),
            **({"targetRoleArn": given["targetRoleArn"]} if given.get("targetRoleArn") else {}),
        }
        return {"association": _shown(_associations[name])}


def _describe(asked: Asked) -> Mapping[str, Any]:
    return {"association": _shown(_one(asked))}


def _list(asked: Asked) -> Mapping[str, Any]:
    given = asked.parameters
    names = ("clusterName", "namespace", "serviceAccount")
    filters = {name: given[name] for name in names if given.get(name)}
    found = [one for one in list(_associations.values()) if filters.items() <= one.items()]
    return {"associations": [{name: one[name] for name in LISTED} for one in found]}


def _update(asked: Asked) -> Mapping[str, Any]:
    one, given = _one(asked), asked.parameters
    for name in ("roleArn", "targetRoleArn", "disableSessionTags"):
        if given.get(name) is not None:
            one[name] = given[name]
    one["modifiedAt"] = now()
    return {"association": _shown(one)}


def _delete(asked: Asked) -> Mapping[str, Any]:
    one = _one(asked)
    del _associations[one["associationId"]]
    return {"association": _shown(one)}


def _one(asked: Asked) -> dict[str, Any]:
    name = asked.parameters["associationId"]
    one = _associations.get(name)
    if one is None or one["clusterName"] != asked.parameters["clusterName"]:
        raise not_found(f"association {name}")
    return one


def _shown(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name != "clientRequestToken"}


def tags_of(arn: str) -> dict[str, str] | None:
    """The tags of an association, to be changed in place; None for another ARN."""
    for one in _associations.values():
        if one["associationArn"] == arn:
            tags: dict[str, str] = one["tags"]
            return tags
    return None


def _list_tags(asked: Asked) -> Mapping[str, Any]:
    return {"tags": _tags(asked)}


def _tag(asked: Asked) -> Mapping[str, Any]:
    _tags(asked).update(asked.parameters["tags"])
    return {}


def _untag(asked: Asked) -> Mapping[str, Any]:
    tags = _tags(asked)
    for key in asked.parameters["tagKeys"]:
        tags.pop(key, None)
    return {}


def _tags(asked: Asked) -> dict[str, str]:
    tags = tags_of(asked.parameters["resourceArn"])
    if tags is None:
        # A cluster's: moto's own.
        raise NotImplementedError
    return tags


ANSWERS: dict[tuple[str, str], Callable[[Asked], Mapping[str, Any]]] = {
    ("eks", "CreatePodIdentityAssociation"): _create,
    ("eks", "DescribePodIdentityAssociation"): _describe,
    ("eks", "ListPodIdentityAssociations"): _list,
    ("eks", "UpdatePodIdentityAssociation"): _update,
    ("eks", "DeletePodIdentityAssociation"): _delete,
    ("eks", "ListTagsForResource"): _list_tags,
    ("eks", "TagResource"): _tag,
    ("eks", "UntagResource"): _untag,
}
