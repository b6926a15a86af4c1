"""RDS: a changed subnet group stays, which moto loses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.rds.models import DBSubnetGroup, RDSBackend

from kfaws.harness.standins.aws.requests import Asked

ANSWERS: dict[tuple[str, str], Callable[[Asked], Mapping[str, Any]]] = {}


def correct() -> None:
    """Put the group back after moto's own change of it."""
    changed = RDSBackend.modify_db_subnet_group

    def modify(self: RDSBackend, subnet_name: str, description: str, subnets: list[Any]) -> DBSubnetGroup:
        group = changed(self, subnet_name, description, subnets)
        self.subnet_groups[subnet_name] = group
        return group

    RDSBackend.modify_db_subnet_group = modify  # type: ignore[method-assign]
