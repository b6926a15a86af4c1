"""Clients of AWS, each made once: botocore's models are the largest part of this program's memory."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.model import ServiceModel, StructureShape

from kfaws.generator.errors import KfawsError

ANYBODY = "stand-in"
"""Key and secret: nobody checks them here."""
TIMEOUT = 10
"""Seconds for one call."""


@dataclass
class Aws:
    """Where AWS is, and as which account."""

    endpoint: str
    region: str
    account: str
    partition: str = "aws"
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def client(self, service: str, region: str | None = None) -> Any:
        """The client of a service in a region (by default our own)."""
        where = (service, region or self.region)
        with self._lock:
            if where not in self._clients:
                self._clients[where] = boto3.client(  # type: ignore[call-overload]
                    service,
                    region_name=where[1],
                    endpoint_url=self.endpoint,
                    aws_access_key_id=ANYBODY,
                    aws_secret_access_key=ANYBODY,
                    # Plain HTTP needs no certificates, wherever a variable may say that there are some.
                    verify=False if self.endpoint.startswith("http:") else None,
                    config=Config(
                        retries={"total_max_attempts": 2},
                        connect_timeout=TIMEOUT,
                        read_timeout=TIMEOUT,
                        s3={"addressing_style": "path"},
                        max_pool_connections=8,
                    ),
                )
            return self._clients[where]

    def input(self, service: str, operation: str) -> StructureShape:
        """The parameters of an operation, as the service's model describes them."""
        model: ServiceModel = self.client(service).meta.service_model
        shape = model.operation_model(operation).input_shape
        if shape is None:
            raise KfawsError(f"{operation} of {service} takes no parameters: the table of kinds is wrong")
        return shape

    def members(self, service: str, operation: str) -> dict[str, Any]:
        """Its parameters by name."""
        members: dict[str, Any] = self.input(service, operation).members
        return members


def call(client: Any, operation: str, **parameters: Any) -> dict[str, Any]:
    """Call an operation by the name that the service's model gives it (`CreateRole`)."""
    from botocore import xform_name

    answer: dict[str, Any] = getattr(client, xform_name(operation))(**parameters)
    answer.pop("ResponseMetadata", None)
    return answer
