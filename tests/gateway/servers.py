"""The two servers that stand behind a gateway under test: the keys of the load balancer, and a workload."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Headers = list[tuple[str, str]]


@dataclass
class KeyEndpoint:
    """What the key endpoint answers, by path, and how often it was asked."""

    keys: dict[str, bytes] = field(default_factory=dict)
    """Body by path; every other path is a 403, which is what a bucket answers."""
    asked: list[str] = field(default_factory=list)
    status: int = 200
    """Status of an answer with a key."""
    hold: Callable[[], object] | None = None
    """When set, an answer waits until this returns: the endpoint is slow."""

    def answer(self, path: str, headers: Headers) -> tuple[int, bytes]:
        """Serve a key."""
        self.asked.append(path)
        if self.hold is not None:
            self.hold()
        body = self.keys.get(path)
        return (403, b"<Error/>") if body is None else (self.status, body)


@dataclass
class Backend:
    """A workload that keeps the headers of every request that reached it."""

    hits: list[Headers] = field(default_factory=list)

    def answer(self, path: str, headers: Headers) -> tuple[int, bytes]:
        """Count the hit."""
        self.hits.append(headers)
        return 200, b"reached"


class Server(ThreadingHTTPServer):
    """Takes many connections at once and leaves no thread behind that is waited for."""

    request_queue_size = 128
    daemon_threads = True


@contextmanager
def serving(application: KeyEndpoint | Backend) -> Iterator[int]:
    """Serve an application on a port of 127.0.0.1, which is given."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one write an answer: two would wait for the client's delayed acknowledgement

        def answer(self) -> None:
            """The same answer to every method."""
            status, body = application.answer(self.path, list(self.headers.items()))
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean; what was asked is in the application."""

    for method in ("GET", "POST", "OPTIONS"):
        setattr(Handler, f"do_{method}", Handler.answer)
    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
