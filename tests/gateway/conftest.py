"""One gateway, one key endpoint, one workload and one Envoy for the whole run; variants start their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import pytest
from joserfc.jwk import RSAKey

from kfaws.generator.model import Object
from tests.gateway.envoy import Envoy, configuration, running
from tests.gateway.generated import Gateway, generate, made_by_kro, read_gateway
from tests.gateway.servers import Backend, KeyEndpoint, serving
from tests.gateway.tokens import CLIENT, ISSUER, SigningKey

MACHINE_CLIENT = "7machine23456789"
USER_POOL = {
    "clientId": CLIENT,
    "issuer": ISSUER,
    "loginHost": "kubeflow-123456789012.auth.us-west-2.amazoncognito.com",
    "machine-ci": MACHINE_CLIENT,
}
ANSWERS = {
    "machine_clients": [{"name": "ci", "principal": "ci@example.com"}],
    "saml_providers": [{"name": "Corporate", "metadata_url": "https://idp.example.com/metadata"}],
    "trusted_providers": ["Corporate"],
}


class StartEnvoy(Protocol):
    """Start an Envoy of one's own for a list of objects."""

    def __call__(
        self, objects: list[Object], *, key_port: int | None = None
    ) -> AbstractContextManager[Envoy]:
        """`key_port` is where the key endpoint is, if it is not the common one."""


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The walkthrough's environment with a machine client and a trusted provider."""
    return generate(tmp_path_factory.mktemp("generated"), ANSWERS)


@pytest.fixture(scope="session")
def gateway(repository: Path) -> Gateway:
    """The gateway's objects in that environment."""
    return read_gateway(repository)


@pytest.fixture(scope="session")
def objects(gateway: Gateway) -> list[Object]:
    """Everything that istiod would know about this gateway."""
    return gateway.static + made_by_kro(gateway, USER_POOL)


@pytest.fixture(scope="session")
def signing_key() -> SigningKey:
    """The key pair of our load balancer."""
    return SigningKey()


@pytest.fixture(scope="session")
def foreign_key() -> SigningKey:
    """The key pair of somebody else's load balancer in the same region, served by the same endpoint."""
    return SigningKey()


@pytest.fixture(scope="session")
def pool_key() -> RSAKey:
    """The key with which the user pool signs its own tokens."""
    return RSAKey.generate_key(2048, {"kid": "pool", "alg": "RS256", "use": "sig"})


@pytest.fixture(scope="session")
def key_endpoint(signing_key: SigningKey, foreign_key: SigningKey) -> KeyEndpoint:
    """The region's key endpoint."""
    return KeyEndpoint({f"/{key.kid}": key.pem for key in (signing_key, foreign_key)})


@pytest.fixture(scope="session")
def key_port(key_endpoint: KeyEndpoint) -> Iterator[int]:
    """Port of the key endpoint."""
    with serving(key_endpoint) as port:
        yield port


@pytest.fixture(scope="session")
def workload() -> Iterator[tuple[Backend, int]]:
    """The workload behind the gateway, and its port."""
    backend = Backend()
    with serving(backend) as port:
        yield backend, port


@pytest.fixture
def backend(workload: tuple[Backend, int]) -> Backend:
    """The workload, without the hits of earlier tests."""
    workload[0].hits.clear()
    return workload[0]


@pytest.fixture(scope="session")
def start_envoy(
    workload: tuple[Backend, int],
    gateway: Gateway,
    key_port: int,
    pool_key: RSAKey,
    tmp_path_factory: pytest.TempPathFactory,
) -> StartEnvoy:
    """Start an Envoy of one's own."""
    default_key_port = key_port

    def start(objects: list[Object], *, key_port: int | None = None) -> AbstractContextManager[Envoy]:
        ports = {
            "backend": workload[1],
            f"outbound|443||{gateway.claim['spec']['keyHost']}": key_port or default_key_port,
        }
        jwks: Object = {"keys": [pool_key.as_dict(private=False)]}
        return running(configuration(objects, ports, jwks), tmp_path_factory.mktemp("envoy"))

    return start


@pytest.fixture(scope="session")
def envoy(start_envoy: StartEnvoy, objects: list[Object]) -> Iterator[Envoy]:
    """The gateway as generated."""
    with start_envoy(objects) as envoy:
        yield envoy
