"""What a Certificate's spec asks for, as X.509."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kfaws.generator.model import Object
from kfaws.harness.standins.controllers.cert_manager.keys import PrivateKey, signing_hash

DEFAULT_DURATION = "2160h"
DEFAULT_USAGES = ("digital signature", "key encipherment")
SUBJECT = {
    "countries": NameOID.COUNTRY_NAME,
    "organizations": NameOID.ORGANIZATION_NAME,
    "organizationalUnits": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "localities": NameOID.LOCALITY_NAME,
    "provinces": NameOID.STATE_OR_PROVINCE_NAME,
    "streetAddresses": NameOID.STREET_ADDRESS,
    "postalCodes": NameOID.POSTAL_CODE,
}
"""Fields of `spec.subject`, in the order in which Go's library writes them."""
KEY_USAGES = {
    "signing": "digital_signature",
    "digital signature": "digital_signature",
    "content commitment": "content_commitment",
    "key encipherment": "key_encipherment",
    "data encipherment": "data_encipherment",
    "key agreement": "key_agreement",
    "cert sign": "key_cert_sign",
    "crl sign": "crl_sign",
    "encipher only": "encipher_only",
    "decipher only": "decipher_only",
}
EXTENDED_USAGES = {
    "any": ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
    "server auth": ExtendedKeyUsageOID.SERVER_AUTH,
    "client auth": ExtendedKeyUsageOID.CLIENT_AUTH,
    "code signing": ExtendedKeyUsageOID.CODE_SIGNING,
    "email protection": ExtendedKeyUsageOID.EMAIL_PROTECTION,
    "s/mime": ExtendedKeyUsageOID.EMAIL_PROTECTION,
    "timestamping": ExtendedKeyUsageOID.TIME_STAMPING,
    "ocsp signing": ExtendedKeyUsageOID.OCSP_SIGNING,
}
UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


@dataclass(frozen=True)
class Authority:
    """Who signs: a chain of certificates, its own first, and its key."""

    chain: tuple[x509.Certificate, ...]
    key: PrivateKey


def duration(text: str) -> timedelta:
    """A duration in Go's spelling, such as `8760h0m0s`."""
    parts = re.findall(r"([\d.]+)(h|ms|us|ns|m|s)", text)
    return timedelta(seconds=sum(float(number) * UNITS[unit] for number, unit in parts))


def lifetime(spec: Object) -> timedelta:
    """For how long a certificate is asked for."""
    return duration(spec.get("duration") or DEFAULT_DURATION)


def renewal_time(spec: Object, certificate: x509.Certificate) -> datetime:
    """When a certificate has to be renewed: by default after two thirds of its life."""
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    before = duration(spec.get("renewBefore") or "0s")
    share = spec.get("renewBeforePercentage") or 0
    if timedelta() < before < end - start:
        return end - before
    return end - ((end - start) * share / 100 if 0 < share < 100 else (end - start) / 3)


def sign(spec: Object, key: PrivateKey, authority: Authority | None) -> x509.Certificate:
    """A new certificate for a key; without an authority the key signs its own."""
    start = datetime.now(UTC).replace(microsecond=0)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject(spec))
        .issuer_name(authority.chain[0].subject if authority else subject(spec))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + lifetime(spec))
    )
    for extension, critical in extensions(spec):
        builder = builder.add_extension(extension, critical)
    if spec.get("isCA"):
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    identifier = _identifier(authority.chain[0]) if authority else None
    if identifier:
        issued_by = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
        builder = builder.add_extension(issued_by, False)
    signer = authority.key if authority else key
    return builder.sign(signer, signing_hash(signer))


def extensions(spec: Object) -> list[tuple[x509.ExtensionType, bool]]:
    """Usages, constraints and names that a spec asks for, each with whether it is critical."""
    asked = spec.get("usages") or DEFAULT_USAGES
    plain = {KEY_USAGES[name] for name in asked if name in KEY_USAGES}
    if spec.get("isCA"):
        plain.add("key_cert_sign")
    extended = [EXTENDED_USAGES[name] for name in asked if name in EXTENDED_USAGES]
    usage = x509.KeyUsage(**{name: name in plain for name in KEY_USAGES.values()})
    found: list[tuple[x509.ExtensionType, bool]] = [(usage, True)]
    if extended:
        found.append((x509.ExtendedKeyUsage(extended), False))
    found.append((x509.BasicConstraints(ca=bool(spec.get("isCA")), path_length=None), True))
    names = alternative_names(spec)
    if names:
        found.append((x509.SubjectAlternativeName(names), not list(subject(spec))))
    return found


def subject(spec: Object) -> x509.Name:
    """The distinguished name that a spec asks for."""
    asked = spec.get("subject") or {}
    parts = [x509.NameAttribute(oid, value) for name, oid in SUBJECT.items() for value in asked.get(name, ())]
    if spec.get("commonName"):
        parts.append(x509.NameAttribute(NameOID.COMMON_NAME, spec["commonName"]))
    if asked.get("serialNumber"):
        parts.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, asked["serialNumber"]))
    return x509.Name(parts)


def alternative_names(spec: Object) -> list[x509.GeneralName]:
    """The names that a spec asks for."""
    return [
        *(x509.DNSName(name) for name in spec.get("dnsNames") or ()),
        *(x509.RFC822Name(name) for name in spec.get("emailAddresses") or ()),
        *(x509.IPAddress(ipaddress.ip_address(name)) for name in spec.get("ipAddresses") or ()),
        *(x509.UniformResourceIdentifier(name) for name in spec.get("uris") or ()),
    ]


def differences(spec: Object, certificate: x509.Certificate) -> list[str]:
    """The fields of a spec that a certificate does not have so."""
    wanted = {type(extension): extension for extension, _ in extensions(spec)}
    kinds = {
        "spec.usages": (x509.KeyUsage, x509.ExtendedKeyUsage),
        "spec.isCA": (x509.BasicConstraints,),
        "spec.dnsNames": (x509.SubjectAlternativeName,),
    }
    found = [
        field
        for field, types in kinds.items()
        if any(wanted.get(kind) != _extension(certificate, kind) for kind in types)
    ]
    if certificate.subject != subject(spec):
        found.insert(0, "spec.commonName")
    if certificate.not_valid_after_utc - certificate.not_valid_before_utc != lifetime(spec):
        found.append("spec.duration")
    return found


def to_pem(*certificates: x509.Certificate) -> bytes:
    """Certificates one after the other."""
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether a certificate may sign others."""
    found = _extension(certificate, x509.BasicConstraints)
    return isinstance(found, x509.BasicConstraints) and found.ca


def _extension(certificate: x509.Certificate, kind: type[x509.ExtensionType]) -> x509.ExtensionType | None:
    return next((one.value for one in certificate.extensions if isinstance(one.value, kind)), None)


def _identifier(certificate: x509.Certificate) -> x509.SubjectKeyIdentifier | None:
    found = _extension(certificate, x509.SubjectKeyIdentifier)
    return found if isinstance(found, x509.SubjectKeyIdentifier) else None
