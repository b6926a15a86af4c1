"""A proxy that answers for every host whose folder it has: `python -m kfaws.harness.standins.git_hosts`.

It takes CONNECT only, speaks TLS as the host that was asked for, and lets its repositories be fetched, as
`git upload-pack` answers. Nothing can be pushed. A host without a folder is refused.
"""

from __future__ import annotations

import argparse
import gzip
import io
import os
import socket
import socketserver
import ssl
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from kfaws.generator.run import ProgramError, run

SERVICE = "git-upload-pack"
Address = tuple[str, int]


class Proxy(socketserver.ThreadingTCPServer):
    """Listens on 127.0.0.1; `root` has a folder for each host, with bare repositories in it."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, root: Path, context: ssl.SSLContext) -> None:
        self.root = root
        self.context = context
        super().__init__(("127.0.0.1", port), Connection)


class Connection(socketserver.BaseRequestHandler):
    """One connection: CONNECT, TLS, then questions."""

    server: Proxy
    client_address: Address
    request: socket.socket

    def handle(self) -> None:
        """Refuse a host that is not here, or answer for it until the client has enough."""
        host = _asked_host(self.request)
        if host is None or not (self.server.root / host).is_dir():
            self.request.sendall(b"HTTP/1.1 502 not a host of this machine\r\ncontent-length: 0\r\n\r\n")
            return
        self.request.sendall(b"HTTP/1.1 200 connected\r\n\r\n")
        try:
            channel = self.server.context.wrap_socket(self.request, server_side=True)
        except ssl.SSLError as refusal:
            # kustomize first asks for each remote ref as a plain file, with an HTTP client that does not
            # know our certificate; it then goes on to git.
            print(f"{host}: {refusal.reason}", file=sys.stderr, flush=True)
            return
        with channel:
            Refs(channel, self.client_address, self.server, self.server.root / host)


class Refs(BaseHTTPRequestHandler):
    """Answers for the repositories below one folder."""

    protocol_version = "HTTP/1.1"

    def __init__(self, channel: ssl.SSLSocket, client: Address, server: Proxy, folder: Path) -> None:
        self.folder = folder
        super().__init__(channel, client, server)

    def do_GET(self) -> None:
        """The advertisement of refs, as git's own program writes it."""
        asked = urlsplit(self.path)
        if parse_qs(asked.query).get("service") != [SERVICE]:
            self._answer(404, b"", "text/plain")
            return
        version_2 = "version=2" in self.headers.get("git-protocol", "")
        head = b"" if version_2 else f"{len(SERVICE) + 15:04x}# service={SERVICE}\n0000".encode()
        self._upload_pack(asked.path.removesuffix("/info/refs"), ["--http-backend-info-refs"], b"", head)

    def do_POST(self) -> None:
        """What a fetch asks for."""
        body = self._body()
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        self._upload_pack(self.path.removesuffix(f"/{SERVICE}"), [], body, b"")

    def _upload_pack(self, path: str, options: list[str], asked: bytes, head: bytes) -> None:
        repository = self._repository(path)
        if repository is None:
            self._answer(404, b"no such repository here", "text/plain")
            return
        environment = {**os.environ, "GIT_PROTOCOL": self.headers.get("git-protocol", "")}
        command: list[str | Path] = ["git", "upload-pack", "--stateless-rpc", *options, repository]
        try:
            said = run(command, stdin=asked, env=environment).stdout
        except ProgramError as error:
            self._answer(500, str(error).encode(), "text/plain")
            return
        kind = "advertisement" if options else "result"
        self._answer(200, head + said, f"application/x-{SERVICE}-{kind}")

    def _body(self) -> bytes:
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", "0")))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _repository(self, path: str) -> Path | None:
        """The bare repository of a path; nothing outside of the folder."""
        wanted = (self.folder / path.strip("/")).resolve()
        for place in (wanted, wanted.with_name(f"{wanted.name}.git")):
            if place.is_relative_to(self.folder.resolve()) and (place / "HEAD").is_file():
                return place
        return None

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """A line for each question."""
        print(format % args, file=sys.stderr, flush=True)


def _asked_host(connection: socket.socket) -> str | None:
    """The host of a CONNECT request, read up to the empty line; None for anything else."""
    head = io.BytesIO()
    while not head.getvalue().endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            return None
        head.write(byte)
    method, _, rest = head.getvalue().decode("latin-1").partition(" ")
    host = rest.partition(":")[0]
    return host if method == "CONNECT" and host and "/" not in host and not host.startswith(".") else None


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--certificate", type=Path, required=True, help="PEM, with its key in the same file")
    arguments = parser.parse_args()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(arguments.certificate)
    with Proxy(arguments.port, arguments.root, context) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
