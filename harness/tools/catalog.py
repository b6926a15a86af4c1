"""The list of programs, and what their Go modules pin."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kfaws.generator.errors import KfawsError

CATALOG = Path(__file__).parent / "catalog.yaml"
TOOLCHAIN = "go1.27.3"
"""Go's toolchain, which Go itself fetches as a module."""


@dataclass(frozen=True)
class Download:
    """One file of a release, and the programs that come out of it."""

    url: str
    sha256: str
    """In hexadecimal, of the file as it is served."""
    programs: tuple[str, ...]
    members: Mapping[str, str]
    """Where each program is in the archive; empty for a file that is the program itself."""


@dataclass(frozen=True)
class Release:
    """The official binaries of a tool, as the catalog has them.

    `{version}` stands for what go.mod pins, so that a new pin moves the address; its checksums must follow.
    `{os}` and `{arch}` are Go's words for the platform, `{program}` each of the tool's programs.
    """

    url: str
    sha256: Mapping[str, str | Mapping[str, str]]
    """By platform (`linux/amd64`): a checksum, or one for each program where `{program}` is in the URL."""
    members: Mapping[str, str] | None = None
    """Where each program is in an archive (tar)."""


@dataclass(frozen=True)
class Tool:
    """One build: a Go module in tools/, the package in it, and the programs that come out."""

    name: str
    module: str
    package: str
    provides: tuple[str, ...]
    seconds: int
    """What a build takes on two cores with nothing compiled before."""
    version_in: str = ""
    """The Go package whose variables take the version."""
    release: Release | None = field(default=None, hash=False)
    """The official binaries, where there are any and their checksums are known."""

    @property
    def folder(self) -> Path:
        """Its Go module."""
        return modules() / self.name

    @property
    def version(self) -> str:
        """What go.mod pins: that of a replacement where there is one."""
        text = (self.folder / "go.mod").read_text()
        replaced = re.search(rf"^replace {re.escape(self.module)} => \S+ (\S+)$", text, re.M)
        required = re.search(rf"^(?:require )?\s*{re.escape(self.module)} (v\S+)", text, re.M)
        found = replaced or required
        if not found:
            raise KfawsError(f"{self.folder / 'go.mod'} does not require {self.module}")
        return found[1]

    @property
    def linker_flags(self) -> str:
        """Without symbols and debugging tables: a third less to write."""
        flags = ["-s", "-w"]
        if self.version_in:
            major, minor = self.version.lstrip("v").split(".")[:2]
            values = {
                "gitVersion": self.version,
                "gitMajor": major,
                "gitMinor": minor,
                "gitCommit": "0",
                "gitTreeState": "clean",
                "buildDate": "2026-01-01T00:00:00Z",
            }
            flags += [f"-X {self.version_in}.{name}={value}" for name, value in values.items()]
        return " ".join(flags)

    @property
    def downloads(self) -> tuple[Download, ...]:
        """The files of its release for this platform; none where it has no such release."""
        here = this_platform()
        if self.release is None or here not in self.release.sha256:
            return ()
        sums = self.release.sha256[here]
        if isinstance(sums, str):
            return (self._download(self.release, sums, self.provides),)
        return tuple(self._download(self.release, sums[name], (name,)) for name in self.provides)

    def _download(self, release: Release, checksum: str, programs: tuple[str, ...]) -> Download:
        system, _, arch = this_platform().partition("/")
        words = {"version": self.version, "os": system, "arch": arch, "program": programs[0]}
        members = {name: place.format_map(words) for name, place in (release.members or {}).items()}
        return Download(release.url.format_map(words), checksum, programs, members)

    @property
    def release_key(self) -> str:
        """What changes when another file would be fetched: addresses, checksums and members."""
        files = [[file.url, file.sha256, file.programs, dict(file.members)] for file in self.downloads]
        return hashlib.sha256(json.dumps(files).encode()).hexdigest()[:12]

    @property
    def key(self) -> str:
        """What changes when another program would come out: module files, flags and toolchain."""
        digest = hashlib.sha256(f"{self.package} {self.linker_flags} {TOOLCHAIN}".encode())
        for file in sorted(file for file in self.folder.rglob("*") if file.is_file()):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
        return digest.hexdigest()[:12]


def modules() -> Path:
    """The folder of Go modules: in an installed package, or in the project."""
    package = Path(__file__).resolve().parents[2]
    return package / "tools"


@cache
def all_tools() -> dict[str, Tool]:
    """All tools by name, in the order in which they are built."""
    return {name: _tool(name, entry) for name, entry in yaml.safe_load(CATALOG.read_text()).items()}


def _tool(name: str, entry: dict[str, Any]) -> Tool:
    release = entry.pop("release", None)
    provides = tuple(entry.pop("provides", [name]))
    return Tool(name, provides=provides, release=Release(**release) if release else None, **entry)


def this_platform() -> str:
    """This machine in Go's words: `linux/amd64`, `linux/arm64`, ..."""
    machine = platform.machine().lower()
    arch = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
    return f"{platform.system().lower()}/{arch}"


def tool_of(program: str) -> Tool:
    """The tool that a program (or a tool) of that name comes from; raises KfawsError for an unknown one."""
    for tool in all_tools().values():
        if program == tool.name or program in tool.provides:
            return tool
    known = ", ".join(program for tool in all_tools().values() for program in tool.provides)
    raise KfawsError(f"there is no program {program}: choose of {known}")
