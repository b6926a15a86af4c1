"""Who is let in, and as whom."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from kfaws.generator.model import Object
from tests.gateway.client import Request
from tests.gateway.conftest import StartEnvoy
from tests.gateway.envoy import Envoy
from tests.gateway.hostile import carrying
from tests.gateway.hostile_requests import SPELLINGS
from tests.gateway.servers import Backend, Headers
from tests.gateway.tokens import EMAIL, SigningKey, good_claims


def identities(headers: Headers) -> list[str]:
    """Everything in the headers that some server would take for an identity."""
    return [value for name, value in headers if name.lower().replace("_", "-").startswith("kubeflow-")]


def admitted(envoy: Envoy, backend: Backend, request: Request) -> Headers:
    """The headers with which the request reached the workload."""
    answer = envoy.send(request)
    assert (answer.status, answer.body) == (200, b"reached"), envoy.log_text()
    [headers] = backend.hits
    return headers


def test_a_user_is_admitted_under_the_address_in_the_token(
    envoy: Envoy, backend: Backend, signing_key: SigningKey
) -> None:
    assert identities(admitted(envoy, backend, carrying(signing_key.token()))) == [EMAIL]


def test_no_token_of_the_load_balancer_reaches_a_workload(
    envoy: Envoy, backend: Backend, signing_key: SigningKey
) -> None:
    more = [("X-Amzn-Oidc-Identity", b"x"), ("x-amzn-oidc-accesstoken", b"x")]
    headers = admitted(envoy, backend, carrying(signing_key.token(), *more))
    assert not [name for name, _ in headers if name.lower().startswith("x-amzn-oidc")]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_spoofed_identity_beside_a_good_token_is_removed(
    envoy: Envoy, backend: Backend, signing_key: SigningKey, spelling: str
) -> None:
    spoofs = [(spelling, b"admin@example.com"), (spelling.swapcase(), b"root@example.com")]
    request = carrying(signing_key.token(), *spoofs)
    before = Request(headers=(*spoofs, *request.headers))
    assert identities(admitted(envoy, backend, before)) == [EMAIL]


def test_a_header_after_a_bare_line_feed_is_removed_too(
    envoy: Envoy, backend: Backend, signing_key: SigningKey
) -> None:
    hidden = ("x-note", b"x\nkubeflow-userid: admin@example.com")
    assert identities(admitted(envoy, backend, carrying(signing_key.token(), hidden))) == [EMAIL]


def test_a_token_without_padding_is_admitted(envoy: Envoy, backend: Backend, signing_key: SigningKey) -> None:
    header, claims, _ = signing_key.token().split(".")
    text = f"{header.rstrip('=')}.{claims.rstrip('=')}"
    admitted(envoy, backend, carrying(f"{text}.{signing_key.signature(text).rstrip('=')}"))


@pytest.mark.parametrize(
    "email", ["user@example.com", "First.Last+tag@sub.example.co", "o'neil_x%y@example.com", "A@b"]
)
def test_usual_addresses_are_admitted(
    envoy: Envoy, backend: Backend, signing_key: SigningKey, email: str
) -> None:
    request = carrying(signing_key.token(claims=good_claims(email=email)))
    assert identities(admitted(envoy, backend, request)) == [email]


@pytest.mark.parametrize(
    "claims",
    [
        {"name": 'Zoë "Z" \\ /\b\f\n\r\t \U0001f600', "custom:team": None},
        {"address": {"formatted": "1 Street\nTown", "codes": [1, -2.5, 3e2, True, False, []]}, "empty": {}},
        {"nbf": 0, "iat": 0, "email_verified": "true"},
    ],
)
def test_other_claims_are_read_and_left_alone(
    envoy: Envoy, backend: Backend, signing_key: SigningKey, claims: dict[str, Any]
) -> None:
    request = carrying(signing_key.token(claims=good_claims() | claims))
    assert identities(admitted(envoy, backend, request)) == [EMAIL]


@pytest.mark.parametrize("verified", [None, "false"])
@pytest.mark.parametrize("form", ["list", "text"])
def test_a_trusted_provider_vouches_for_its_addresses(
    envoy: Envoy, backend: Backend, signing_key: SigningKey, verified: str | None, form: str
) -> None:
    linked = [{"userId": "1", "providerName": "Corporate", "providerType": "SAML", "primary": "true"}]
    claim = linked if form == "list" else json.dumps(linked)
    claims = good_claims(email_verified=verified, identities=claim)
    assert identities(admitted(envoy, backend, carrying(signing_key.token(claims=claims)))) == [EMAIL]


def test_a_known_token_is_refused_once_it_has_expired(
    envoy: Envoy, backend: Backend, signing_key: SigningKey
) -> None:
    expiry = int(time.time()) + 2
    request = carrying(signing_key.token(signing_key.header(exp=expiry)))
    admitted(envoy, backend, request)
    while time.time() < expiry + 0.1:  # the filter's clock ticks a few milliseconds late
        envoy.send(request)
    assert envoy.send(request).status == 401
    assert "the token has expired" in envoy.log_text().splitlines()[-1]


def test_memory_does_not_grow_with_the_number_of_tokens(
    start_envoy: StartEnvoy, objects: list[Object], backend: Backend, signing_key: SigningKey
) -> None:
    def users(numbers: range) -> list[list[str]]:
        for number in numbers:
            claims = good_claims(email=f"user{number}@example.com", groups="x" * 11_000)
            assert envoy.send(carrying(signing_key.token(claims=claims))).status == 200
        return [[f"user{number}@example.com"] for number in numbers]

    with start_envoy(objects) as envoy:
        expected = users(range(550))  # more than the filter keeps
        before = envoy.memory()
        expected += users(range(550, 1150))
        assert envoy.memory() - before < 6_000_000  # keeping them all would take twice as much
    assert [identities(headers) for headers in backend.hits] == expected


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_log_out_ends_the_session_of_load_balancer_and_pool(
    envoy: Envoy, backend: Backend, method: str
) -> None:
    answer = envoy.send(Request(path="/logout?logout_uri=https://evil.example.com", method=method))
    assert answer.status == 302
    assert answer.headers["location"] == (
        "https://kubeflow-123456789012.auth.us-west-2.amazoncognito.com/logout?client_id=1example23456789"
        "&logout_uri=https%3A%2F%2Fkubeflow.platform.example.com%2F"
    )
    cookies = answer.headers.get_all("set-cookie", [])
    assert [cookie.split("=")[0] for cookie in cookies] == [f"AWSELBAuthSessionCookie-{n}" for n in range(4)]
    assert all("Max-Age=0" in cookie and "Secure" in cookie and "HttpOnly" in cookie for cookie in cookies)
    assert answer.headers["cache-control"] == "no-store"
    assert backend.hits == []
