"""Issuer and ClusterIssuer: selfSigned and ca."""

from __future__ import annotations

from cryptography import x509

from kfaws.generator.model import Object
from kfaws.harness.kube import Kind
from kfaws.harness.standins.controllers.cert_manager.contents import Authority, is_authority
from kfaws.harness.standins.controllers.cert_manager.keys import from_pem
from kfaws.harness.standins.controllers.cert_manager.kinds import (
    CERTIFICATE,
    CLUSTER_ISSUERS,
    KEY,
    SECRETS,
    decoded,
)
from kfaws.harness.standins.controllers.conditions import Condition, conditions_of, write_status
from kfaws.harness.standins.controllers.controller import Place

NO_PAIR, INVALID_PAIR, VERIFIED = "ErrGetKeyPair", "ErrInvalidKeyPair", "KeyPairVerified"
ERROR = "Error getting keypair for CA issuer: "


class NotReadyError(Exception):
    """An issuer that cannot sign: reason, then message."""

    def __init__(self, reason: str, message: str) -> None:
        """Keep both, for the condition."""
        super().__init__(message)
        self.reason = reason


def secret_of(issuer: Object, place: Place) -> tuple[str, str]:
    """Namespace and name of a ca issuer's Secret; no name for others."""
    name = (issuer["spec"].get("ca") or {}).get("secretName", "")
    cluster_wide = Kind.of(issuer) == CLUSTER_ISSUERS
    # --cluster-resource-namespace=$(POD_NAMESPACE), as its Deployment has it.
    return place.namespace if cluster_wide else issuer["metadata"]["namespace"], name


def authority_of(issuer: Object, place: Place) -> Authority | None:
    """Who signs for an issuer; None: each key for itself. Raises NotReadyError with cert-manager's words."""
    if "selfSigned" in issuer["spec"]:
        return None
    namespace, name = secret_of(issuer, place)
    if not name:
        raise NotReadyError("NotHere", "only selfSigned and ca issuers are known here")
    secret = place.cluster.get(SECRETS, name, namespace)
    if secret is None:
        raise NotReadyError(NO_PAIR, f'{ERROR}secrets "{name}" not found')
    data = decoded(secret)
    try:
        chain = x509.load_pem_x509_certificates(data.get(CERTIFICATE, b""))
        authority = Authority(tuple(chain), from_pem(data.get(KEY, b"")))
    except ValueError as error:
        raise NotReadyError(NO_PAIR, f"{ERROR}{error}") from error
    if not is_authority(chain[0]):
        raise NotReadyError(INVALID_PAIR, f"{ERROR}certificate is not a CA")
    return authority


def reconcile_issuer(place: Place, issuer: Object) -> None:
    """Write whether an issuer can sign."""
    try:
        authority = authority_of(issuer, place)
    except NotReadyError as error:
        condition = Condition("Ready", False, error.reason, str(error))
    else:
        said = (VERIFIED, "Signing CA verified") if authority else ("IsReady", "")
        condition = Condition("Ready", True, *said)
    write_status(place.cluster, issuer, {"conditions": conditions_of(issuer, [condition])})
