"""Folders of a Go module, by the module proxy's protocol: one zip, held to its go.sum hash. Needs no `go`."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path

from kfaws.generator.run import ProgramError, run
from kfaws.generator.upstream.errors import UpstreamError
from kfaws.generator.upstream.pins import Module, Pin

DEFAULT_PROXY = "https://proxy.golang.org"
SECONDS_TO_ANSWER = 15


class GoProxy:
    """Reads modules from Go's own download cache or from its proxies; asks a proxy that failed only once."""

    def __init__(self) -> None:
        self._down: set[str] = set()

    def extract(self, pin: Pin, target: Path) -> None:
        """Put the folders that the pin's module serves into `target`. Raises UpstreamError without it."""
        module = pin.module
        if module is None:
            raise UpstreamError(f"{pin.repository} {pin.ref} is in no Go module")
        reasons: list[str] = []
        for address in self._addresses(module):
            try:
                _extract_from(address, module, list(pin.trees), target)
            except (urllib.error.HTTPError, _WrongContentError) as error:
                reasons.append(f"{_server(address)}: {error}")
            except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError) as error:
                self._down.add(_server(address))
                reasons.append(f"{_server(address)}: {getattr(error, 'reason', error)}")
            else:
                return
        raise UpstreamError(
            f"no Go module proxy gave {module.path} ({'; '.join(reasons) or 'none is configured'})"
        )

    def _addresses(self, module: Module) -> Iterator[str]:
        tail = f"{_escape(module.path)}/@v/{_escape(module.version)}.zip"
        stored = _go_variable("GOMODCACHE") or str(Path.home() / "go" / "pkg" / "mod")
        local = Path(stored) / "cache" / "download" / tail
        if local.is_file():
            yield local.as_uri()
        for proxy in re.split(r"[,|]", _go_variable("GOPROXY") or DEFAULT_PROXY):
            address = f"{proxy.rstrip('/')}/{tail}"
            if proxy not in ("direct", "off", "") and _server(address) not in self._down:
                yield address


class _WrongContentError(Exception):
    """What was downloaded is not the pinned module."""


def _extract_from(address: str, module: Module, folders: list[str], target: Path) -> None:
    with tempfile.TemporaryFile() as file:
        with urllib.request.urlopen(address, timeout=SECONDS_TO_ANSWER) as answer:
            shutil.copyfileobj(answer, file)
        try:
            with zipfile.ZipFile(file) as archive:
                if (found := module_hash(archive)) != module.sum:
                    raise _WrongContentError(f"its hash is {found}, but {module.sum} is pinned")
                _extract(archive, f"{module.path}@{module.version}/", folders, target)
        except zipfile.BadZipFile as error:
            raise _WrongContentError(str(error)) from error


def module_hash(archive: zipfile.ZipFile) -> str:
    """The `h1:` hash of go.sum: over the names and SHA-256 of all files of a module's zip."""
    lines = [
        f"{hashlib.sha256(archive.read(name)).hexdigest()}  {name}\n" for name in sorted(archive.namelist())
    ]
    return "h1:" + base64.b64encode(hashlib.sha256("".join(lines).encode()).digest()).decode()


def _extract(archive: zipfile.ZipFile, prefix: str, folders: list[str], target: Path) -> None:
    wanted = tuple(f"{prefix}{folder}/" for folder in folders)
    for name in archive.namelist():
        if name.startswith(wanted) and ".." not in name.split("/"):
            path = target / name.removeprefix(prefix)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.read(name))


def _go_variable(name: str) -> str | None:
    """A variable as Go sees it (its own settings file included), or from the environment without Go."""
    if value := os.environ.get(name):
        return value
    if shutil.which("go") is None:
        return None
    try:
        return run(["go", "env", name], timeout=10).stdout.decode().strip() or None
    except ProgramError:
        # A broken Go is no reason to fail: its defaults are known.
        return None


def _escape(path: str) -> str:
    """Upper-case letters as `!` and lower case, as the proxy's protocol has it."""
    return re.sub("[A-Z]", lambda letter: "!" + letter[0].lower(), path)


def _server(address: str) -> str:
    return address.split("/@v/")[0] if address.startswith("file:") else "/".join(address.split("/")[:3])
