"""A client that sends exactly the bytes it is told to."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from http.client import HTTPMessage, HTTPResponse

TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True)
class Answer:
    """What the gateway sent back."""

    status: int
    headers: HTTPMessage
    body: bytes


@dataclass(frozen=True)
class Request:
    """A request, header by header, in the spelling and the order in which it goes out."""

    headers: tuple[tuple[str, bytes], ...] = ()
    path: str = "/"
    host: str | None = "kubeflow.platform.example.com"
    method: str = "GET"

    def to_bytes(self) -> bytes:
        """The request as sent."""
        lines = [f"{self.method} {self.path} HTTP/1.1".encode()]
        if self.host is not None:
            lines.append(b"Host: " + self.host.encode())
        lines += [name.encode("latin-1") + b": " + value for name, value in self.headers]
        return b"\r\n".join([*lines, b"Connection: close", b"", b""])


def send(port: int, request: bytes) -> Answer:
    """Send raw bytes on a fresh connection and read one answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS) as connection:
        connection.sendall(request)
        response = HTTPResponse(connection)
        response.begin()
        return Answer(response.status, response.headers, response.read())
