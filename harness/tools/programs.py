"""A program by name: one that the user gave, one of the cache, or one that is built now."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from kfaws.generator.cache import cache_home, whole_folder
from kfaws.generator.errors import KfawsError
from kfaws.generator.progress import Reporter
from kfaws.generator.run import ProgramError, run
from kfaws.harness.tools.catalog import TOOLCHAIN, Tool, tool_of

FOLDER = "KFAWS_PROGRAMS"
MARIADB = "mariadbd"
"""It comes from a package of the machine; all else is built."""
ADMINISTRATORS = "/usr/sbin:/usr/local/sbin"
"""Where a machine has servers, and a person's PATH does not look."""
HEARTBEAT = 60
"""Seconds between two signs of life of a long build."""
BUILD = {
    "CGO_ENABLED": "0",
    "GOFLAGS": "-buildvcs=false",
    "GOTOOLCHAIN": TOOLCHAIN,
    # The compiler collects less often: quicker, for some hundred megabytes more.
    "GOGC": "400",
}


class Programs:
    """Programs by name. The first that has it gives it: override, `KFAWS_<NAME>`, folder, cache, build."""

    def __init__(self, reporter: Reporter, overrides: Mapping[str, Path] | None = None) -> None:
        """`overrides` are the user's own programs by name (`--component name=path`)."""
        self._reporter = reporter
        self._overrides = dict(overrides or {})
        for name in self._overrides:
            if name != MARIADB:
                tool_of(name)

    def find(self, name: str) -> Path | None:
        """The program, if it needs no build. Raises KfawsError when what the user gave is no program."""
        given = self._given(name)
        if given:
            return _checked(name, *given)
        cached = _home(tool_of(name)) / name
        return cached if cached.is_file() else None

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
        """The program, built if need be."""
        self.ensure([name])
        found = self.find(name)
        if found is None:
            raise KfawsError(f"{name} is gone from the cache: run `kfaws tools {name}` again")
        return found

    def ensure(self, names: Iterable[str]) -> None:
        """Build what is missing of these, with a line for each and an estimate of what is left."""
        missing = list(dict.fromkeys(tool_of(name) for name in names if self.find(name) is None))
        for position, tool in enumerate(missing):
            left = sum(other.seconds for other in missing[position:])
            self._reporter.say(
                f"building {tool.name} {tool.version} ({position + 1} of {len(missing)}; "
                f"up to {_minutes(left)} left, less where Go has compiled parts before)"
            )
            with self._alone(), self._signs_of_life(tool.name):
                # Another run may have built it while this one waited.
                if not all((_home(tool) / name).is_file() for name in tool.provides):
                    _build(tool)

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
        """One build at a time on this machine: the processors are taken by one."""
        cache_home().mkdir(parents=True, exist_ok=True)
        with (cache_home() / "building").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                self._reporter.say("another run builds programs: waiting for it")
                fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _signs_of_life(self, name: str) -> Iterator[None]:
        start, done = time.monotonic(), threading.Event()

        def say() -> None:
            while not done.wait(HEARTBEAT):
                self._reporter.say(f"  {name}: {_minutes(int(time.monotonic() - start))} so far")

        teller = threading.Thread(target=say, daemon=True)
        teller.start()
        try:
            yield
        finally:
            done.set()
            teller.join()


def _home(tool: Tool) -> Path:
    return cache_home() / "programs" / f"{tool.name}-{tool.version}-{tool.key}"


def _checked(name: str, path: Path, said_by: str) -> Path:
    if not path.is_file() or not os.access(path, os.X_OK):
        raise KfawsError(
            f"{said_by} says that {name} is {path}, which is no program: correct it or leave it out"
        )
    return path.absolute()


def _build(tool: Tool) -> None:
    go = shutil.which("go")
    if go is None:
        raise KfawsError(
            f"{tool.name} has to be built and there is no Go: install Go 1.21 or newer "
            f"(it fetches {TOOLCHAIN} itself), or give programs of your own in {FOLDER}"
        )
    with whole_folder(_home(tool)) as folder, tempfile.TemporaryDirectory() as scratch:
        first, *others = tool.provides
        command: list[str | Path] = [
            go,
            "build",
            *_edited(go, tool, Path(scratch)),
            "-ldflags",
            tool.linker_flags,
            "-o",
            folder / first,
            tool.package,
        ]
        try:
            run(command, cwd=tool.folder, env=_environment())
        except ProgramError as error:
            raise KfawsError(
                f"{tool.name} cannot be built (GOPROXY must be reachable; what was compiled is kept): {error}"
            ) from error
        for other in others:
            (folder / other).symlink_to(first)


def _edited(go: str, tool: Tool, scratch: Path) -> list[str | Path]:
    """The option that builds with the edits of a tool's `edits/edits.yaml`; none where it has no such file.

    The edited modules are copies. Raises KfawsError when the source is not what an edit expects.
    """
    edits = tool.folder / "edits" / "edits.yaml"
    if not edits.is_file():
        return []
    modules = scratch / "go.mod"
    for name in ("go.mod", "go.sum"):
        shutil.copy(tool.folder / name, scratch / name)
    for module, changes in yaml.safe_load(edits.read_text()).items():
        found = run([go, "list", "-m", "-f", "{{.Dir}}", module], cwd=tool.folder, env=_environment())
        copy = scratch / module.replace("/", "-")
        shutil.copytree(found.stdout.decode().strip(), copy)
        run(["chmod", "-R", "u+w", copy])
        for change in changes:
            _change(copy / change["file"], change, edits)
        run([go, "mod", "edit", f"-replace={module}={copy}", modules], env=_environment())
    return [f"-modfile={modules}", "-trimpath"]


def _change(file: Path, change: Mapping[str, Any], edits: Path) -> None:
    if "add" in change:
        shutil.copy(edits.parent / change["add"], file)
        return
    source = file.read_text()
    if source.count(change["old"]) != change["times"]:
        raise KfawsError(f"{edits}: {change['file']} is not what it was: look at the edit again")
    file.write_text(source.replace(change["old"], change["new"]))


def _environment() -> dict[str, str]:
    return {**os.environ, **BUILD}


def _minutes(seconds: int) -> str:
    return f"{seconds // 60} min {seconds % 60:02} s" if seconds >= 60 else f"{seconds} s"
