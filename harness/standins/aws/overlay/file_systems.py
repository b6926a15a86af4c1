"""EFS: the backup policy, which moto can neither set nor show when it is off."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from moto.efs.models import FileSystem, efs_backends

from kfaws.harness.standins.aws.overlay.answers import not_found
from kfaws.harness.standins.aws.requests import Asked


def correct() -> None:
    """Nothing else."""


def _put(asked: Asked) -> Mapping[str, Any]:
    status = asked.parameters["BackupPolicy"]["Status"]
    _file_system(asked)._backup = status == "ENABLED"
    return {"BackupPolicy": {"Status": status}}


def _describe(asked: Asked) -> Mapping[str, Any]:
    return {"BackupPolicy": {"Status": "ENABLED" if _file_system(asked)._backup else "DISABLED"}}


def _file_system(asked: Asked) -> FileSystem:
    name = asked.parameters["FileSystemId"]
    found = efs_backends[os.environ["MOTO_ACCOUNT_ID"]][asked.region].file_systems_by_id.get(name)
    if found is None:
        raise not_found(f"file system {name}", "FileSystemNotFound")
    return found


ANSWERS: dict[tuple[str, str], Callable[[Asked], Mapping[str, Any]]] = {
    ("efs", "PutBackupPolicy"): _put,
    ("efs", "DescribeBackupPolicy"): _describe,
}
