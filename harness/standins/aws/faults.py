"""Faults that were asked for: calls that AWS throttles or fails for a while."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from kfaws.harness.standins.aws.overlay.answers import AwsError
from kfaws.harness.standins.aws.requests import Asked, protocol_of

KINDS = {
    "throttling": ("ThrottlingException", "Rate exceeded", 400),
    "error": ("InternalFailure", "We encountered an internal error. Please try again.", 500),
}
THROTTLED = {"ec2": "RequestLimitExceeded", "query": "Throttling", "rest-xml": "SlowDown"}
"""The word for it differs by protocol."""


@dataclass
class Fault:
    """One kind of failure, for some services or all, a share of calls, a number of times, some seconds."""

    kind: str
    services: tuple[str, ...]
    rate: float
    times: int | None
    until: float | None

    def hits(self, asked: Asked) -> bool:
        """Whether this call fails; counts it when it does."""
        if self.services and asked.service not in self.services:
            return False
        if self.times == 0 or (self.until is not None and time.monotonic() > self.until):
            return False
        if random.random() >= self.rate:  # noqa: S311 a share of calls is no secret
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """Those that hold now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self.hits = 0
        """Calls that were failed since the start."""

    def add(self, asked: Mapping[str, Any]) -> None:
        """Take what `POST /kfaws/faults` says; raises AwsError for what it cannot mean."""
        kind = asked.get("kind", "error")
        if kind not in KINDS:
            raise AwsError("ValidationException", f"kind must be one of {', '.join(KINDS)}")
        seconds = asked.get("seconds")
        until = time.monotonic() + float(seconds) if seconds is not None else None
        services = tuple(asked.get("services") or ())
        with self._lock:
            self._faults.append(Fault(kind, services, float(asked.get("rate", 1)), asked.get("times"), until))

    def end(self) -> None:
        """No more of them."""
        with self._lock:
            self._faults.clear()

    def refusal(self, asked: Asked) -> AwsError | None:
        """What this call is refused with; None: it goes on."""
        with self._lock:
            for fault in self._faults:
                if fault.hits(asked):
                    self.hits += 1
                    code, message, status = KINDS[fault.kind]
                    if fault.kind == "throttling":
                        code = THROTTLED.get(protocol_of(asked.service), code)
                    return AwsError(code, message, status)
        return None


def body_of(refused: AwsError, service: str) -> tuple[str, bytes]:
    """The content type and the body of a refusal, as the service's protocol writes it."""
    protocol = protocol_of(service)
    if protocol in ("json", "rest-json"):
        return "application/x-amz-json-1.1", orjson.dumps(
            {"__type": refused.code, "message": refused.message}
        )
    error = (
        f"<Error><Type>Sender</Type><Code>{refused.code}</Code><Message>{refused.message}</Message></Error>"
    )
    if protocol == "ec2":
        body = f"<Response><Errors>{error}</Errors><RequestID>0</RequestID></Response>"
    elif service == "s3":
        body = f'<?xml version="1.0" encoding="UTF-8"?>{error}'
    else:
        body = f"<ErrorResponse>{error}<RequestId>0</RequestId></ErrorResponse>"
    return "text/xml", body.encode()
