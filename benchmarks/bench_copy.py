"""`copier copy` of the walkthrough's whole environment against `copier copy` of a template with one file."""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmarks.measure import (
    ANSWERS,
    PROJECT,
    ROUNDS,
    Verdicts,
    alternate,
    environment,
    program,
    seconds,
    workplace,
)

TARGET = 2.0


def main() -> None:
    """Both templates are plain folders, so neither pays for git."""
    verdicts = Verdicts()
    with workplace() as folder:
        full, single = folder / "full", folder / "single"
        for part in ("copier.yml", "questions", "template"):
            source = PROJECT / part
            (shutil.copytree if source.is_dir() else shutil.copy)(source, _made(full) / part)
        (_made(single) / "copier.yml").write_text("name: {type: str, default: world}\n")
        (single / "README.md.jinja").write_text("Hello {{ name }}\n")
        env = environment(folder)

        def copy(template: Path, *options: str | Path) -> float:
            target = folder / "out"
            shutil.rmtree(target, ignore_errors=True)
            command = [program("copier"), "copy", "--quiet", "--defaults", *options, template, target]
            return seconds(command, env)

        copy(single)  # compiles Copier's modules
        whole, one = alternate(ROUNDS, lambda: copy(full, "--data-file", ANSWERS), lambda: copy(single))
        verdicts.ratio("copy: whole environment / one file", whole, one, TARGET)
    verdicts.exit()


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


if __name__ == "__main__":
    main()
