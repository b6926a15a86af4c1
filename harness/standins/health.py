"""The /readyz of a stand-in."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Health:
    """Answers `GET /readyz` on 127.0.0.1 with 503 until `ready()` was called, then with 200."""

    def __init__(self, port: int) -> None:
        is_ready = self._ready = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200 if self.path == "/readyz" and is_ready.is_set() else 503)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing: a look every moment is no event."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def ready(self) -> None:
        """From now on the answer is 200."""
        self._ready.set()
