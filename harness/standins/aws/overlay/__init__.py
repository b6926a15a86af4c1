"""What moto lacks or does otherwise: one module a service, and the one list of it all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kfaws.harness.standins.aws.overlay import (
    certificates,
    databases,
    file_systems,
    lustre,
    pod_identity,
    user_pools,
)
from kfaws.harness.standins.aws.overlay.answers import AwsError
from kfaws.harness.standins.aws.overlay.databases import stand_on
from kfaws.harness.standins.aws.requests import Asked

Answer = Callable[[Asked], Mapping[str, Any]]

MODULES = (certificates, databases, file_systems, lustre, pod_identity, user_pools)
ANSWERS: dict[tuple[str, str], Answer] = {
    key: answer for module in MODULES for key, answer in module.ANSWERS.items()
}
"""Operations that we answer in moto's place, by service and operation."""

__all__ = ["ANSWERS", "Answer", "AwsError", "correct", "stand_on"]


def correct() -> None:
    """Change what moto does otherwise than AWS; once, before the first request."""
    for module in MODULES:
        module.correct()
