"""cert-manager's controller: issuers and certificates, and what each means for the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kfaws.generator.model import Object
from kfaws.harness.kube import Kind
from kfaws.harness.standins.controllers.cert_manager.certificates import reconcile_certificate
from kfaws.harness.standins.controllers.cert_manager.issuers import reconcile_issuer
from kfaws.harness.standins.controllers.cert_manager.kinds import (
    CERTIFICATES,
    CLUSTER_ISSUERS,
    ISSUERS,
    SECRETS,
    issuer_kind,
)
from kfaws.harness.standins.controllers.controller import Place, Request, Requests, Seen, itself


class CertManager:
    """A Controller in the place of cert-manager's own; CertificateRequests and ACME are not handled."""

    @property
    def watches(self) -> Mapping[Kind, Requests]:
        """Its own kinds, and Secrets for those that name them."""
        return {
            CERTIFICATES: itself,
            ISSUERS: _issuer_and_its_certificates,
            CLUSTER_ISSUERS: _issuer_and_its_certificates,
            SECRETS: _who_names_the_secret,
        }

    def reconcile(self, place: Place, item: Object) -> float | None:
        """A Certificate, an Issuer or a ClusterIssuer."""
        if Kind.of(item) == CERTIFICATES:
            return reconcile_certificate(place, item)
        reconcile_issuer(place, item)
        return None


def _issuer_and_its_certificates(issuer: Object, seen: Seen) -> Iterable[Request]:
    yield Request.of(issuer)
    namespace, name = issuer["metadata"].get("namespace"), issuer["metadata"]["name"]
    for item in seen.all(CERTIFICATES):
        reference = item["spec"]["issuerRef"]
        here = namespace in (None, item["metadata"]["namespace"])
        if here and reference["name"] == name and issuer_kind(reference) == Kind.of(issuer):
            yield Request.of(item)


def _who_names_the_secret(secret: Object, seen: Seen) -> Iterable[Request]:
    namespace, name = secret["metadata"]["namespace"], secret["metadata"]["name"]
    for item in seen.all(CERTIFICATES):
        if item["metadata"]["namespace"] == namespace and item["spec"]["secretName"] == name:
            yield Request.of(item)
    for issuer in seen.all(ISSUERS, CLUSTER_ISSUERS):
        here = issuer["metadata"].get("namespace") in (None, namespace)
        if here and (issuer["spec"].get("ca") or {}).get("secretName") == name:
            yield from _issuer_and_its_certificates(issuer, seen)
