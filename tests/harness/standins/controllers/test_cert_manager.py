"""cert-manager's stand-in on a real API server, with the walkthrough's objects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from kfaws.generator.model import Object
from kfaws.harness.kube import Cluster, Kind
from kfaws.harness.standins.controllers.cert_manager.kinds import (
    CERTIFICATES,
    CLUSTER_ISSUERS,
    ISSUERS,
    SECRETS,
    decoded,
)
from tests.harness.standins.controllers.conftest import Application
from tests.harness.standins.controllers.plane import apply, available, conditions, wait

SYSTEM, CONTROLLER = "kube-system", "aws-load-balancer-serving-cert"
WEBHOOKS = Kind("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration")
CRDS = Kind("apiextensions.k8s.io/v1", "CustomResourceDefinition")
READY = {"Ready": ("True", "Ready")}

pytestmark = pytest.mark.xdist_group("controllers")


@pytest.fixture(scope="module", autouse=True)
def delivered(application: Application, cluster: Cluster) -> None:
    """cert-manager, and the certificates of two other Applications."""
    apply(cluster, application("cert-manager"))
    apply(cluster, application("aws-load-balancer-controller"))
    apply(cluster, application("pvcviewer-controller"))
    assert conditions(cluster.get(CLUSTER_ISSUERS, "kubeflow-self-signing-issuer")) == {}
    for name in ("cert-manager", "cert-manager-cainjector", "cert-manager-webhook"):
        available(cluster, "cert-manager", name)


def _issued(cluster: Cluster, name: str, namespace: str, revision: int = 1) -> Object:
    def look() -> Object | None:
        item = cluster.get(CERTIFICATES, name, namespace) or {}
        done = conditions(item) == READY and item["status"]["revision"] == revision
        return item if done else None

    return wait(f"{name} is issued for the {revision}. time", look)


def _secret(cluster: Cluster, name: str, namespace: str) -> tuple[Object, x509.Certificate, x509.Certificate]:
    """A Secret, its certificate, and the authority in it."""
    found = cluster.get(SECRETS, name, namespace) or {}
    data = decoded(found)
    return (
        found,
        x509.load_pem_x509_certificate(data["tls.crt"]),
        x509.load_pem_x509_certificate(data["ca.crt"]),
    )


def test_issuers_are_ready(cluster: Cluster) -> None:
    def look() -> bool | None:
        one = conditions(cluster.get(CLUSTER_ISSUERS, "kubeflow-self-signing-issuer"))
        other = conditions(cluster.get(ISSUERS, "aws-load-balancer-root-issuer", SYSTEM))
        self_signed, authority = {"Ready": ("True", "IsReady")}, {"Ready": ("True", "KeyPairVerified")}
        return True if (one, other) == (self_signed, authority) else None

    wait("they are ready", look)


def test_a_certificate_of_an_authority(cluster: Cluster) -> None:
    item = _issued(cluster, CONTROLLER, SYSTEM)

    secret, certificate, authority = _secret(cluster, "aws-load-balancer-tls", SYSTEM)

    host = "aws-load-balancer-webhook-service.kube-system.svc"
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert names.critical
    assert names.value.get_values_for_type(x509.DNSName) == [host, f"{host}.cluster.local"]
    assert certificate.issuer == authority.subject != certificate.subject
    certificate.verify_directly_issued_by(authority)
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc == timedelta(hours=8760)
    assert item["status"]["notAfter"] == certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert secret["type"] == "kubernetes.io/tls"
    assert secret["metadata"]["labels"] == {"controller.cert-manager.io/fao": "true"}
    assert secret["metadata"]["annotations"] == {
        "cert-manager.io/alt-names": f"{host},{host}.cluster.local",
        "cert-manager.io/certificate-name": CONTROLLER,
        "cert-manager.io/common-name": "",
        "cert-manager.io/ip-sans": "",
        "cert-manager.io/issuer-group": "",
        "cert-manager.io/issuer-kind": "Issuer",
        "cert-manager.io/issuer-name": "aws-load-balancer-root-issuer",
        "cert-manager.io/uri-sans": "",
    }


def test_an_authority_of_its_own(cluster: Cluster) -> None:
    _issued(cluster, "aws-load-balancer-root-cert", SYSTEM)

    secret, certificate, authority = _secret(cluster, "aws-load-balancer-root-cert", SYSTEM)

    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert constraints.value.ca
    assert usage.key_cert_sign
    assert certificate == authority
    assert {part.rfc4514_attribute_name: part.value for part in certificate.subject} == {
        "CN": "ca.webhook.aws-load-balancer-controller",
        "O": "aws-load-balancer-controller",
    }
    annotations = secret["metadata"]["annotations"]
    assert annotations["cert-manager.io/subject-organizations"] == "aws-load-balancer-controller"


def _bundles(cluster: Cluster, kind: Kind, name: str) -> set[str]:
    item = cluster.get(kind, name) or {}
    clients = [webhook["clientConfig"] for webhook in item.get("webhooks", [])]
    if kind == CRDS:
        clients = [item["spec"]["conversion"]["webhook"]["clientConfig"]]
    return {client.get("caBundle", "") for client in clients}


@pytest.mark.parametrize(
    ("kind", "name", "secret", "namespace"),
    [
        (WEBHOOKS, "aws-load-balancer-webhook", "aws-load-balancer-tls", SYSTEM),
        (CRDS, "pvcviewers.kubeflow.org", "webhook-server-cert", "kubeflow"),
        (WEBHOOKS, "cert-manager-webhook", "cert-manager-webhook-ca", "cert-manager"),
    ],
    ids=["webhook", "crd", "from-secret"],
)
def test_authorities_are_injected(
    cluster: Cluster, kind: Kind, name: str, secret: str, namespace: str
) -> None:
    def look() -> bool | None:
        authority = ((cluster.get(SECRETS, secret, namespace) or {}).get("data") or {}).get("ca.crt")
        return True if authority and _bundles(cluster, kind, name) == {authority} else None

    wait("it is injected", look)


def _certificate(name: str, issuer: str = "plain", **spec: object) -> Object:
    return {
        "apiVersion": CERTIFICATES.api_version,
        "kind": CERTIFICATES.kind,
        "metadata": {"name": name, "namespace": "default"},
        "spec": {
            "secretName": name,
            "dnsNames": [f"{name}.example.com"],
            "issuerRef": {"name": issuer},
            **spec,
        },
    }


def _issuer(name: str, **spec: object) -> Object:
    metadata = {"name": name, "namespace": "default"}
    return {"apiVersion": ISSUERS.api_version, "kind": ISSUERS.kind, "metadata": metadata, "spec": spec}


def test_a_certificate_waits_for_its_issuer(cluster: Cluster) -> None:
    cluster.apply(_certificate("early", "late"))

    def look() -> bool | None:
        found = conditions(cluster.get(CERTIFICATES, "early", "default"))
        wanted = ("True", "DoesNotExist"), ("False", "DoesNotExist")
        return True if (found.get("Issuing"), found.get("Ready")) == wanted else None

    wait("it waits", look)
    cluster.apply(_issuer("late", selfSigned={}))

    _issued(cluster, "early", "default")


def _delete_the_secret(cluster: Cluster) -> None:
    metadata = {"name": "again", "namespace": "default"}
    cluster.delete({"apiVersion": "v1", "kind": "Secret", "metadata": metadata})


def _change_the_spec(cluster: Cluster) -> None:
    private_key = {"algorithm": "ECDSA", "size": 384, "encoding": "PKCS8"}
    cluster.apply(_certificate("again", privateKey=private_key, duration="48h", uris=["spiffe://a/b"]))


@pytest.mark.parametrize("change", [_delete_the_secret, _change_the_spec])
def test_a_certificate_is_issued_anew(cluster: Cluster, change: Callable[[Cluster], None]) -> None:
    cluster.apply(_issuer("plain", selfSigned={}))
    cluster.delete(_certificate("again"))
    wait("the old one is gone", lambda: None if cluster.get(CERTIFICATES, "again", "default") else True)
    cluster.apply(_certificate("again"))
    _issued(cluster, "again", "default")
    _, before, _ = _secret(cluster, "again", "default")

    change(cluster)

    _issued(cluster, "again", "default", revision=2)
    _, after, _ = _secret(cluster, "again", "default")
    assert after.serial_number != before.serial_number
    if change is _change_the_spec:
        key = after.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert key.key_size == 384
        assert after.not_valid_after_utc - after.not_valid_before_utc == timedelta(hours=48)


def test_an_authority_that_is_none_cannot_sign(cluster: Cluster) -> None:
    cluster.apply(_issuer("plain", selfSigned={}))
    cluster.apply(_certificate("leaf"))
    _issued(cluster, "leaf", "default")
    cluster.apply(_issuer("wrong", ca={"secretName": "leaf"}))

    def look() -> bool | None:
        found = conditions(cluster.get(ISSUERS, "wrong", "default"))
        return True if found == {"Ready": ("False", "ErrInvalidKeyPair")} else None

    wait("it says so", look)
