"""RDS: a changed subnet group stays, which moto loses; and instances have database servers."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from moto.rds.models import DBInstance, DBSnapshot, DBSubnetGroup, RDSBackend, rds_backends

from kfaws.harness.standins.aws.databases import AVAILABLE, CREATING, RESETTING, UNSTARTABLE, Databases
from kfaws.harness.standins.aws.overlay.answers import AwsError
from kfaws.harness.standins.aws.requests import Asked


def correct() -> None:
    """Put the group back after moto's own change of it."""
    changed = RDSBackend.modify_db_subnet_group

    def modify(self: RDSBackend, subnet_name: str, description: str, subnets: list[Any]) -> DBSubnetGroup:
        group = changed(self, subnet_name, description, subnets)
        self.subnet_groups[subnet_name] = group
        return group

    RDSBackend.modify_db_subnet_group = modify  # type: ignore[method-assign]


def instances() -> list[DBInstance]:
    """All there are, of every region."""
    backends = rds_backends[os.environ["MOTO_ACCOUNT_ID"]]
    return [instance for region in list(backends) for instance in list(backends[region].databases.values())]


def stand_on(databases: Databases) -> None:
    """Let instances have servers; once, before the first request."""
    _hide_endpoint()
    _with_changes(databases)
    _with_snapshots(databases)
    for operation, follow in (
        ("delete_db_instance", databases.delete),
        ("reboot_db_instance", databases.reboot),
        ("stop_db_instance", databases.stop),
        ("start_db_instance", databases.start),
    ):
        _let_follow(operation, databases, follow)


def _hide_endpoint() -> None:
    """RDS names no endpoint before there is one."""
    shown = DBInstance.endpoint

    def endpoint(self: DBInstance) -> dict[str, Any] | None:
        return None if self.status == CREATING else shown.fget(self)  # type: ignore[attr-defined]  # a property

    DBInstance.endpoint = property(endpoint)  # type: ignore[assignment,method-assign]


def _let_follow(operation: str, databases: Databases, follow: Callable[[DBInstance], None]) -> None:
    """Do to the server what moto has done to the instance."""
    done = getattr(RDSBackend, operation)

    def followed(self: RDSBackend, *arguments: Any, **named: Any) -> DBInstance:
        instance: DBInstance = done(self, *arguments, **named)
        if databases.serves(instance):
            follow(instance)
        return instance

    setattr(RDSBackend, operation, followed)


def _with_changes(databases: Databases) -> None:
    """Creation and change, whose arguments say what the server needs."""
    created, changed = RDSBackend.create_db_instance, RDSBackend.modify_db_instance

    def create(self: RDSBackend, db_kwargs: dict[str, Any]) -> DBInstance:
        snapshot = db_kwargs.pop(SNAPSHOT, None)
        instance = created(self, db_kwargs)
        if databases.serves(instance):
            databases.create(instance, snapshot)
        return instance

    def modify(self: RDSBackend, db_instance_identifier: str, db_kwargs: dict[str, Any]) -> DBInstance:
        instance = changed(self, db_instance_identifier, db_kwargs)
        secret = any(db_kwargs.get(name) is not None for name in OF_THE_PASSWORD)
        if secret and databases.serves(instance):
            databases.reset_master(instance)
        return instance

    RDSBackend.create_db_instance = create  # type: ignore[method-assign]
    RDSBackend.modify_db_instance = modify  # type: ignore[method-assign]


def _with_snapshots(databases: Databases) -> None:
    """Snapshots with the data of their moment, and instances made of them."""
    taken, restored = RDSBackend.create_db_snapshot, RDSBackend.restore_db_instance_from_db_snapshot

    def take(self: RDSBackend, db_instance_identifier: str, *rest: Any, **more: Any) -> DBSnapshot:
        snapshot = taken(self, db_instance_identifier, *rest, **more)
        instance = self.databases[db_instance_identifier]
        # moto takes automated ones of instances that are just being made.
        if snapshot.snapshot_type == "manual" and databases.serves(instance):
            databases.snapshot(instance, snapshot)
        return snapshot

    def restore(self: RDSBackend, from_snapshot_id: str, overrides: dict[str, Any]) -> DBInstance:
        # moto hands it on to `create`.
        name = from_snapshot_id.rpartition(":")[2].lower()
        return restored(self, from_snapshot_id, {**overrides, SNAPSHOT: name})

    RDSBackend.create_db_snapshot = take  # type: ignore[method-assign]
    RDSBackend.restore_db_instance_from_db_snapshot = restore  # type: ignore[method-assign]


SNAPSHOT = "kfaws_snapshot"
OF_THE_PASSWORD = (
    "master_user_password",
    "manage_master_user_password",
    "rotate_master_user_password",
)
CHANGED_IN = frozenset({AVAILABLE, RESETTING, "storage-optimization", UNSTARTABLE})
"""States in which RDS takes changes."""


def _settled(asked: Asked) -> Mapping[str, Any]:
    """moto changes an instance in any state; and it fails over what has nothing to fail over to."""
    name = asked.parameters.get("DBInstanceIdentifier", "").lower()
    instance = rds_backends[os.environ["MOTO_ACCOUNT_ID"]][asked.region].databases.get(name)
    if instance and instance.status not in CHANGED_IN:
        words = f"Instance {name} is not in available state but {instance.status}."
        raise AwsError("InvalidDBInstanceState", words)
    failover = asked.parameters.get("ForceFailover", "").lower() == "true"
    if instance and failover and not instance.multi_az:
        words = "ForceFailover cannot be specified since the instance is not configured for Multi-AZ."
        raise AwsError("InvalidParameterCombination", words)
    raise NotImplementedError


ANSWERS: dict[tuple[str, str], Callable[[Asked], Mapping[str, Any]]] = {
    ("rds", "ModifyDBInstance"): _settled,
    ("rds", "RebootDBInstance"): _settled,
}
