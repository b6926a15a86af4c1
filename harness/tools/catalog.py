"""The list of programs, and what their Go modules pin."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from kfaws.generator.errors import KfawsError

CATALOG = Path(__file__).parent / "catalog.yaml"
TOOLCHAIN = "go1.27.3"
"""Go's toolchain, which Go itself fetches as a module."""


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
    listed = yaml.safe_load(CATALOG.read_text())
    return {
        name: Tool(name, provides=tuple(entry.pop("provides", [name])), **entry)
        for name, entry in listed.items()
    }


def tool_of(program: str) -> Tool:
    """The tool that a program (or a tool) of that name comes from; raises KfawsError for an unknown one."""
    for tool in all_tools().values():
        if program == tool.name or program in tool.provides:
            return tool
    known = ", ".join(program for tool in all_tools().values() for program in tool.provides)
    raise KfawsError(f"there is no program {program}: choose of {known}")
