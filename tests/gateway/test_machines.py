"""Machines: a token of the user pool on a host of their own, and a principal that the answers name."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from kfaws.generator.model import Object
from tests.gateway.client import Request
from tests.gateway.conftest import MACHINE_CLIENT, StartEnvoy
from tests.gateway.envoy import Envoy
from tests.gateway.hostile import carrying
from tests.gateway.hostile_requests import SPELLINGS
from tests.gateway.servers import Backend
from tests.gateway.test_verified_requests import admitted, identities
from tests.gateway.tokens import CLIENT, EMAIL, ISSUER, SigningKey, without_none

MACHINE_HOST = "api.platform.example.com"
PRINCIPAL = "ci@example.com"


def access_token(key: RSAKey, **changes: Any) -> str:
    """A machine's access token as Cognito issues it; a change to None leaves the claim out."""
    now = int(time.time())
    claims = {
        "sub": MACHINE_CLIENT,
        "token_use": "access",
        "scope": "kubeflow/access",
        "auth_time": now,
        "iss": ISSUER,
        "exp": now + 3600,
        "iat": now,
        "version": 2,
        "jti": "0b7c1f6e-1111-2222-3333-444455556666",
        "client_id": MACHINE_CLIENT,
    }
    return jwt.encode({"alg": "RS256", "kid": "pool"}, without_none(claims | changes), key)


def bearing(token: str, *more: tuple[str, bytes], host: str = MACHINE_HOST, path: str = "/") -> Request:
    """A request of a machine."""
    return Request(headers=(("Authorization", b"Bearer " + token.encode()), *more), host=host, path=path)


@pytest.mark.parametrize("host", [MACHINE_HOST, MACHINE_HOST + ":443", MACHINE_HOST.upper()])
def test_a_machine_is_admitted_as_the_principal_of_the_answers(
    envoy: Envoy, backend: Backend, pool_key: RSAKey, host: str
) -> None:
    headers = admitted(envoy, backend, bearing(access_token(pool_key), host=host))
    assert identities(headers) == [PRINCIPAL]
    assert "authorization" not in {name.lower() for name, _ in headers}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_machine_cannot_name_another_principal(
    envoy: Envoy, backend: Backend, pool_key: RSAKey, spelling: str
) -> None:
    spoofs = [(spelling, b"admin@example.com"), ("x-goog-authenticated-user-email", b"admin@example.com")]
    token = access_token(pool_key, username="admin@example.com", email="admin@example.com")
    assert identities(admitted(envoy, backend, bearing(token, *spoofs))) == [PRINCIPAL]


@dataclass(frozen=True)
class Hostile:
    """A hostile request to the host of machines, made with the user pool's key and the load balancer's."""

    name: str
    request: Callable[[RSAKey, SigningKey], Request]
    status: int = 403


def of_claims(name: str, status: int = 403, **changes: Any) -> Hostile:
    """A well signed token that differs in its claims."""
    return Hostile(name, lambda key, _: bearing(access_token(key, **changes)), status)


def resigned(key: RSAKey, algorithm: str, sign: Callable[[bytes], bytes]) -> Request:
    """The claims of a good token under another algorithm."""
    header = base64url(json.dumps({"alg": algorithm, "kid": "pool"}).encode())
    text = f"{header}.{access_token(key).split('.')[1]}"
    return bearing(f"{text}.{base64url(sign(text.encode()))}")


def base64url(part: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


def unsigned(key: RSAKey, _: SigningKey) -> Request:
    """The algorithm none."""
    return resigned(key, "none", lambda _: b"")


def hmac_of_public_key(key: RSAKey, _: SigningKey) -> Request:
    """The pool's public key misused as the secret of an HMAC."""
    secret = key.as_pem(private=False)
    return resigned(key, "HS256", lambda text: hmac.digest(secret, text, "sha256"))


def of_another_key(_: RSAKey, __: SigningKey) -> Request:
    """A token that somebody signed with a key of their own."""
    return bearing(access_token(RSAKey.generate_key(2048)))


def in_the_query(key: RSAKey, _: SigningKey) -> Request:
    """A token where logs and referrers would keep it."""
    return Request(host=MACHINE_HOST, path=f"/?access_token={access_token(key)}")


def of_a_user(_: RSAKey, key: SigningKey) -> Request:
    """A good token of the load balancer, which asks nobody to log in on this host."""
    return Request(host=MACHINE_HOST, headers=(("x-amzn-oidc-data", key.token().encode()),))


HOSTILE = [
    Hostile("nothing", lambda _, __: Request(host=MACHINE_HOST)),
    Hostile(
        "a spoofed header", lambda _, __: Request(host=MACHINE_HOST, headers=(("kubeflow-userid", b"a"),))
    ),
    Hostile("log-out", lambda _, __: Request(host=MACHINE_HOST, path="/logout")),
    Hostile(
        "a preflight",
        lambda key, _: Request(
            method="OPTIONS",
            host=MACHINE_HOST,
            headers=(("origin", b"https://evil.example.com"), ("access-control-request-method", b"GET")),
        ),
    ),
    of_claims("the browsers' client", client_id=CLIENT),
    of_claims("an unknown client", client_id="other"),
    of_claims("no client", client_id=None),
    of_claims("clients in a list", client_id=[MACHINE_CLIENT]),
    of_claims("an ID token", token_use="id", aud=MACHINE_CLIENT),
    of_claims("no use", token_use=None),
    of_claims("another issuer", 401, iss="https://cognito-idp.us-west-2.amazonaws.com/us-west-2_other0001"),
    of_claims("expired", 401, exp=int(time.time()) - 3600),
    of_claims("not valid yet", 401, nbf=int(time.time()) + 3600),
    Hostile("alg none", unsigned, 401),
    Hostile("HS256 with the public key", hmac_of_public_key, 401),
    Hostile("another key", of_another_key, 401),
    Hostile("no token after Bearer", lambda _, __: bearing("e30.e30.e30"), 401),
    Hostile("a token in the query", in_the_query),
    Hostile("a token of the load balancer", of_a_user),
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.name)
def test_hostile_request_of_a_machine_is_refused(
    envoy: Envoy, backend: Backend, pool_key: RSAKey, signing_key: SigningKey, hostile: Hostile
) -> None:
    assert envoy.send(hostile.request(pool_key, signing_key)).status == hostile.status
    assert backend.hits == []


def test_a_machines_token_opens_no_other_host(envoy: Envoy, backend: Backend, pool_key: RSAKey) -> None:
    request = bearing(access_token(pool_key), host="kubeflow.platform.example.com")
    assert envoy.send(request).status == 401
    assert backend.hits == []


@pytest.mark.parametrize("missing", ["verify-identity", "gateway-machines", "gateway-admit-machines"])
def test_no_part_of_the_machines_path_can_be_missing(
    start_envoy: StartEnvoy, objects: list[Object], backend: Backend, pool_key: RSAKey, missing: str
) -> None:
    rest = [o for o in objects if o["metadata"]["name"] != missing]
    with start_envoy(rest) as envoy:
        request = bearing(access_token(pool_key), ("kubeflow-userid", b"admin@example.com"))
        assert envoy.send(request).status == 403
    assert backend.hits == []


def test_the_last_filter_alone_refuses_what_no_policy_did(
    start_envoy: StartEnvoy, objects: list[Object], backend: Backend, pool_key: RSAKey
) -> None:
    wide: Object = {
        "kind": "AuthorizationPolicy",
        "metadata": {"name": "everything"},
        "spec": {"action": "ALLOW", "rules": [{}]},
    }
    tokens = [access_token(pool_key, client_id="other"), access_token(pool_key, token_use="id")]
    with start_envoy([*objects, wide]) as envoy:
        for token in tokens:
            assert envoy.send(bearing(token)).status == 401
        assert envoy.send(Request(host=MACHINE_HOST)).status == 401
        log = envoy.log_text()
    assert "for an unknown client" in log
    assert "not an access token" in log
    assert "no verified machine token" in log
    assert backend.hits == []


def test_without_settings_no_machine_gets_in_and_people_still_do(
    start_envoy: StartEnvoy,
    objects: list[Object],
    backend: Backend,
    pool_key: RSAKey,
    signing_key: SigningKey,
) -> None:
    rest = [o for o in objects if o["metadata"]["name"] != "gateway-machine-settings"]
    with start_envoy(rest) as envoy:
        assert envoy.send(bearing(access_token(pool_key))).status == 401
        assert backend.hits == []
        assert identities(admitted(envoy, backend, carrying(signing_key.token()))) == [EMAIL]
