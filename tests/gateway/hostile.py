"""What a hostile request is, and the forger's tools to make one."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.gateway.client import Request
from tests.gateway.tokens import SigningKey, encode, encode_json, good_claims


@dataclass(frozen=True)
class Keys:
    """The key pairs that a forger may use; the gateway's own is there for tokens that are wrong elsewhere."""

    own: SigningKey
    foreign: SigningKey
    """Served by the key endpoint, as it belongs to another load balancer of the region."""
    unknown: SigningKey
    """Served nowhere."""


@dataclass(frozen=True)
class Case:
    """One hostile request, the class of attack that it belongs to, and why the gateway refuses it."""

    group: str
    name: str
    request: Callable[[Keys], Request]
    reason: str | None
    """Part of the line in the gateway's log; None when Envoy itself refuses and no filter runs."""
    status: int = 401


Token = Callable[[Keys], str]


def carrying(token: str | bytes, *more: tuple[str, bytes]) -> Request:
    """A request with a token of the load balancer."""
    text = token.encode() if isinstance(token, str) else token
    return Request(headers=(("x-amzn-oidc-data", text), *more))


def always(request: Request) -> Callable[[Keys], Request]:
    """A request that needs no key."""
    return lambda _: request


def token_case(group: str, name: str, reason: str, token: Token) -> Case:
    """A case that is wrong in its token only."""
    return Case(group, name, lambda keys: carrying(token(keys)), reason)


def header_case(group: str, reason: str, **changes: Any) -> Case:
    """A well signed token whose header differs in one field."""
    name = ", ".join(f"{field} {value!r:.140}" for field, value in changes.items())
    return token_case(group, name, reason, lambda keys: keys.own.token(keys.own.header(**changes)))


def claims_case(group: str, reason: str, **changes: Any) -> Case:
    """A well signed token whose payload differs in one claim."""
    name = ", ".join(f"claim {claim} {value!r:.140}" for claim, value in changes.items())
    return token_case(group, name, reason, lambda keys: keys.own.token(claims=good_claims(**changes)))


def signed_with(keys: Keys, algorithm: str, signature: Callable[[str], bytes]) -> str:
    """A token of any algorithm and any signature."""
    text = f"{encode_json(keys.own.header(alg=algorithm))}.{encode_json(good_claims())}"
    return f"{text}.{encode(signature(text))}"


def signature_of(algorithm: str, signature: bytes) -> Token:
    """A token of any algorithm with a fixed signature."""
    return lambda keys: signed_with(keys, algorithm, lambda _: signature)


def well_signed(algorithm: str) -> Token:
    """A token of any algorithm with the signature of a good one."""
    return lambda keys: signed_with(keys, algorithm, keys.own.sign)


def of_payload(payload: bytes) -> Token:
    """A well signed token of any payload."""
    return lambda keys: raw_claims(keys, payload)


def of_header_text(text: str) -> Token:
    """A token whose first part is this text."""
    return lambda keys: with_part(keys, 0, text)


def of_payload_text(text: str) -> Token:
    """A well signed token whose second part is this text."""

    def token(keys: Keys) -> str:
        signed = f"{encode_json(keys.own.header())}.{text}"
        return f"{signed}.{keys.own.signature(signed)}"

    return token


def fixed(token: str) -> Token:
    """A token of fixed text."""
    return lambda _: token


def hmac_of_public_key(digest: str) -> Token:
    """The public key misused as the secret of an HMAC."""
    return lambda keys: signed_with(
        keys, "HS256", lambda text: hmac.digest(keys.own.pem, text.encode(), digest)
    )


def with_part(keys: Keys, place: int, text: str) -> str:
    """A good token with one of its parts replaced."""
    parts = keys.own.token().split(".")
    parts[place] = text
    return ".".join(parts)


def raw_claims(keys: Keys, payload: bytes) -> str:
    """A well signed token of any payload."""
    text = f"{encode_json(keys.own.header())}.{encode(payload)}"
    return f"{text}.{keys.own.signature(text)}"


def last_letter_varied(keys: Keys) -> str:
    """A good token whose last letter differs in bits that no decoder needs: the same bytes."""
    body = keys.own.token().rstrip("=")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return body[:-1] + letters[letters.index(body[-1]) ^ 1] + "=="


def bit_flipped(keys: Keys) -> str:
    """A good token with one bit of its signature flipped."""
    head, payload, _ = keys.own.token().split(".")
    signature = bytearray(keys.own.sign(f"{head}.{payload}"))
    signature[40] ^= 1
    return f"{head}.{payload}.{encode(bytes(signature))}"
