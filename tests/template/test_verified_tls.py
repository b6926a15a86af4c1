"""The program that verifies the database's certificate for ML Metadata, run as it is.

Before it stands a server that speaks MySQL's log-in: its greeting, TLS, an exchange of authentication data,
and an echo in place of commands.
"""

from __future__ import annotations

import datetime
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.conftest import PROJECT

PROGRAM = PROJECT / "template" / "kubeflow" / "database-users" / "verified_tls.py"
TLS = 0x0800
GREETING = b"\x0a8.4.6\0" + b"\1\0\0\0" + b"saltsalt" + b"\0" + b"%s" + b"\xff\2\0\xff\xdf\x15" + b"\0" * 10
ANSWER = (
    (0x01A2A685).to_bytes(4, "little") + b"\0\0\0\1" + b"\xff" + b"\0" * 23 + b"mlmd\0" + b"\x14" + b"h" * 20
)
OK = b"\0\0\0\2\0\0\0"


@dataclass
class Authority:
    """Certificates of a test: an authority, and a server's for the host `localhost`."""

    folder: Path
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"authority {self.folder.name}")])
        own = self._certificate(name, name, self.key, x509.BasicConstraints(ca=True, path_length=None))
        self.file = self.folder / "ca.crt"
        self.file.write_bytes(own.public_bytes(serialization.Encoding.PEM))
        server = ec.generate_private_key(ec.SECP256R1())
        host = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        signed = self._certificate(
            host, name, server, x509.SubjectAlternativeName([x509.DNSName("localhost")])
        )
        self.pair = self.folder / "server.pem"
        private = server.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        self.pair.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))

    def _certificate(
        self,
        subject: x509.Name,
        issuer: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        extension: x509.ExtensionType,
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
        return builder.add_extension(extension, critical=False).sign(self.key, hashes.SHA256())


@dataclass
class Server:
    """A server for one connection. What it saw is kept; `offers_tls` is what its greeting says."""

    pair: Path
    offers_tls: bool = True
    seen: list[tuple[int, bytes]] = field(default_factory=list)
    encrypted: bool = False

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self) -> None:
        with self.listener, self.listener.accept()[0] as plain:
            plain.settimeout(10)
            flags = (0xF7FF | (TLS if self.offers_tls else 0)).to_bytes(2, "little")
            send(plain, 0, GREETING.replace(b"%s", flags))
            try:
                self._log_in(plain)
            except (OSError, EOFError) as error:
                self.seen.append((-1, repr(error).encode()))

    def _log_in(self, plain: socket.socket) -> None:
        self.seen.append(receive(plain))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pair)
        with context.wrap_socket(plain, server_side=True) as connection:
            self.encrypted = True
            number, answer = receive(connection)
            self.seen.append((number, answer))
            send(connection, number + 1, b"\xfemysql_native_password\0" + b"s" * 20 + b"\0")
            self.seen.append(receive(connection))
            send(connection, number + 3, OK)
            while data := connection.recv(1 << 16):
                connection.sendall(data)


def send(connection: socket.socket, number: int, content: bytes) -> None:
    """Send a packet of MySQL's."""
    connection.sendall(len(content).to_bytes(3, "little") + bytes([number]) + content)


def receive(connection: socket.socket) -> tuple[int, bytes]:
    """Number and content of the next packet."""
    head = exactly(connection, 4)
    return head[3], exactly(connection, int.from_bytes(head[:3], "little"))


def exactly(connection: socket.socket, size: int) -> bytes:
    """So many bytes."""
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise EOFError("hung up")
        data += more
    return data


@contextmanager
def between(host: str, port: int, authority: Path) -> Iterator[socket.socket]:
    """A client's connection to the program, which is told to speak to this database."""
    env = {
        "PATH": os.environ["PATH"],
        "DATABASE_HOST": host,
        "DATABASE_PORT": str(port),
        "AUTHORITY": str(authority),
        "LISTEN_PORT": "0",
    }
    with subprocess.Popen(
        [sys.executable, str(PROGRAM)], env=env, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        try:
            line = process.stderr.readline()
            assert line.startswith("listening on port "), line + process.stderr.read()
            with socket.create_connection(("127.0.0.1", int(line.rsplit(maxsplit=1)[1])), 10) as client:
                yield client
        finally:
            process.terminate()
            process.communicate(timeout=10)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """The authority of the database's certificate."""
    folder = tmp_path / "right"
    folder.mkdir()
    return Authority(folder)


def test_a_client_that_knows_no_tls_logs_in_over_tls(authority: Authority) -> None:
    server = Server(authority.pair)
    with between("localhost", server.port, authority.file) as client:
        number, greeting = receive(client)
        offered = int.from_bytes(greeting[len(b"\x0a8.4.6\0") + 13 :][:2], "little")
        assert number == 0
        assert not offered & TLS
        send(client, 1, ANSWER)
        number, switch = receive(client)
        assert (number, switch[:1]) == (2, b"\xfe")
        send(client, 3, b"a" * 20)
        assert receive(client) == (4, OK)
    server.thread.join(10)
    (first, wish), (second, answer), (third, data) = server.seen
    assert server.encrypted
    assert (first, second, third) == (1, 2, 4)
    assert wish == answer[:32]
    assert int.from_bytes(answer[:4], "little") & TLS
    assert answer[4:] == ANSWER[4:]
    assert data == b"a" * 20


def test_commands_pass_as_they_are(authority: Authority) -> None:
    server = Server(authority.pair)
    with between("localhost", server.port, authority.file) as client:
        receive(client)
        send(client, 1, ANSWER)
        receive(client)
        send(client, 3, b"a" * 20)
        receive(client)
        query = b"\3SELECT " + b"x" * 200_000
        send(client, 0, query)
        assert receive(client) == (0, query)
        send(client, 0, b"\1")
        assert receive(client) == (0, b"\1")
    server.thread.join(10)


def refusal(server: Server, host: str, authority: Path) -> str:
    """What a client is told that is not let through."""
    with between(host, server.port, authority) as client:
        number, first = receive(client)
        if first[:1] != b"\xff":
            assert number == 0
            send(client, 1, ANSWER)
            number, first = receive(client)
        assert number == 2
        assert first[:1] == b"\xff"
    server.thread.join(10)
    assert not [content for number, content in server.seen if number == 2], "the log-in must not go out"
    return first[9:].decode()


def test_another_authoritys_certificate_is_refused(authority: Authority, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    told = refusal(Server(authority.pair), "localhost", Authority(other).file)
    assert "CERTIFICATE_VERIFY_FAILED" in told


def test_a_certificate_for_another_host_is_refused(authority: Authority) -> None:
    told = refusal(Server(authority.pair), "127.0.0.1", authority.file)
    assert "IP address mismatch" in told


def test_a_server_without_tls_is_refused(authority: Authority) -> None:
    told = refusal(Server(authority.pair, offers_tls=False), "localhost", authority.file)
    assert told == "the database offers no TLS"


def test_a_database_that_is_not_there_is_named(authority: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with between("localhost", port, authority.file) as client:
        assert receive(client)[1][:1] == b"\xff"
