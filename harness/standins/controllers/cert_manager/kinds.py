"""The kinds, annotations and keys that cert-manager works with."""

from __future__ import annotations

import base64
import binascii

from kfaws.generator.model import Object
from kfaws.harness.kube import Kind

API = "cert-manager.io/v1"
CERTIFICATES, ISSUERS = Kind(API, "Certificate"), Kind(API, "Issuer")
CLUSTER_ISSUERS, SECRETS = Kind(API, "ClusterIssuer"), Kind("v1", "Secret")
CERTIFICATE, KEY, AUTHORITY = "tls.crt", "tls.key", "ca.crt"
"""Keys of a Secret."""
PREFIX = "cert-manager.io/"
CERTIFICATE_NAME = f"{PREFIX}certificate-name"
"""Annotation of a Secret: the Certificate that it was made for."""


def decoded(secret: Object | None) -> dict[str, bytes]:
    """The data of a Secret; what is no base64 is left out."""
    found = {}
    for key, value in ((secret or {}).get("data") or {}).items():
        try:
            found[key] = base64.b64decode(value, validate=True)
        except binascii.Error:
            continue
    return found


def encoded(data: dict[str, bytes]) -> dict[str, str]:
    """The same, as a Secret has it."""
    return {key: base64.b64encode(value).decode() for key, value in data.items()}


def issuer_kind(reference: Object) -> Kind:
    """The kind of an `issuerRef`."""
    return CLUSTER_ISSUERS if reference.get("kind") == CLUSTER_ISSUERS.kind else ISSUERS
