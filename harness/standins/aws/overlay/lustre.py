"""FSx for Lustre: links of a file system to buckets (data repository associations), which moto has not."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from kfaws.harness.standins.aws.overlay.answers import identifier, not_found, now
from kfaws.harness.standins.aws.requests import Asked

_associations: dict[str, dict[str, Any]] = {}
GIVEN = ("FileSystemId", "FileSystemPath", "DataRepositoryPath", "BatchImportMetaDataOnCreate", "S3", "Tags")


def correct() -> None:
    """Nothing else."""


def _create(asked: Asked) -> Mapping[str, Any]:
    given = asked.parameters
    for one in _associations.values():
        if one["token"] and one["token"] == given.get("ClientRequestToken"):
            return {"Association": _shown(one)}
    name = identifier("dra-")
    place = f"{asked.region}:{os.environ['MOTO_ACCOUNT_ID']}"
    _associations[name] = {
        "AssociationId": name,
        "ResourceARN": f"arn:aws:fsx:{place}:association/{given.get('FileSystemId', '')}/{name}",
        "Lifecycle": "AVAILABLE",
        "CreationTime": now(),
        "ImportedFileChunkSize": given.get("ImportedFileChunkSize", 1024),
        **{key: given[key] for key in GIVEN if key in given},
        "token": given.get("ClientRequestToken", ""),
    }
    return {"Association": _shown(_associations[name])}


def _describe(asked: Asked) -> Mapping[str, Any]:
    wanted, found = asked.parameters.get("AssociationIds"), list(_associations.values())
    if wanted:
        for name in wanted:
            if name not in _associations:
                raise not_found(f"association {name}", "DataRepositoryAssociationNotFound", 400)
        found = [_associations[name] for name in wanted]
    for one in asked.parameters.get("Filters") or []:
        if one["Name"] == "file-system-id":
            found = [item for item in found if item.get("FileSystemId") in one["Values"]]
    return {"Associations": [_shown(item) for item in found]}


def _update(asked: Asked) -> Mapping[str, Any]:
    one, given = _one(asked), asked.parameters
    one.update({key: given[key] for key in ("ImportedFileChunkSize", "S3") if key in given})
    return {"Association": _shown(one)}


def _delete(asked: Asked) -> Mapping[str, Any]:
    one = _one(asked)
    del _associations[one["AssociationId"]]
    kept = bool(asked.parameters.get("DeleteDataInFileSystem"))
    return {"AssociationId": one["AssociationId"], "Lifecycle": "DELETING", "DeleteDataInFileSystem": kept}


def _one(asked: Asked) -> dict[str, Any]:
    name = asked.parameters["AssociationId"]
    if name not in _associations:
        raise not_found(f"association {name}", "DataRepositoryAssociationNotFound", 400)
    return _associations[name]


def _shown(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name != "token"}


ANSWERS: dict[tuple[str, str], Callable[[Asked], Mapping[str, Any]]] = {
    ("fsx", "CreateDataRepositoryAssociation"): _create,
    ("fsx", "DescribeDataRepositoryAssociations"): _describe,
    ("fsx", "UpdateDataRepositoryAssociation"): _update,
    ("fsx", "DeleteDataRepositoryAssociation"): _delete,
}
