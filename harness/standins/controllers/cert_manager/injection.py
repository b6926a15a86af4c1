"""cainjector: the authority of a Certificate or a Secret, written where webhooks are registered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kfaws.generator.model import Object
from kfaws.harness.kube import Kind
from kfaws.harness.standins.controllers.cert_manager.kinds import (
    AUTHORITY,
    CERTIFICATE_NAME,
    CERTIFICATES,
    PREFIX,
    SECRETS,
)
from kfaws.harness.standins.controllers.controller import Place, Request, Requests, Seen

FROM_CERTIFICATE, FROM_SECRET = f"{PREFIX}inject-ca-from", f"{PREFIX}inject-ca-from-secret"
ALLOWED = f"{PREFIX}allow-direct-injection"
ADMISSION = "admissionregistration.k8s.io/v1"
TARGETS = (
    Kind(ADMISSION, "ValidatingWebhookConfiguration"),
    Kind(ADMISSION, "MutatingWebhookConfiguration"),
    Kind("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
    Kind("apiregistration.k8s.io/v1", "APIService"),
)


class Injector:
    """A Controller in the place of cert-manager's cainjector; `inject-apiserver-ca` is not handled."""

    @property
    def watches(self) -> Mapping[Kind, Requests]:
        """Targets for themselves; Certificates and Secrets for the targets that name them."""
        sources: dict[Kind, Requests] = {SECRETS: _targets, CERTIFICATES: _targets}
        return sources | dict.fromkeys(TARGETS, _wanted)

    def reconcile(self, place: Place, item: Object) -> float | None:
        """Write the authority into a target that lacks it."""
        authority = _authority(place, item)
        paths = [path for path, found in bundles(item) if authority and found != authority]
        if paths:
            change = [{"op": "add", "path": path, "value": authority} for path in paths]
            test = {
                "op": "test",
                "path": "/metadata/resourceVersion",
                "value": item["metadata"]["resourceVersion"],
            }
            place.cluster.patch(item, [test, *change], how="json")
        return None


def bundles(item: Object) -> list[tuple[str, Any]]:
    """Where authorities stand in a target, as JSON pointers, with what is there now."""
    if item["kind"] == "APIService":
        return [("/spec/caBundle", item["spec"].get("caBundle"))]
    if item["kind"] == "CustomResourceDefinition":
        conversion = item["spec"].get("conversion") or {}
        client = (conversion.get("webhook") or {}).get("clientConfig")
        if conversion.get("strategy") != "Webhook" or client is None:
            return []
        return [("/spec/conversion/webhook/clientConfig/caBundle", client.get("caBundle"))]
    return [
        (f"/webhooks/{number}/clientConfig/caBundle", webhook["clientConfig"].get("caBundle"))
        for number, webhook in enumerate(item.get("webhooks") or ())
    ]


def _wanted(item: Object, seen: Seen) -> Iterable[Request]:
    return [Request.of(item)] if any(_sources(item)) else []


def _targets(source: Object, seen: Seen) -> Iterable[Request]:
    """Those that name a Certificate, or a Secret itself or the Certificate that it was made for."""
    metadata = source["metadata"]
    name = f"{metadata['namespace']}/{metadata['name']}"
    owner = (metadata.get("annotations") or {}).get(CERTIFICATE_NAME)
    certificate = name if source["kind"] == "Certificate" else f"{metadata['namespace']}/{owner}"
    for item in seen.all(*TARGETS):
        from_certificate, from_secret = _sources(item)
        if from_certificate == certificate or from_secret == name:
            yield Request.of(item)


def _sources(item: Object) -> tuple[str, str]:
    annotations = item["metadata"].get("annotations") or {}
    return annotations.get(FROM_CERTIFICATE, ""), annotations.get(FROM_SECRET, "")


def _authority(place: Place, item: Object) -> str | None:
    """The authority in base64; None where there is none, or none that may be used."""
    from_certificate, from_secret = _sources(item)
    namespace, _, name = (from_certificate or from_secret).partition("/")
    if not name:
        return None
    if not from_certificate:
        return _of_secret(place, namespace, name, ALLOWED, "true")
    certificate = place.cluster.get(CERTIFICATES, name, namespace)
    secret = certificate and certificate["spec"]["secretName"]
    return _of_secret(place, namespace, secret, CERTIFICATE_NAME, name) if secret else None


def _of_secret(place: Place, namespace: str, name: str, annotation: str, value: str) -> str | None:
    secret = place.cluster.get(SECRETS, name, namespace)
    if secret is None or (secret["metadata"].get("annotations") or {}).get(annotation) != value:
        return None
    found: str | None = (secret.get("data") or {}).get(AUTHORITY)
    return found
