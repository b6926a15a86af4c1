"""What the platform's authority signs, as a client that knows nothing else verifies it."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from kfaws.harness.certificates import Authority


def test_an_authority_vouches_for_the_name_and_the_address_and_no_other(tmp_path: Path) -> None:
    authority, file = Authority.new("databases"), tmp_path / "server.pem"
    authority.issue(["db.example.com"], "127.0.0.1", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    trusted = PolicyBuilder().store(Store([authority.certificate])).time(datetime.now(UTC))
    for subject in (x509.DNSName("db.example.com"), x509.IPAddress(ip_address("127.0.0.1"))):
        trusted.build_server_verifier(subject).verify(certificate, [])
    with pytest.raises(VerificationError):
        trusted.build_server_verifier(x509.DNSName("other.example.com")).verify(certificate, [])
    others = PolicyBuilder().store(Store([Authority.new("databases").certificate])).time(datetime.now(UTC))
    with pytest.raises(VerificationError):
        others.build_server_verifier(x509.DNSName("db.example.com")).verify(certificate, [])
