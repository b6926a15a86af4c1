"""Tokens whose text or claims are hostile, although the signature may be good."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.gateway.hostile import (
    Case,
    always,
    carrying,
    claims_case,
    fixed,
    of_header_text,
    of_payload,
    of_payload_text,
    raw_claims,
    token_case,
    with_part,
)
from tests.gateway.tokens import EMAIL, good_claims


def texts() -> Iterator[Case]:
    """Tokens that are no tokens."""
    for name, text in (("one part", "e30"), ("two parts", "e30.e30"), ("dots", "..")):
        yield token_case("truncated", name, "three parts", fixed(text))
    yield token_case("truncated", "blank", "no token", fixed(" "))
    yield token_case(
        "truncated", "half of a token", "three parts", lambda k: k.own.token()[: len(k.own.token()) // 2]
    )
    yield token_case("truncated", "without its signature", "three parts", lambda k: with_part(k, 2, ""))
    yield token_case("truncated", "four parts", "three parts", lambda k: k.own.token() + ".e30")
    yield token_case(
        "oversized", "a claim of 20 KB", "too long", lambda k: k.own.token(claims=good_claims(x="x" * 20000))
    )
    for body in ("e30!", "e30=e30=", "e3", "e31", "+/+/", "e30====", "e"):
        yield token_case("not base64url", f"{body} as header", "not base64url", of_header_text(body))
        yield token_case("not base64url", f"{body} as payload", "not base64url", of_payload_text(body))
    yield Case("oversized", "headers of 80 KB", always(carrying("x" * 80000)), None, 431)
    for raw, reason in ((b"\xff\xfe\xfd", "three parts"), (b"\xff.\xfe.\xfd", "signature is malformed")):
        yield Case("not UTF-8", f"{raw!r}", always(carrying(raw)), reason)
    yield token_case(
        "not UTF-8",
        "in the e-mail address",
        "no usable e-mail",
        lambda k: raw_claims(
            k,
            json.dumps(good_claims()).replace(EMAIL, "\udcff@example.com").encode("utf-8", "surrogateescape"),
        ),
    )


def payloads() -> Iterator[Case]:
    """Payloads that are well signed and no JSON object."""
    for name, payload in (
        ("no JSON", b"user"),
        ("a list", b"[]x"),
        ("a string", b'"user"'),
        ("text after it", b"{}{}"),
        ("no end", b'{"email":"user@example.com"'),
        ("a bare word", b'{"email":user}'),
        ("NaN", b'{"exp":NaN}'),
        ("a raw line break", b'{"email":"user\n@example.com"}'),
        ("a name twice", b'{"email":"user@example.com","email":"admin@example.com"}'),
        ("a trailing comma", b'{"email":"user@example.com",}'),
        ("a deep nest", b'{"a":' + b"[" * 1000 + b"]" * 1000 + b"}"),
        ("a lone escape", b'{"email":"\\x41@example.com"}'),
        ("nothing", b" "),
    ):
        yield token_case("malformed JSON", name, "malformed JSON", of_payload(payload))


def addresses() -> Iterator[Case]:
    """E-mail addresses that name nobody, or nobody for certain."""
    for verified in ("false", "TRUE", "", True, 1, ["true"], None):
        yield claims_case("unverified e-mail", "not verified", email_verified=verified)
    for email in (
        "user@example.com\r\nkubeflow-userid: admin@example.com",
        "user@example.com,admin@example.com",
        "user@example.com admin@example.com",
        "\N{CYRILLIC SMALL LETTER A}dmin@example.com",
        "user",
        "@example.com",
        "x" * 250 + "@example.com",
        ["user@example.com"],
        "",
        None,
    ):
        yield claims_case("unusable e-mail", "no usable e-mail", email=email)
    for identities in (
        [{"providerName": "Google"}],
        [{"providerName": "Corporate"}, {"providerName": "Google"}],
        [],
        ["Corporate"],
        {"providerName": "Corporate"},
        json.dumps([{"providerName": "corporate"}]),
        "Corporate",
    ):
        reason = "malformed JSON" if identities == "Corporate" else "not verified"
        yield claims_case("untrusted provider", reason, email_verified=None, identities=identities)


def claims_cases() -> list[Case]:
    """All of them."""
    return [case for source in (texts, payloads, addresses) for case in source()]
