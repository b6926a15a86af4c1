"""Small servers on 127.0.0.1: one answers like a Kubernetes API server, one like a name server."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


class ApiServer:
    """What the cluster holds, by path, and whether the user is its administrator."""

    def __init__(self) -> None:
        self.url = ""
        self.administrator = True
        self.refuses = False
        self.objects: dict[str, Any] = {}

    def answer(self, path: str) -> tuple[int, Any]:
        """Return the status and the document at a path."""
        path = path.split("?")[0]
        if self.refuses:
            return 503, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 503}
        if path == REVIEWS:
            return 201, {"status": {"allowed": self.administrator}}
        if path in self.objects:
            return 200, self.objects[path]
        status = {
            "kind": "Status",
            "apiVersion": "v1",
            "status": "Failure",
            "reason": "NotFound",
            "code": 404,
        }
        return 404, status


@contextmanager
def api_server() -> Iterator[ApiServer]:
    """Serve an ApiServer until the block ends."""
    state = ApiServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            code, document = state.answer(self.path)
            body = json.dumps(document).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            # kubectl sends its body in chunks; the last one is empty.
            while size := int(self.rfile.readline().strip(), 16):
                self.rfile.read(size + 2)
            self.rfile.readline()
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server, _serving(server):
        state.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield state


@contextmanager
def name_server(records: dict[str, list[str]]) -> Iterator[tuple[str, int]]:
    """Answer NS questions from `records` (domain to name servers) until the block ends."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, sock = self.request
            query = dns.message.from_wire(data)
            name = query.question[0].name
            reply = dns.message.make_response(query)
            reply.flags |= dns.flags.RA
            servers = records.get(name.to_text(omit_final_dot=True), [])
            if servers:
                reply.answer.append(dns.rrset.from_text(name, 60, "IN", "NS", *(f"{s}." for s in servers)))
            else:
                reply.set_rcode(dns.rcode.NXDOMAIN)
            sock.sendto(reply.to_wire(), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler) as server, _serving(server):
        yield "127.0.0.1", server.server_address[1]


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
