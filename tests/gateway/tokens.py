"""Tokens as an ALB and as Cognito write them, and everything about them that a test may want to be wrong."""

from __future__ import annotations

import base64
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ACCOUNT = "123456789012"
REGION = "us-west-2"
SIGNER = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/kubeflow/50dc6c495c0c9188"
ISSUER = f"https://cognito-idp.{REGION}.amazonaws.com/{REGION}_example01"
CLIENT = "1example23456789"
EMAIL = "user@example.com"

Part = dict[str, Any]


def encode(part: bytes) -> str:
    """Base64url with padding, as an ALB writes it."""
    return base64.urlsafe_b64encode(part).decode()


def encode_json(part: Part) -> str:
    """A token's header or payload."""
    return encode(json.dumps(part, separators=(",", ":")).encode())


@dataclass
class SigningKey:
    """A load balancer's key pair, under the id by which its public half is served."""

    kid: str = field(default_factory=lambda: str(uuid.uuid4()))
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @property
    def pem(self) -> bytes:
        """The public key as the endpoint serves it."""
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, text: str) -> bytes:
        """The signature of a token: r and s side by side, each as long as the curve's order."""
        r, s = decode_dss_signature(self.private.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        length = (self.private.curve.key_size + 7) // 8
        return r.to_bytes(length, "big") + s.to_bytes(length, "big")

    def signature(self, text: str) -> str:
        """The third part of a token whose first two are `text`."""
        return encode(self.sign(text))

    def header(self, **changes: Any) -> Part:
        """The header of a good token; a change to None leaves the field out."""
        header = {
            "typ": "JWT",
            "kid": self.kid,
            "alg": "ES256",
            "iss": ISSUER,
            "client": CLIENT,
            "signer": SIGNER,
            "exp": int(time.time()) + 120,
        }
        return without_none(header | changes)

    def token(self, header: Part | None = None, claims: Part | None = None) -> str:
        """A signed token; header and claims are the good ones unless given."""
        text = encode_json(self.header() if header is None else header) + "."
        text += encode_json(good_claims() if claims is None else claims)
        return f"{text}.{self.signature(text)}"


def good_claims(**changes: Any) -> Part:
    """The payload of a good token; a change to None leaves the claim out."""
    claims = {
        "sub": "8d6f2f5c-9f6b-4f0e-8a39-3b6f1d2c4e5a",
        "email_verified": "true",
        "email": EMAIL,
        "username": "8d6f2f5c-9f6b-4f0e-8a39-3b6f1d2c4e5a",
        "exp": int(time.time()) + 120,
        "iss": ISSUER,
    }
    return without_none(claims | changes)


def without_none(part: Part) -> Part:
    """The part without the fields that are None."""
    return {name: value for name, value in part.items() if value is not None}
