"""One place that turns a reference to upstream into a folder on this machine."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kfaws.generator.cache import cache_home, whole_folder
from kfaws.generator.kustomization import localise_tree
from kfaws.generator.upstream.errors import UpstreamError
from kfaws.generator.upstream.git import Git
from kfaws.generator.upstream.mirror import VARIABLE, Mirror, configured_mirror
from kfaws.generator.upstream.pins import Pin, pins, pins_digest
from kfaws.generator.upstream.remote import Remote, parse_remote
from kfaws.generator.upstream.trees import is_sealed, seal

if TYPE_CHECKING:
    from kfaws.generator.upstream.goproxy import GoProxy


class Upstream:
    """Mirror, then cache, then git, then the Go module proxy; what failed is not tried twice in a run."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.home = cache_home() / "upstream"
        self.mirror: Mirror | None = configured_mirror()
        self._say = say
        self._git = Git()
        self._locks: defaultdict[tuple[str, str], threading.Lock] = defaultdict(threading.Lock)
        self._outcomes: dict[tuple[str, str], Path | UpstreamError] = {}
        self._unpinned: dict[tuple[str, str], Pin] = {}

    def pin(self, remote: Remote) -> Pin:
        """What is known of a reference: our pin, the mirror's entry, or the commit that git names now."""
        key = (remote.repository, remote.ref)
        known = pins().get(key) or self._unpinned.get(key)
        if known is None:
            entry = self.mirror.find(*key) if self.mirror else None
            commit = entry.commit if entry else self._git.commit_of(remote.url, remote.ref)
            known = self._unpinned[key] = Pin(*key, commit)
            self._say(f"{remote.repository} {remote.ref} is not among our pins: taken as commit {commit}")
        return known

    def identity(self, pin: Pin) -> str:
        """What the content is known by, for cache keys; a mirror's copy may lack files, so it has its own."""
        entry = self.mirror.find(pin.repository, pin.ref) if self.mirror else None
        return f"{pin.identity}-{entry.digest}" if entry else pin.identity

    @property
    def digest(self) -> str:
        """A hash of all that decides what a reference stands for."""
        return pins_digest() + (self.mirror.digest if self.mirror else "")

    def place(self, pin: Pin) -> Path:
        """Where the repository is, or will be once it is asked for."""
        return self.home / pin.repository / f"{pin.ref.replace('/', '-')}-{self.identity(pin)}"

    def folder(self, remote: Remote) -> Path:
        """The folder that a reference names. Raises UpstreamError when it cannot be had."""
        pin = self.pin(remote)
        folder = self.tree(pin, remote.url) / remote.path
        if not folder.is_dir():
            raise UpstreamError(f"{pin.repository} {pin.ref} has no folder {remote.path or '.'}")
        return folder

    def tree(self, pin: Pin, url: str) -> Path:
        """The root of a repository at its pin."""
        key = (pin.repository, pin.ref)
        with self._locks[key]:
            if key not in self._outcomes:
                try:
                    self._outcomes[key] = self._obtain(pin, url)
                except UpstreamError as error:
                    self._outcomes[key] = error
        outcome = self._outcomes[key]
        if isinstance(outcome, UpstreamError):
            raise outcome
        return outcome

    def owner_of(self, path: Path) -> Pin | None:
        """The pin in whose place a path lies, for a reference between two repositories."""
        if not path.is_relative_to(self.home):
            return None
        return self._places.get(self.home.joinpath(*path.relative_to(self.home).parts[:3]))

    @cached_property
    def _places(self) -> dict[Path, Pin]:
        return {self.place(pin): pin for pin in pins().values()}

    def _obtain(self, pin: Pin, url: str) -> Path:
        place = self.place(pin)
        if place.is_dir():
            if is_sealed(place):
                return place
            self._say(f"{place} was damaged: fetching it again")
        with whole_folder(place) as partial:
            self._fill(pin, url, partial)
            localise_tree(partial, place, self._planned)
            seal(partial)
        return place

    def _fill(self, pin: Pin, url: str, target: Path) -> None:
        if self.mirror and self.mirror.find(pin.repository, pin.ref):
            self.mirror.copy(pin, target)
            return
        try:
            self._git.fetch(url, pin, target)
        except UpstreamError as by_git:
            if not pin.module:
                raise _unavailable(pin, str(by_git)) from by_git
            try:
                self._proxy.extract(pin, target)
            except UpstreamError as by_proxy:
                raise _unavailable(pin, f"{by_git}; {by_proxy}") from by_proxy

    @cached_property
    def _proxy(self) -> GoProxy:
        # Imported late: most runs find everything in the cache.
        from kfaws.generator.upstream.goproxy import GoProxy

        return GoProxy()

    def _planned(self, entry: str) -> Path | None:
        """Where a reference inside an upstream repository will be; None leaves it as it is."""
        remote = parse_remote(entry)
        pin = pins().get((remote.repository, remote.ref)) if remote else None
        return self.place(pin) / remote.path if pin and remote else None


def _unavailable(pin: Pin, reason: str) -> UpstreamError:
    return UpstreamError(
        f"upstream {pin.repository} {pin.ref} cannot be had: {reason}. "
        f"Set {VARIABLE} to a folder that mirrors it"
    )
