"""Clients of AWS, each made once: botocore's models are the largest part of this program's memory."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
import botocore.session
import httpx
from botocore.config import Config
from botocore.credentials import CredentialProvider, CredentialResolver, DeferredRefreshableCredentials
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.loaders import Loader
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
    credentials: str = ""
    """The URL at which a pod of ours would get its role's credentials; empty: anybody's do."""
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def client(self, service: str, region: str | None = None) -> Any:
        """The client of a service in a region (by default our own)."""
        where = (service, region or self.region)
        with self._lock:
            if where not in self._clients:
                self._clients[where] = self._session().client(  # type: ignore[call-overload]
                    service,
                    region_name=where[1],
                    endpoint_url=self.endpoint,
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

    def with_credentials(self, url: str) -> Aws:
        """The same account, as the role whose credentials are at that URL."""
        return Aws(self.endpoint, self.region, self.account, self.partition, url)

    def _session(self) -> boto3.Session:
        session = botocore.session.get_session()
        session.register_component("data_loader", _loader())
        if not self.credentials:
            session.set_credentials(ANYBODY, ANYBODY)
        else:
            resolver = CredentialResolver([_PodIdentity(self._fetch)])
            session.register_component("credential_provider", resolver)
        return boto3.Session(botocore_session=session)

    def _fetch(self) -> dict[str, str]:
        """Credentials as the Pod Identity agent gives them; ClientError with its words when it refuses."""
        try:
            answer = httpx.get(self.credentials, timeout=TIMEOUT)
        except httpx.HTTPError as error:
            raise EndpointConnectionError(endpoint_url=self.credentials, error=error) from error
        content = answer.json()
        if not answer.is_success:
            refusal: Any = {"Error": {"Code": content["code"], "Message": content["message"]}}
            raise ClientError(refusal, "AssumeRoleForPodIdentity")
        return {
            "access_key": content["AccessKeyId"],
            "secret_key": content["SecretAccessKey"],
            "token": content["Token"],
            "expiry_time": content["Expiration"],
        }

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


class _PodIdentity(CredentialProvider):
    """Where a session looks for credentials: they are fetched when first needed, and when they expire."""

    METHOD = "pod-identity"

    def __init__(self, fetch: Callable[[], dict[str, str]]) -> None:
        super().__init__()
        self._fetch = fetch

    def load(self) -> DeferredRefreshableCredentials:
        """What a session asks for."""
        return DeferredRefreshableCredentials(self._fetch, self.METHOD)


@cache
def _loader() -> Loader:
    """One for all sessions: it keeps the models that it has read."""
    return Loader()


def call(client: Any, operation: str, **parameters: Any) -> dict[str, Any]:
    """Call an operation by the name that the service's model gives it (`CreateRole`)."""
    from botocore import xform_name

    answer: dict[str, Any] = getattr(client, xform_name(operation))(**parameters)
    answer.pop("ResponseMetadata", None)
    return answer
