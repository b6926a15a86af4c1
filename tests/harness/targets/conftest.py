"""An environment, and keepers and an account that only look like them."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from kfaws.harness.platform import Platform
from kfaws.harness.platform.state import RUNNING
from kfaws.harness.targets import own
from tests.harness.conftest import answered

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with answers and two Applications; no platform is up for it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "environment"
    (folder / "apps").mkdir(parents=True)
    (folder / ".git").mkdir()
    answered(folder)
    (folder / "apps/kustomization.yaml").write_text(yaml.safe_dump({"resources": ["one.yaml", "two.yaml"]}))
    for name in ("one", "two"):
        (folder / "apps" / f"{name}.yaml").write_text(yaml.safe_dump({"metadata": {"name": name}}))
    return folder


@dataclass
class Account:
    """A server that writes down what it is asked, and refuses as often as it is told to."""

    url: str
    asked: list[tuple[str, str, object]] = field(default_factory=list)
    refusals: int = 0


@pytest.fixture
def account() -> Iterator[Account]:
    class Handler(BaseHTTPRequestHandler):
        def do_DELETE(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer({}, body)

        def do_GET(self) -> None:
            self._answer([{"sequence": 1, "service": "rds"}])

        def _answer(self, content: object, body: object = None) -> None:
            found.asked.append((self.command, self.path, body))
            found.refusals -= 1
            self.send_response(200 if found.refusals < 0 else 503)
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Account(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield found
        server.shutdown()
        thread.join()


@dataclass
class Keepers:
    """What the next keeper does."""

    account: str
    phase: str = RUNNING

    def command(self, platform: Platform, components: Mapping[str, Path], ours: bool = False) -> list[str]:
        """Instead of the real one's; a test's own end is the end of these."""
        where = [str(platform.environment), str(platform.folder)]
        return [sys.executable, "-m", "tests.harness.targets.keeper", *where, self.phase, self.account]


@pytest.fixture
def keepers(monkeypatch: pytest.MonkeyPatch, account: Account) -> Keepers:
    """Keepers without programs, in the place of the real one."""
    found = Keepers(account.url)
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    monkeypatch.setattr(own, "keeper_command", found.command)
    return found
