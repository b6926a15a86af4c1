"""Whether a Secret is what a Certificate asks for, and in cert-manager's words why it is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509

from kfaws.generator.model import Object
from kfaws.harness.standins.controllers.cert_manager import contents, keys
from kfaws.harness.standins.controllers.cert_manager.kinds import (
    CERTIFICATE,
    CERTIFICATE_NAME,
    ISSUERS,
    KEY,
    PREFIX,
    decoded,
    issuer_kind,
)


@dataclass(frozen=True)
class Violation:
    """Why a Secret is not what a Certificate asks for, in cert-manager's words."""

    reason: str
    message: str


def violation_of(item: Object, secret: Object | None) -> Violation | None:
    """The first reason to issue a certificate; None: the Secret is what is asked for."""
    if secret is None:
        return Violation("DoesNotExist", "Issuing certificate as Secret does not exist")
    spec, data = item["spec"], decoded(secret)
    for name, what in ((KEY, "private key"), (CERTIFICATE, "certificate")):
        if not data.get(name):
            return Violation("MissingData", f"Issuing certificate as Secret does not contain a {what}")
    try:
        key = keys.from_pem(data[KEY])
    except (ValueError, TypeError) as error:
        words = f"Issuing certificate as Secret contains invalid private key data: {error}"
        return Violation("InvalidKeyPair", words)
    try:
        certificate = x509.load_pem_x509_certificate(data[CERTIFICATE])
    except ValueError as error:
        words = f"Issuing certificate as Secret contains an invalid certificate: {error}"
        return Violation("InvalidCertificate", words)
    if certificate.public_key() != key.public_key():
        words = "Issuing certificate as Secret contains a private key that does not match the certificate"
        return Violation("InvalidKeyPair", words)
    return (
        _other_issuer(item, secret)
        or _other_spec(spec, key, certificate)
        or _over(spec, certificate)
        or _other_template(item, secret)
    )


def _other_issuer(item: Object, secret: Object) -> Violation | None:
    found, reference = secret["metadata"].get("annotations") or {}, item["spec"]["issuerRef"]
    name, kind = found.get(f"{PREFIX}issuer-name"), found.get(f"{PREFIX}issuer-kind") or ISSUERS.kind
    if name and (name, kind) != (reference["name"], issuer_kind(reference).kind):
        before = f'"{kind}.cert-manager.io/{name}"'
        words = f"Issuing certificate as Secret was previously issued by {before}"
        return Violation("IncorrectIssuer", words)
    owner = found.get(CERTIFICATE_NAME)
    if owner and owner != item["metadata"]["name"]:
        words = (
            f'Secret was issued for "{owner}". If this message is not transient, '
            "you might have two conflicting Certificates pointing to the same secret."
        )
        return Violation("IncorrectCertificate", words)
    return None


def _other_spec(spec: Object, key: keys.PrivateKey, certificate: x509.Certificate) -> Violation | None:
    if not keys.matches(key, spec):
        words = "Existing private key is not up to date for spec: [spec.privateKey]"
        return Violation("SecretMismatch", words)
    fields = contents.differences(spec, certificate)
    if fields:
        words = f"Fields on existing CertificateRequest resource not up to date: [{' '.join(fields)}]"
        return Violation("RequestChanged", words)
    return None


def _over(spec: Object, certificate: x509.Certificate) -> Violation | None:
    due = contents.renewal_time(spec, certificate)
    if due <= datetime.now(UTC):
        return Violation("Renewing", f"Renewing certificate as renewal was scheduled at {due}")
    return None


def _other_template(item: Object, secret: Object) -> Violation | None:
    template = item["spec"].get("secretTemplate") or {}
    for field in ("labels", "annotations"):
        found = secret["metadata"].get(field) or {}
        if any(found.get(name) != value for name, value in (template.get(field) or {}).items()):
            words = "Certificate's SecretTemplate is not reflected on the Secret"
            return Violation("SecretTemplateMismatch", words)
    return None
