"""What a Certificate's spec asks for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from kfaws.generator.model import Object
from kfaws.harness.standins.controllers.cert_manager import contents, keys
from kfaws.harness.standins.controllers.cert_manager.contents import Authority
from kfaws.harness.standins.controllers.cert_manager.kinds import encoded
from kfaws.harness.standins.controllers.cert_manager.violations import violation_of

KEY = {"privateKey": {"algorithm": "Ed25519"}}
SPEC: Object = {**KEY, "secretName": "web", "dnsNames": ["web.example.com"], "issuerRef": {"name": "own"}}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("8760h0m0s", 8760 * 3600), ("90m", 5400), ("1h30m10s", 5410), ("1.5h", 5400), ("500ms", 0.5)],
)
def test_durations_as_go_writes_them(text: str, seconds: float) -> None:
    assert contents.duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("spec", "hours"),
    [
        ({}, 60),
        ({"renewBefore": "10h"}, 80),
        ({"renewBefore": "1000h"}, 60),
        ({"renewBeforePercentage": 50}, 45),
    ],
    ids=["default", "before", "too-early", "percentage"],
)
def test_when_a_certificate_is_renewed(spec: Object, hours: int) -> None:
    certificate = contents.sign({**SPEC, "duration": "90h"}, keys.generate(KEY), None)

    due = contents.renewal_time(spec, certificate)

    assert due - certificate.not_valid_before_utc == timedelta(hours=hours)


@pytest.mark.parametrize("algorithm", ["RSA", "ECDSA", "Ed25519"])
def test_keys_of_every_algorithm(algorithm: str) -> None:
    spec = {"privateKey": {"algorithm": algorithm}}

    key = keys.from_pem(keys.to_pem(keys.generate(spec), spec))

    assert keys.matches(key, spec)
    assert not keys.matches(key, {"privateKey": {"algorithm": "RSA", "size": 4096}})
    contents.sign(SPEC, key, None).verify_directly_issued_by(contents.sign(SPEC, key, None))


def test_usages_and_names() -> None:
    spec = {**SPEC, "usages": ["server auth", "digital signature"], "ipAddresses": ["127.0.0.1"]}

    found = contents.sign(spec, keys.generate(KEY), None).extensions

    assert list(found.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.SERVER_AUTH
    ]
    assert not found.get_extension_for_class(x509.KeyUsage).value.key_encipherment
    assert len(list(found.get_extension_for_class(x509.SubjectAlternativeName).value)) == 2


def test_an_authority_is_named_in_what_it_signs() -> None:
    root_spec = {**KEY, "isCA": True, "commonName": "root"}
    root_key = keys.generate(KEY)
    root = contents.sign(root_spec, root_key, None)

    leaf = contents.sign(SPEC, keys.generate(KEY), Authority((root,), root_key))

    leaf.verify_directly_issued_by(root)
    identifier = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert identifier == root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest


def _secret(spec: Object, **data: bytes) -> Object:
    key = keys.generate(spec)
    certificate = contents.sign(spec, key, None)
    made = {"tls.crt": contents.to_pem(certificate), "tls.key": keys.to_pem(key, spec)}
    given = {name.replace("_", "."): value for name, value in data.items()}
    return {"metadata": {"name": "web"}, "data": encoded({**made, **given})}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"dnsNames": ["other.example.com"]}, "RequestChanged"),
        ({"isCA": True}, "RequestChanged"),
        ({"commonName": "web"}, "RequestChanged"),
        ({"duration": "1h"}, "RequestChanged"),
        ({"privateKey": {"algorithm": "RSA"}}, "SecretMismatch"),
        ({"secretTemplate": {"labels": {"a": "b"}}}, "SecretTemplateMismatch"),
    ],
)
def test_a_changed_spec_is_noticed(change: Object, reason: str | None) -> None:
    item = {"metadata": {"name": "web"}, "spec": {**SPEC, **change}}

    found = violation_of(item, _secret(SPEC))

    assert (found.reason if found else None) == reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"tls_crt": b""}, "MissingData"),
        ({"tls_key": b"no key"}, "InvalidKeyPair"),
        ({"tls_crt": b"no certificate"}, "InvalidCertificate"),
        ({"tls_key": keys.to_pem(keys.generate(KEY), KEY)}, "InvalidKeyPair"),
    ],
    ids=["missing", "no-key", "no-certificate", "another-key"],
)
def test_a_spoilt_secret_is_noticed(data: dict[str, bytes], reason: str) -> None:
    found = violation_of({"metadata": {"name": "web"}, "spec": SPEC}, _secret(SPEC, **data))

    assert found
    assert found.reason == reason
