"""Tokens whose header or signature is hostile: each is one thing away from a good one."""

from __future__ import annotations

import time
from collections.abc import Iterator

from tests.gateway.hostile import (
    Case,
    bit_flipped,
    claims_case,
    header_case,
    hmac_of_public_key,
    last_letter_varied,
    signature_of,
    token_case,
    well_signed,
    with_part,
)
from tests.gateway.tokens import CLIENT, SIGNER, encode_json, good_claims

PAST = 1_000_000_000
FUTURE = 4_000_000_000


def algorithms() -> Iterator[Case]:
    """Algorithms that are not ours."""
    for name in ("none", "None", "NONE"):
        yield token_case("alg none", f"{name}, no signature", "three parts", signature_of(name, b""))
        yield token_case("alg none", f"{name}, signed", "algorithm", well_signed(name))
    group = "HS256 with the public key"
    yield token_case(group, "32 bytes", "signature is malformed", hmac_of_public_key("sha256"))
    yield token_case(group, "64 bytes", "algorithm", hmac_of_public_key("sha512"))
    for other in ("RS256", "ES384", "ES256K", "es256", "", None, ["ES256"]):
        yield header_case("other algorithm", "algorithm", alg=other)
    yield header_case("other type", "type", typ="at+jwt")
    yield header_case("critical extension", "extension", crit=["b64"], b64=False)


def signatures() -> Iterator[Case]:
    """Signatures that are not the load balancer's."""
    group = "forged signature"
    for name, raw in (("zeros", bytes(64)), ("ones", b"\xff" * 64)):
        yield token_case(group, name, "does not match", signature_of("ES256", raw))
    for length in (1, 63, 65, 72):
        raw = b"\x01" * length
        yield token_case(group, f"{length} bytes", "signature is malformed", signature_of("ES256", raw))
    yield token_case(
        group, "another key, our key id", "does not match", lambda k: k.unknown.token(k.own.header())
    )
    yield token_case(group, "one bit flipped", "does not match", bit_flipped)
    yield token_case(
        group, "another spelling of the same bytes", "signature is malformed", last_letter_varied
    )
    yield token_case(
        "tampered part",
        "claims of another user",
        "does not match",
        lambda k: with_part(k, 1, encode_json(good_claims(email="admin@example.com"))),
    )
    yield token_case(
        "tampered part",
        "header with a later expiry",
        "does not match",
        lambda k: with_part(k, 0, encode_json(k.own.header(exp=int(time.time()) + 10**6))),
    )
    yield token_case(
        "tampered part",
        "signature of another token",
        "does not match",
        lambda k: with_part(k, 2, k.own.token(claims=good_claims(sub="other")).split(".")[2]),
    )


def bindings() -> Iterator[Case]:
    """Tokens that are well signed, for somebody else."""
    group = "other load balancer's signer"
    yield token_case(
        group,
        "well signed by a load balancer of another account",
        "another load balancer",
        lambda k: k.foreign.token(k.foreign.header(signer=SIGNER.replace("123456789012", "210987654321"))),
    )
    yield token_case(
        group,
        "its key, our key id",
        "does not match",
        lambda k: k.foreign.token(k.own.header()),
    )
    for wrong in (
        SIGNER.replace("us-west-2", "us-east-1"),
        SIGNER.replace("app/kubeflow/", "app/kubeflow-2/"),
        SIGNER.replace("app/kubeflow/", "app/kubeflox/"),
        SIGNER.replace("app/", "net/"),
        SIGNER.replace("arn:aws:", "arn:aws-cn:"),
        SIGNER + "0",
        SIGNER[:-1],
        SIGNER.upper(),
        SIGNER + "\n",
        f"x{SIGNER}",
        SIGNER[:-16] + "................",
        [SIGNER],
        None,
    ):
        yield header_case(group, "another load balancer", signer=wrong)
    for client in ("other", CLIENT + " ", [CLIENT], "", None):
        yield header_case("wrong client", "another client", client=client)
    for issuer in ("https://cognito-idp.us-west-2.amazonaws.com/us-west-2_other0001", "", None):
        yield header_case("wrong issuer", "header is of another issuer", iss=issuer)
        yield claims_case("wrong issuer", "claims are of another issuer", iss=issuer)


def times() -> Iterator[Case]:
    """Tokens out of their time."""
    yield token_case(
        "expired", "a second ago", "expired", lambda k: k.own.token(k.own.header(exp=int(time.time()) - 1))
    )
    for expiry in (PAST, 0, -1, str(FUTURE), None, [FUTURE], True):
        yield header_case("expired", "expired", exp=expiry)
        yield claims_case("expired", "expired", exp=expiry)
    for start in (FUTURE, str(PAST), [PAST]):
        yield header_case("not yet valid", "not valid yet", nbf=start)
        yield claims_case("not yet valid", "not valid yet", nbf=start)
        yield claims_case("not yet valid", "not valid yet", iat=start)


def key_ids() -> Iterator[Case]:
    """Key ids that would lead somewhere else, or nowhere."""
    yield token_case(
        "unknown key", "a key that nobody serves", "could not be fetched", lambda k: k.unknown.token()
    )
    for kid in (
        "../../evil",
        "/etc/passwd",
        "https://evil.example.com/key",
        "00000000-0000-0000-0000-000000000000?x=1",
        "00000000-0000-0000-0000-000000000000/../x",
        "00000000-0000-0000-0000-00000000000",
        "00000000-0000-0000-0000-000000000000\r\nx: y",
        "00000000-0000-0000-0000-000000000000\x00",
        "%2e%2e%2fevil",
        "",
        17,
        ["a"],
        None,
    ):
        yield header_case("path trick in the key id", "key id is malformed", kid=kid)


def header_cases() -> list[Case]:
    """All of them."""
    sources = (algorithms, signatures, bindings, times, key_ids)
    return [case for source in sources for case in source()]
