"""Certificate: a Secret with a key and a certificate, made anew where it is not what the spec asks for."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kfaws.generator.model import Object
from kfaws.harness.standins.controllers.cert_manager import contents, keys
from kfaws.harness.standins.controllers.cert_manager.contents import Authority
from kfaws.harness.standins.controllers.cert_manager.issuers import NotReadyError, authority_of
from kfaws.harness.standins.controllers.cert_manager.kinds import (
    AUTHORITY,
    CERTIFICATE,
    CERTIFICATE_NAME,
    KEY,
    PREFIX,
    SECRETS,
    decoded,
    encoded,
    issuer_kind,
)
from kfaws.harness.standins.controllers.cert_manager.violations import Violation, violation_of
from kfaws.harness.standins.controllers.conditions import Condition, conditions_of, write_status
from kfaws.harness.standins.controllers.controller import Place

MANAGER = "cert-manager-certificates-issuing"
READY = Condition("Ready", True, "Ready", "Certificate is up to date and has not expired")
COMBINED, DER = "tls-combined.pem", "key.der"

log = logging.getLogger("controllers")


def reconcile_certificate(place: Place, item: Object) -> float | None:
    """Issue where there is a reason to; write the status. Returns the seconds to the renewal."""
    metadata, spec = item["metadata"], item["spec"]
    if "deletionTimestamp" in metadata:
        return None
    secret = place.cluster.get(SECRETS, spec["secretName"], metadata["namespace"])
    violation = violation_of(item, secret)
    revision = (item.get("status") or {}).get("revision", 0)
    if violation:
        try:
            secret = _issue(place, item, secret)
        except NotReadyError as error:
            log.info("%s/%s: %s", metadata["namespace"], metadata["name"], error)
            _write_waiting(place, item, violation, decoded(secret))
            return None
        revision += 1
        log.info("%s/%s: issued (%s)", metadata["namespace"], metadata["name"], violation.message)
    certificate = x509.load_pem_x509_certificate(decoded(secret)[CERTIFICATE])
    status = {
        "conditions": conditions_of(item, [READY], gone=("Issuing",)),
        "revision": revision or 1,
        **_times(spec, certificate),
    }
    write_status(place.cluster, item, status)
    return (contents.renewal_time(spec, certificate) - datetime.now(UTC)).total_seconds() + 1


def _issue(place: Place, item: Object, secret: Object | None) -> Object:
    """Make key and certificate and write the Secret; NotReadyError where nobody signs."""
    spec, metadata = item["spec"], item["metadata"]
    reference = spec["issuerRef"]
    kind = issuer_kind(reference)
    issuer = place.cluster.get(kind, reference["name"], metadata["namespace"])
    if issuer is None:
        raise NotReadyError("Pending", f'Referenced "{kind.kind}" not found: {reference["name"]}')
    authority = authority_of(issuer, place)
    key = _key(spec, decoded(secret))
    certificate = contents.sign(spec, key, authority)
    data = _data(spec, key, certificate, authority)
    template = spec.get("secretTemplate") or {}
    annotations = {**(template.get("annotations") or {}), **_annotations(item, certificate)}
    wanted = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": spec["secretName"],
            "namespace": metadata["namespace"],
            "labels": {**(template.get("labels") or {}), f"controller.{PREFIX}fao": "true"},
            "annotations": annotations,
        },
        # The type of a Secret that is there cannot be changed.
        "type": (secret or {}).get("type") or "kubernetes.io/tls",
        "data": encoded(data),
    }
    return place.cluster.apply(wanted, MANAGER)


def _key(spec: Object, data: dict[str, bytes]) -> keys.PrivateKey:
    """The key that is there where the spec wants it kept, else a new one."""
    if (spec.get("privateKey") or {}).get("rotationPolicy") == "Never" and data.get(KEY):
        key = keys.from_pem(data[KEY])
        if keys.matches(key, spec):
            return key
    return keys.generate(spec)


def _data(
    spec: Object, key: keys.PrivateKey, certificate: x509.Certificate, authority: Authority | None
) -> dict[str, bytes]:
    chain = (certificate, *(authority.chain if authority else ()))
    root = chain[-1]
    # A root is not part of what a server sends.
    served = chain[:-1] if len(chain) > 1 and root.subject == root.issuer else chain
    key_pem, certificate_pem = keys.to_pem(key, spec), contents.to_pem(*served)
    data = {CERTIFICATE: certificate_pem, KEY: key_pem, AUTHORITY: contents.to_pem(root)}
    for output in spec.get("additionalOutputFormats") or ():
        if output["type"] == "CombinedPEM":
            data[COMBINED] = key_pem + b"\n" + certificate_pem
        else:
            form = PrivateFormat.PKCS8 if b"BEGIN PRIVATE" in key_pem else PrivateFormat.TraditionalOpenSSL
            data[DER] = key.private_bytes(Encoding.DER, form, NoEncryption())
    return data


def _annotations(item: Object, certificate: x509.Certificate) -> dict[str, str]:
    spec = item["spec"]
    return {
        CERTIFICATE_NAME: item["metadata"]["name"],
        **_issuer_annotations(spec["issuerRef"]),
        f"{PREFIX}common-name": spec.get("commonName") or "",
        f"{PREFIX}alt-names": ",".join(spec.get("dnsNames") or ()),
        f"{PREFIX}ip-sans": ",".join(spec.get("ipAddresses") or ()),
        f"{PREFIX}uri-sans": ",".join(spec.get("uris") or ()),
        **_subject_annotations(spec.get("subject") or {}),
    }


def _issuer_annotations(reference: Object) -> dict[str, str]:
    return {
        f"{PREFIX}issuer-name": reference["name"],
        f"{PREFIX}issuer-kind": reference.get("kind") or "Issuer",
        f"{PREFIX}issuer-group": reference.get("group") or "",
    }


def _subject_annotations(subject: Object) -> dict[str, str]:
    names = {field: f"{PREFIX}subject-{field.lower()}" for field in contents.SUBJECT}
    return {name: ",".join(subject[field]) for field, name in names.items() if subject.get(field)}


def _write_waiting(place: Place, item: Object, violation: Violation, data: dict[str, bytes]) -> None:
    words = (violation.reason, violation.message)
    wanted = [Condition("Issuing", True, *words), Condition("Ready", False, *words)]
    status: Object = {"conditions": conditions_of(item, wanted)}
    try:
        status |= _times(item["spec"], x509.load_pem_x509_certificate(data.get(CERTIFICATE, b"")))
    except ValueError:
        status |= {"notBefore": None, "notAfter": None, "renewalTime": None}
    write_status(place.cluster, item, status)


def _times(spec: Object, certificate: x509.Certificate) -> dict[str, str]:
    times = {
        "notBefore": certificate.not_valid_before_utc,
        "notAfter": certificate.not_valid_after_utc,
        "renewalTime": contents.renewal_time(spec, certificate),
    }
    return {name: time.strftime("%Y-%m-%dT%H:%M:%SZ") for name, time in times.items()}
