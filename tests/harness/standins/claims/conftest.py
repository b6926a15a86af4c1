"""One moto for all tests of the claim reconciler, emptied before each."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from moto.server import ThreadedMotoServer

from kfaws.harness.standins.claims.aws import Aws
from tests.harness.standins.claims.world import World


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def aws(moto: str) -> Aws:
    return Aws(moto, "us-west-2", "123456789012")


@pytest.fixture
def world(aws: Aws) -> World:
    httpx.post(f"{aws.endpoint}/moto-api/reset", timeout=10).raise_for_status()
    return World(aws)
