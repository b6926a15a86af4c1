"""What was asked of AWS: a record of all calls that change something."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from kfaws.harness.standins.aws.requests import Asked

LOOKING = ("Get", "List", "Describe", "Lookup", "Head", "GET", "HEAD", "Query", "BatchGet", "Check")
HINTS = ("Name", "Id", "Identifier", "Arn", "ARN")
KEPT = 20_000


class Calls:
    """The newest calls, numbered from 1."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[dict[str, Any]] = []
        self._number = 0

    def add(self, asked: Asked, status: int) -> None:
        """Remember a call, if it was more than a look."""
        if asked.operation.startswith(LOOKING):
            return
        with self._lock:
            self._number += 1
            call = {
                "sequence": self._number,
                "service": asked.service,
                "operation": asked.operation,
                "resource": _resource(asked),
                "status": status,
                "key": asked.key,
            }
            self._calls.append(call)
            del self._calls[:-KEPT]

    def found(self, service: str = "", operation: str = "") -> Sequence[dict[str, Any]]:
        """Those of a service and an operation; empty words mean any."""
        with self._lock:
            return [
                call
                for call in self._calls
                if service in ("", call["service"]) and operation in ("", call["operation"])
            ]


def _resource(asked: Asked) -> str:
    """The first parameter that looks like a name."""
    for name, value in asked.parameters.items():
        if isinstance(value, str) and name.endswith(HINTS):
            return value
    return ""
