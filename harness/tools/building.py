"""A build of one tool by Go, from the module proxy."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from kfaws.generator.cache import cache_home, whole_folder
from kfaws.generator.errors import KfawsError
from kfaws.generator.run import ProgramError, run
from kfaws.harness.tools.catalog import TOOLCHAIN, Tool
from kfaws.harness.tools.space import is_full, remedy

SETTINGS = {
    "CGO_ENABLED": "0",
    "GOTOOLCHAIN": TOOLCHAIN,
    # A go.work of the user's, further up, does not know our modules.
    "GOWORK": "off",
    # The compiler collects less often: quicker, for some hundred megabytes more.
    "GOGC": "400",
}
MODULES = "-mod=readonly"
"""The user's GOFLAGS stay in force; on the command line this wins over a `-mod=vendor` there."""


def build(tool: Tool, home: Path, go: Path) -> None:
    """Build a tool's programs into the folder `home`, whole or not at all. Raises KfawsError."""
    try:
        with whole_folder(home) as folder, tempfile.TemporaryDirectory() as scratch:
            first, *others = tool.provides
            _compile(tool, go, folder / first, Path(scratch))
            for other in others:
                (folder / other).symlink_to(first)
    except (ProgramError, OSError) as error:
        if is_full(error):
            raise KfawsError(f"{tool.name} cannot be built: {remedy(_places(go))}") from error
        if isinstance(error, OSError):
            raise
        raise KfawsError(
            f"{tool.name} cannot be built (GOPROXY must be reachable; what was compiled is kept"
            f"{_said_by_flags(go)}): {error}"
        ) from error


def _compile(tool: Tool, go: Path, target: Path, scratch: Path) -> None:
    command: list[str | Path] = [go, "build", "-buildvcs=false", MODULES, *_edited(go, tool, scratch)]
    command += ["-ldflags", tool.linker_flags, "-o", target, tool.package]
    run(command, cwd=tool.folder, env=_environment())
    if not target.is_file():
        raise KfawsError(f"Go built no {target.name}{_said_by_flags(go)}")


def _said_by_flags(go: Path) -> str:
    flags = _setting(go, "GOFLAGS")
    return f"; your GOFLAGS are in force: {flags}" if flags else ""


def _places(go: Path) -> dict[str, Path]:
    """What a build fills, by the variable that moves it."""
    return {
        "GOCACHE": Path(_setting(go, "GOCACHE") or Path.home()),
        "GOMODCACHE": Path(_setting(go, "GOMODCACHE") or Path.home()),
        "TMPDIR": Path(tempfile.gettempdir()),
        "XDG_CACHE_HOME": cache_home(),
    }


def _setting(go: Path, name: str) -> str:
    """A setting as Go sees it, its own file of settings included."""
    try:
        return run([go, "env", name], timeout=10, env=_environment()).stdout.decode().strip()
    except ProgramError:
        # It only makes an error's line more exact.
        return ""


def _edited(go: Path, tool: Tool, scratch: Path) -> list[str | Path]:
    """The options that build with the edits of a tool's `edits/edits.yaml`; none where it has no such file.

    The edited modules are copies. Raises KfawsError when the source is not what an edit expects.
    """
    edits = tool.folder / "edits" / "edits.yaml"
    if not edits.is_file():
        return []
    modules = scratch / "go.mod"
    for name in ("go.mod", "go.sum"):
        shutil.copy(tool.folder / name, scratch / name)
    for module, changes in yaml.safe_load(edits.read_text()).items():
        listed = [go, "list", MODULES, "-m", "-f", "{{.Dir}}", module]
        found = run(listed, cwd=tool.folder, env=_environment())
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
    return {**os.environ, **SETTINGS}
