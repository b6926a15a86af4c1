"""What tests of tools share: an empty cache, a module that says hello, and a host of releases."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kfaws.generator.progress import Reporter
from kfaws.harness.tools import Tool, building
from kfaws.harness.tools.catalog import Release, this_platform

HELLO = 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("hello") }\n'


RELEASES = "https://releases.example.com/project"


class Lines(Reporter):
    """A reporter that keeps what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


@pytest.fixture
def said() -> Lines:
    return Lines()


@pytest.fixture(autouse=True)
def _an_empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in [name for name in os.environ if name.startswith("KFAWS_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def hello(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In place of all modules one whose program, under both of its names, says hello."""
    if shutil.which("go") is None:
        pytest.skip("go is missing: nothing can be built")
    module = tmp_path / "modules" / "hello"
    module.mkdir(parents=True)
    (module / "main.go").write_text(HELLO)
    tool = Tool("hello", "example.com/hello", ".", ("hello", "bonjour"), 1)
    monkeypatch.setattr("kfaws.harness.tools.catalog.modules", lambda: tmp_path / "modules")
    monkeypatch.setattr("kfaws.harness.tools.catalog.all_tools", lambda: {"hello": tool})
    # What Go compiled before may be used: only our own cache is empty.
    monkeypatch.setenv("GOCACHE", str(Path.home() / ".cache" / "go-build"))
    # Its own toolchain: this test needs no network.
    monkeypatch.setitem(building.SETTINGS, "GOTOOLCHAIN", "local")
    monkeypatch.setenv("GOPROXY", "off")
    (module / "go.mod").write_text("module programs/hello\n\ngo 1.21\n")
    monkeypatch.setattr(Tool, "version", "v1.2.3")
    return module


@dataclass
class Host:
    """A host of releases: what it serves by path, and what it was asked for."""

    address: str
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    cut: int = 0
    """Bytes that it keeps back at the end of each file."""
    before: Callable[[], None] = lambda: None
    """Done before each answer."""


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """Every release is asked for here, at its full address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            found.before()
            content = found.files.get(self.path)
            if content is None:
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) - found.cut])

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Host(f"http://127.0.0.1:{server.server_address[1]}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setenv("KFAWS_RELEASES", f"{found.address}/mirror/")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield found
        server.shutdown()
        thread.join()


@pytest.fixture
def offer(hello: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Tool]:
    """Give the program hello a release: the address after its host, the file's content, and what is in it."""

    def offered(place: str, content: bytes, members: Mapping[str, str] | None = None) -> Tool:
        checksum = hashlib.sha256(content).hexdigest()
        release = Release(f"{RELEASES}/{place}", {this_platform(): checksum}, members)
        tool = Tool("hello", "example.com/hello", ".", ("hello", "bonjour"), 1, release=release)
        monkeypatch.setattr("kfaws.harness.tools.catalog.all_tools", lambda: {"hello": tool})
        return tool

    return offered


def script(path: Path, *lines: str) -> Path:
    """Write a program of the shell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return path
