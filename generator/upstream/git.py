"""A pinned commit by git: shallow, verified, and quick to give up on a host that does not answer."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections import defaultdict
from pathlib import Path
from urllib.parse import urlsplit

from kfaws.generator.errors import KfawsError
from kfaws.generator.run import ProgramError, run
from kfaws.generator.upstream.errors import UpstreamError
from kfaws.generator.upstream.pins import Pin

PROBE_SECONDS = 10.0
FETCH_SECONDS = 600.0
HOST_IS_DOWN = re.compile(
    r"could not resolve|failed to connect|couldn't connect|connection refused|timed out|took more than"
    r"|network is unreachable|no route to host|proxy",
    re.IGNORECASE,
)


NOISE = re.compile(r"^(?:fatal|error): (?:unable to access '[^']*': )?")


class Git:
    """Fetches by git; asks each host once a run whether it answers."""

    def __init__(self) -> None:
        self._down: dict[str, str] = {}
        self._answered: set[str] = set()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def fetch(self, url: str, pin: Pin, target: Path) -> None:
        """Check the pinned commit out into `target`. Raises UpstreamError when it cannot be had."""
        self._reach(url)
        self._git(target, "init", "--quiet")
        # A commit by its hash is what a pin means; a server that refuses those is asked for the ref.
        wanted = [pin.commit, pin.ref] if pin.commit else [pin.ref]
        for attempt, name in enumerate(wanted, start=1):
            try:
                self._git(target, "fetch", "--quiet", "--depth=1", "--no-tags", url, name)
                break
            except ProgramError as error:
                if attempt == len(wanted):
                    raise UpstreamError(f"{url} has no {' or '.join(wanted)}: {last_line(error)}") from error
        self._verify(url, pin, target)
        self._git(target, "checkout", "--quiet", "FETCH_HEAD")
        shutil.rmtree(target / ".git")

    def commit_of(self, url: str, ref: str) -> str:
        """The commit that a branch or tag stands for now."""
        self._reach(url)
        patterns = [f"refs/tags/{ref}^{{}}", f"refs/tags/{ref}", f"refs/heads/{ref}"]
        listed = self._git(Path.cwd(), "ls-remote", "--quiet", url, *patterns)
        commits = [line.split("\t") for line in listed.splitlines()]
        found = {name: commit for commit, name in commits}
        for pattern in patterns:
            if pattern in found:
                return found[pattern]
        if re.fullmatch(r"[0-9a-f]{40}", ref):
            return ref
        raise UpstreamError(f"{url} has no branch or tag {ref}")

    def _reach(self, url: str) -> None:
        host = urlsplit(url).netloc or url
        with self._locks[host]:
            if host not in self._down and host not in self._answered:
                try:
                    self._git(Path.cwd(), "ls-remote", "--quiet", url, "HEAD", timeout=PROBE_SECONDS)
                    self._answered.add(host)
                except ProgramError as error:
                    reason = last_line(error)
                    if not HOST_IS_DOWN.search(reason):
                        raise UpstreamError(f"git cannot read {url}: {reason}") from error
                    self._down[host] = reason
        if host in self._down:
            raise UpstreamError(f"git cannot reach {host}: {self._down[host]}")

    def _verify(self, url: str, pin: Pin, target: Path) -> None:
        got = self._git(target, "rev-parse", "FETCH_HEAD^{commit}").strip()
        if pin.commit and got != pin.commit:
            raise KfawsError(
                f"{url} {pin.ref} is commit {got}, but {pin.commit} is pinned: the ref was moved"
            )
        for folder, tree in {} if pin.commit else pin.trees.items():
            if self._git(target, "rev-parse", f"FETCH_HEAD:{folder}").strip() != tree:
                raise KfawsError(
                    f"{url} {pin.ref} has another {folder}/ than the pinned one: the ref was moved"
                )

    def _git(self, cwd: Path, *arguments: str, timeout: float = FETCH_SECONDS) -> str:
        environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        slow = ["-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=30"]
        quiet = ["-c", "advice.detachedHead=false"]
        done = run(["git", *slow, *quiet, *arguments], cwd=cwd, env=environment, timeout=timeout)
        return done.stdout.decode()


def last_line(error: ProgramError) -> str:
    """The line in which git says why (its last with `fatal:` or `error:`), or the whole error."""
    lines = [line for line in error.output.splitlines() if line.startswith(("fatal:", "error:"))]
    return NOISE.sub("", lines[-1]) if lines else str(error)
