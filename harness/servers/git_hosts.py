"""The hosts of git repositories: upstream's and the environment's own, from folders of this machine."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from kfaws.generator.cache import cache_home, remove_leftovers, whole_folder, write_whole
from kfaws.generator.upstream.local_git import contents_of, digest_of, serve
from kfaws.generator.upstream.resolver import Upstream
from kfaws.harness.certificates import self_signed
from kfaws.harness.charts import pack_dependencies
from kfaws.harness.git import Snapshots, instead_of
from kfaws.harness.left_out import leave_out
from kfaws.harness.ports import free_port
from kfaws.harness.process import Command, accepts


@dataclass(frozen=True)
class GitHosts:
    """One folder a host, with bare repositories, and the proxy that answers for all of them."""

    folder: Path
    repository: str
    """The URL of the environment's own."""
    revision: str
    port: int = field(default_factory=free_port)

    def push(self, environment: Path, left_out: Mapping[str, str] | None = None) -> list[str]:
        """Push a folder as it is now, less the Applications that are left out; returns what changed: files.

        `left_out` gives a reason for each by name; without it those of the last time are left out.
        """
        if left_out is not None:
            write_whole(self._left_out, json.dumps(left_out, indent=2).encode())
        names = json.loads(self._left_out.read_text()) if self._left_out.is_file() else {}
        before = self.snapshots.head()
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            work = Path(folder) / environment.name
            shutil.copytree(environment, work, symlinks=True, ignore=shutil.ignore_patterns(".git"))
            leave_out(work, names)
            after = self.snapshots.take(work)
        return self.snapshots.changed(before, after) if before else []

    @property
    def snapshots(self) -> Snapshots:
        """The environment's own repository."""
        place = urlsplit(self.repository)
        path = place.path.strip("/").removesuffix(".git")
        return Snapshots(self._hosts / place.netloc / f"{path}.git", self.revision)

    def serve(self, upstream: Upstream, base: str) -> None:
        """Make upstream's repositories under the URL `base`, as far as they can be had here."""
        place = urlsplit(base)
        contents = contents_of(upstream.mirror, upstream, base)
        # Made once: it is the longest step of a start.
        made = cache_home() / "served" / digest_of(contents, upstream.mirror)
        if not made.is_dir():
            remove_leftovers(made.parent)
            with whole_folder(made) as folder:
                serve(contents, folder, base, pack_dependencies)
        target = self._hosts / place.netloc / place.path.strip("/")
        shutil.copytree(made, target, copy_function=_link, dirs_exist_ok=True)

    @property
    def git(self) -> dict[str, str]:
        """The environment in which git reads all of them without the proxy."""
        return instead_of({f"https://{host}/": self._hosts / host for host in self.names})

    @property
    def names(self) -> list[str]:
        """The hosts."""
        return sorted(host.name for host in self._hosts.iterdir())

    def certificate(self) -> bytes:
        """Make the certificate under which the proxy answers for all hosts: PEM."""
        return self_signed(self.names, self._certificate)

    def command(self) -> Command:
        """The proxy."""
        module = [sys.executable, "-m", "kfaws.harness.standins.git_hosts"]
        options: list[str | Path] = ["--port", str(self.port), "--root", self._hosts]
        certificate: list[str | Path] = ["--certificate", self._certificate]
        return Command("git-hosts", [*module, *options, *certificate], lambda: accepts(self.port))

    @property
    def _left_out(self) -> Path:
        return self.folder / "left-out.json"

    @property
    def _hosts(self) -> Path:
        return self.folder / "hosts"

    @property
    def _certificate(self) -> Path:
        return self.folder / "certificate.pem"


def _link(source: str, target: str) -> str:
    """Git never writes into a file that is there: one on disk is enough, where both are on one disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target
