"""Private keys as a Certificate asks for them."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from kfaws.generator.model import Object

Hash = hashes.SHA256 | hashes.SHA384 | hashes.SHA512
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
CURVES: dict[int, type[ec.EllipticCurve]] = {256: ec.SECP256R1, 384: ec.SECP384R1, 521: ec.SECP521R1}
HASHES: dict[int, type[Hash]] = {
    256: hashes.SHA256,
    384: hashes.SHA384,
    521: hashes.SHA512,
    2048: hashes.SHA256,
    3072: hashes.SHA384,
    4096: hashes.SHA512,
}
"""By size of the key; larger ones use SHA-512."""


def generate(spec: Object) -> PrivateKey:
    """A new key of the algorithm and size in a Certificate's spec."""
    algorithm, size = _wanted(spec)
    if algorithm == "ECDSA":
        return ec.generate_private_key(CURVES[size]())
    if algorithm == "Ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(public_exponent=65537, key_size=size)


def matches(key: PrivateKey, spec: Object) -> bool:
    """Whether a key is of the algorithm and size that a spec asks for."""
    algorithm, size = _wanted(spec)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return algorithm == "Ed25519"
    same = algorithm == ("ECDSA" if isinstance(key, ec.EllipticCurvePrivateKey) else "RSA")
    return same and key.key_size == size


def to_pem(key: PrivateKey, spec: Object) -> bytes:
    """A key in the encoding that a spec asks for; PKCS #1 (of ECDSA: SEC 1) by default."""
    asked = (spec.get("privateKey") or {}).get("encoding") == "PKCS8"
    eight = asked or isinstance(key, ed25519.Ed25519PrivateKey)
    form = PrivateFormat.PKCS8 if eight else PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(Encoding.PEM, form, NoEncryption())


def from_pem(pem: bytes) -> PrivateKey:
    """The key in a Secret; ValueError where there is none that cert-manager knows."""
    key = load_pem_private_key(pem, None)
    if isinstance(key, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey, ed25519.Ed25519PrivateKey)):
        return key
    raise ValueError("unknown private key type")


def signing_hash(key: PrivateKey) -> Hash | None:
    """With which hash a key signs."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return None
    return HASHES.get(key.key_size, hashes.SHA512)()


def _wanted(spec: Object) -> tuple[str, int]:
    asked = spec.get("privateKey") or {}
    algorithm = asked.get("algorithm") or "RSA"
    return algorithm, asked.get("size") or {"RSA": 2048, "ECDSA": 256}.get(algorithm, 0)
