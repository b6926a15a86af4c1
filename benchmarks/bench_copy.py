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
        copy(full, "--data-file", ANSWERS)
        plain = _same_files(folder / "out", folder / "plain")
        asked = _same_questions(full, folder / "asked")
        whole, one, floor, questions = alternate(
            ROUNDS,
            lambda: copy(full, "--data-file", ANSWERS),
            lambda: copy(single),
            lambda: copy(plain),
            lambda: copy(asked, "--data-file", ANSWERS),
        )
        verdicts.ratio("copy: whole environment / one file", whole, one, TARGET)
        print(f"copy: of that, so many files without questions or conditions: {floor / one:.2f}")
        print(f"copy: of that, one file behind the same questions: {questions / one:.2f}")
    verdicts.exit()


def _same_files(result: Path, template: Path) -> Path:
    """A template that has the files of a copy as they are: what Copier needs for so many files alone."""
    shutil.copytree(result, template)
    (template / "copier.yml").write_text("name: {type: str, default: world}\n")
    return template


def _same_questions(full: Path, template: Path) -> Path:
    """A template that asks the same and writes the answers only."""
    shutil.copytree(
        full, template, ignore=lambda folder, names: names if folder.endswith("/template") else []
    )
    name = "#{ _copier_conf.answers_file }#.jinja"
    shutil.copy(full / "template" / name, template / "template" / name)
    return template


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


if __name__ == "__main__":
    main()
