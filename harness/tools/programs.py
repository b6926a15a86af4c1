"""A program by name: one that the user gave, one of the cache, a release that is fetched now, or a build."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from kfaws.generator.cache import cache_home, remove_leftovers
from kfaws.generator.errors import KfawsError
from kfaws.generator.progress import Reporter, duration
from kfaws.harness.tools.building import build
from kfaws.harness.tools.catalog import Tool, tool_of
from kfaws.harness.tools.toolchain import go_program

FOLDER = "KFAWS_PROGRAMS"
HOW = "KFAWS_TOOLS"
"""`build`: every program is built, also where a release could be fetched."""
MARIADB = "mariadbd"
"""It comes from a package of the machine; all else is fetched or built."""
ADMINISTRATORS = "/usr/sbin:/usr/local/sbin"
"""Where a machine has servers, and a person's PATH does not look."""


class Programs:
    """Programs by name.

    The first that has it gives it: override, `KFAWS_<NAME>`, folder, cache, official release, build.
    """

    def __init__(
        self, reporter: Reporter, overrides: Mapping[str, Path] | None = None, build_all: bool = False
    ) -> None:
        """`overrides` are the user's own programs by name (`--component name=path`).

        `build_all` takes no release, as KFAWS_TOOLS=build does.
        """
        self._reporter = reporter
        self._overrides = dict(overrides or {})
        self._build_all = build_all or _told_to_build()
        for name in self._overrides:
            if name != MARIADB:
                tool_of(name)

    def find(self, name: str) -> Path | None:
        """The program, if it is on this machine. Raises KfawsError when what the user gave is no program."""
        given = self._given(name)
        if given:
            return _checked(name, *given)
        homes = [home / name for home in self._homes(tool_of(name))]
        return next((program for program in homes if program.is_file()), None)

    def installed(self, name: str) -> Path | None:
        """A program that nobody builds: the user's own, or the machine's where it has it.

        Raises KfawsError when what the user gave is no program.
        """
        given = self._given(name)
        if given:
            return _checked(name, *given)
        found = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:{ADMINISTRATORS}")
        return Path(found) if found else None

    def path(self, name: str) -> Path:
        """The program, fetched or built if need be."""
        self.ensure([name])
        found = self.find(name)
        if found is None:
            raise KfawsError(f"{name} is gone from the cache: run `kfaws tools {name}` again")
        return found

    def ensure(self, names: Iterable[str]) -> None:
        """Fetch what is missing of these and build the rest: a line each, an estimate of what is left."""
        missing = list(dict.fromkeys(tool_of(name) for name in names if self.find(name) is None))
        if not missing:
            return
        remove_leftovers(cache_home() / "programs")
        unfetched = missing if self._build_all else self._fetch(missing)
        if unfetched:
            self._build(unfetched)

    def _build(self, unfetched: list[Tool]) -> None:
        with self._alone():
            go = go_program(self._reporter)
        for position, tool in enumerate(unfetched):
            left = sum(other.seconds for other in unfetched[position:])
            with self._alone():
                # Another run may have built it while this one waited.
                if self._has(tool):
                    continue
                self._reporter.say(
                    f"building {tool.name} {tool.version} ({position + 1} of {len(unfetched)}; "
                    f"up to {duration(left)} left, less where Go has compiled parts before)"
                )
                with self._reporter.wait(tool.name, tool.seconds):
                    build(tool, _built(tool), go)

    def _fetch(self, missing: list[Tool]) -> list[Tool]:
        """Fetch the releases, and return the tools that have none for this machine."""
        # Imported late: most runs have everything in the cache.
        from kfaws.harness.tools.releases import Releases

        releases = Releases(self._reporter)
        unfetched = []
        for tool in missing:
            with self._alone():
                if not self._has(tool) and not releases.fetch(tool, _released(tool)):
                    unfetched.append(tool)
        return unfetched

    def _has(self, tool: Tool) -> bool:
        return any(all((home / name).is_file() for name in tool.provides) for home in self._homes(tool))

    def _homes(self, tool: Tool) -> list[Path]:
        released = [_released(tool)] if tool.downloads and not self._build_all else []
        return [*released, _built(tool)]

    def _given(self, name: str) -> tuple[Path, str] | None:
        """What the user gave, and where it was said."""
        if name in self._overrides:
            return self._overrides[name], f"--component {name}="
        variable = f"KFAWS_{name.upper().replace('-', '_')}"
        if os.environ.get(variable):
            return Path(os.environ[variable]), variable
        folder = os.environ.get(FOLDER)
        if folder and (Path(folder) / name).is_file():
            return Path(folder) / name, FOLDER
        return None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One build or download at a time on this machine: the processors and the line are taken by one."""
        cache_home().mkdir(parents=True, exist_ok=True)
        with (cache_home() / "building").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                self._reporter.say("another run fetches or builds programs: waiting for it")
                fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _built(tool: Tool) -> Path:
    return cache_home() / "programs" / f"{tool.name}-{tool.version}-{tool.key}"


def _released(tool: Tool) -> Path:
    return cache_home() / "programs" / f"{tool.name}-{tool.version}-release-{tool.release_key}"


def _told_to_build() -> bool:
    told = os.environ.get(HOW, "")
    if told not in ("", "build"):
        raise KfawsError(f"{HOW} is {told}: set it to build, or unset it")
    return told == "build"


def _checked(name: str, path: Path, said_by: str) -> Path:
    if not path.is_file() or not os.access(path, os.X_OK):
        raise KfawsError(
            f"{said_by} says that {name} is {path}, which is no program: correct it or leave it out"
        )
    return path.absolute()
