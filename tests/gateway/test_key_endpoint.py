"""The load balancer's public keys: how they are asked for, what is kept, and what happens without them."""

from __future__ import annotations

import base64
import copy
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kfaws.generator.model import Object
from tests.gateway.conftest import USER_POOL, StartEnvoy
from tests.gateway.envoy import Envoy
from tests.gateway.generated import Gateway, made_by_kro
from tests.gateway.hostile import carrying
from tests.gateway.servers import Backend, KeyEndpoint, serving
from tests.gateway.tokens import SigningKey

PARALLEL = 20
"""More requests than new keys are fetched in a second."""


def pem_of(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def pem_block(body: bytes) -> bytes:
    return b"-----BEGIN PUBLIC KEY-----\n" + body + b"\n-----END PUBLIC KEY-----\n"


@contextmanager
def own_envoy(start_envoy: StartEnvoy, objects: list[Object], endpoint: KeyEndpoint) -> Iterator[Envoy]:
    """An Envoy whose caches are empty, and its own key endpoint."""
    with serving(endpoint) as port, start_envoy(objects, key_port=port) as envoy:
        yield envoy


def test_a_key_is_asked_for_once_and_by_its_id(
    start_envoy: StartEnvoy, objects: list[Object], backend: Backend, signing_key: SigningKey
) -> None:
    endpoint = KeyEndpoint({f"/{signing_key.kid}": signing_key.pem})
    with own_envoy(start_envoy, objects, endpoint) as envoy:
        statuses = [envoy.send(carrying(signing_key.token())).status for _ in range(3)]
    assert (statuses, len(backend.hits)) == ([200] * 3, 3)
    assert endpoint.asked == [f"/{signing_key.kid}"]


def test_a_key_is_asked_for_below_the_path_of_the_region(
    start_envoy: StartEnvoy, gateway: Gateway, backend: Backend, signing_key: SigningKey
) -> None:
    elsewhere = copy.deepcopy(gateway)
    elsewhere.claim["spec"]["keyPath"] = "/aws-elb-public-keys-prod-us-gov-west-1/"
    path = f"/aws-elb-public-keys-prod-us-gov-west-1/{signing_key.kid}"
    endpoint = KeyEndpoint({path: signing_key.pem})
    objects = gateway.static + made_by_kro(elsewhere, USER_POOL)
    with own_envoy(start_envoy, objects, endpoint) as envoy:
        assert envoy.send(carrying(signing_key.token())).status == 200
    assert endpoint.asked == [path]
    assert len(backend.hits) == 1


def test_a_page_that_opens_with_many_requests_is_no_flood(
    start_envoy: StartEnvoy, objects: list[Object], backend: Backend, signing_key: SigningKey
) -> None:
    together = threading.Barrier(PARALLEL, timeout=10)
    endpoint = KeyEndpoint({f"/{signing_key.kid}": signing_key.pem}, hold=together.wait)
    with own_envoy(start_envoy, objects, endpoint) as envoy, ThreadPoolExecutor(PARALLEL) as pool:
        requests = [carrying(signing_key.token()) for _ in range(PARALLEL)]
        assert [answer.status for answer in pool.map(envoy.send, requests)] == [200] * PARALLEL
    assert len(backend.hits) == PARALLEL


def test_a_key_that_was_not_found_is_not_asked_for_again_at_once(
    start_envoy: StartEnvoy, objects: list[Object], backend: Backend, signing_key: SigningKey
) -> None:
    endpoint = KeyEndpoint()
    with own_envoy(start_envoy, objects, endpoint) as envoy:
        assert [envoy.send(carrying(signing_key.token())).status for _ in range(3)] == [401] * 3
        assert "could not be had a moment ago" in envoy.log_text()
    assert (endpoint.asked, backend.hits) == ([f"/{signing_key.kid}"], [])


def test_a_flood_of_unknown_keys_is_bounded_and_pushes_no_key_out(
    start_envoy: StartEnvoy, objects: list[Object], backend: Backend, signing_key: SigningKey
) -> None:
    endpoint = KeyEndpoint({f"/{signing_key.kid}": signing_key.pem})
    with own_envoy(start_envoy, objects, endpoint) as envoy:
        assert envoy.send(carrying(signing_key.token())).status == 200
        start = int(time.time())
        for _ in range(300):
            header = signing_key.header(kid=str(uuid.uuid4()))
            assert envoy.send(carrying(signing_key.token(header))).status == 401
        seconds = int(time.time()) - start + 1
        assert len(endpoint.asked) <= 10 * seconds + 1 < 300
        assert "too many unknown signing keys" in envoy.log_text()
        assert envoy.send(carrying(signing_key.token())).status == 200
    assert endpoint.asked.count(f"/{signing_key.kid}") == 1
    assert len(backend.hits) == 2


WRONG_KEYS = {
    "nothing": b"",
    "an error page": b"<html>busy</html>",
    "a key of another curve": pem_of(ec.generate_private_key(ec.SECP384R1()).public_key()),
    "a key of another curve of the same size": pem_of(ec.generate_private_key(ec.SECP256K1()).public_key()),
    "an RSA key": pem_of(rsa.generate_private_key(65537, 2048).public_key()),
    "no key of the right length": pem_block(base64.b64encode(bytes(91))),
    "no base64": pem_block(b"!!!!"),
    "a long answer": pem_block(b"A" * 100_000),
}


@pytest.mark.parametrize("body", WRONG_KEYS.values(), ids=WRONG_KEYS.keys())
def test_what_is_no_key_of_ours_admits_nobody(
    envoy: Envoy, key_endpoint: KeyEndpoint, backend: Backend, body: bytes
) -> None:
    key = SigningKey()
    key_endpoint.keys[f"/{key.kid}"] = body
    assert envoy.send(carrying(key.token())).status == 401
    assert f"the signing key {key.kid} could not be fetched" in envoy.log_text()
    assert backend.hits == []


@pytest.mark.parametrize("status", [203, 302, 404, 500])
def test_a_key_under_any_other_status_admits_nobody(
    start_envoy: StartEnvoy, objects: list[Object], backend: Backend, signing_key: SigningKey, status: int
) -> None:
    endpoint = KeyEndpoint({f"/{signing_key.kid}": signing_key.pem}, status=status)
    with own_envoy(start_envoy, objects, endpoint) as envoy:
        assert envoy.send(carrying(signing_key.token())).status == 401
        assert f"could not be fetched: status {status}" in envoy.log_text()
    assert backend.hits == []


def test_a_point_that_is_not_on_the_curve_admits_nobody(
    envoy: Envoy, key_endpoint: KeyEndpoint, backend: Backend
) -> None:
    key = SigningKey()
    lines = key.pem.splitlines(keepends=True)
    key_endpoint.keys[f"/{key.kid}"] = b"".join(
        [lines[0], lines[1], lines[2][:20], b"AAAA", lines[2][24:], lines[3]]
    )
    assert envoy.send(carrying(key.token())).status == 401
    assert backend.hits == []


def test_a_slow_endpoint_admits_nobody(
    start_envoy: StartEnvoy, objects: list[Object], backend: Backend, signing_key: SigningKey
) -> None:
    over = threading.Event()
    endpoint = KeyEndpoint({f"/{signing_key.kid}": signing_key.pem}, hold=over.wait)
    with own_envoy(start_envoy, objects, endpoint) as envoy:
        assert envoy.send(carrying(signing_key.token())).status == 401
        assert "could not be fetched: status 504" in envoy.log_text()
        over.set()
    assert backend.hits == []


def test_an_endpoint_that_is_down_admits_nobody(
    start_envoy: StartEnvoy, objects: list[Object], backend: Backend, signing_key: SigningKey
) -> None:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        with start_envoy(objects, key_port=unused.getsockname()[1]) as envoy:
            assert envoy.send(carrying(signing_key.token())).status == 401
            assert "could not be fetched: status 503" in envoy.log_text()
    assert backend.hits == []
