"""Copy the template with Copier: whole or not at all, and every fault as one line."""

from __future__ import annotations

import re
import sys
import traceback
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

# Copier's public run_copy does not let a caller change what a question offers.
from copier._main import Worker
from copier._settings import SettingsModel
from copier.errors import CopierAnswersInterrupt, CopierError, DirtyLocalWarning
from jinja2 import TemplateError
from plumbum import ProcessExecutionError

from kfaws.generator.answers import check_answers, refuse_unasked
from kfaws.generator.errors import KfawsError
from kfaws.generator.questions import Question, parse_questions

VALIDATION = re.compile(r"(?:Validation error for question|Invalid choice for) '(\w+)': (.*)", re.DOTALL)
OFFERED = re.compile(r"(.*) is not in \[(.*)\]", re.DOTALL)
REQUIRED = re.compile(r'Question "(\w+)" is required')
UNDER_GIT = {".git"}
"""What a folder may hold already: a repository that was just made or cloned."""


@dataclass(frozen=True)
class Source:
    """Where the template comes from: a folder or git URL, and the ref (None: the latest tag)."""

    location: str
    ref: str | None = None


@dataclass(frozen=True)
class Request:
    """What to copy and with which answers."""

    source: Source
    folder: Path
    answers: dict[str, Any]
    known: Mapping[str, Any] = field(default_factory=dict)
    """Answers that need not be asked, unless the questions refuse them."""
    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Per question, what to offer in place of the template's own choices or default."""
    ask: bool = False
    """Whether a person can be asked for what is missing."""


@dataclass(frozen=True)
class Copied:
    """What a copy did."""

    message: str
    """The template's own closing words."""
    template_is_dirty: bool


def template_folder() -> Path:
    """The template that came with this program: inside an installed distribution, or the checkout."""
    installed = Path(__file__).resolve().parent.parent / "scaffold"
    return installed if installed.is_dir() else Path(__file__).resolve().parent.parent


def own_source() -> Source:
    """The source for those who name no template: as it lies here, changes that are not committed included."""
    return Source(str(template_folder()), "HEAD")


def copy(request: Request) -> Copied:
    """Copy the template to `request.folder`, which must be new or empty.

    Everything is written beside it and moved into place at the end. Raises KfawsError, and KeyboardInterrupt
    for Ctrl-C; the folder is then as it was.
    """
    folder = request.folder.absolute()
    refuse_occupied(folder)
    home = next(parent for parent in folder.parents if parent.is_dir())
    with TemporaryDirectory(prefix=".kfaws-new-", dir=home) as staging:
        staged = Path(staging) / folder.name
        copied = _run(request, staged)
        _move(staged, folder)
    return copied


def refuse_occupied(folder: Path) -> None:
    """Refuse a destination that something is in already."""
    if folder.is_dir():
        inside = sorted(entry.name for entry in folder.iterdir() if entry.name not in UNDER_GIT)
        if inside:
            raise KfawsError(
                f"{folder} is not empty (it holds {inside[0]}); name a new folder, or change an environment "
                "with `copier update`"
            )
    elif folder.exists() or folder.is_symlink():
        raise KfawsError(f"{folder} is not a folder; name a new one")


def _move(staged: Path, folder: Path) -> None:
    """Put the copy into place: by one rename, or entry by entry where a folder waits for it."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        staged.rename(folder)
        return
    moved: list[Path] = []
    try:
        for entry in sorted(staged.iterdir()):
            moved.append(entry.rename(folder / entry.name))
    except BaseException:
        for entry in moved:
            entry.rename(staged / entry.name)
        raise


def _run(request: Request, folder: Path) -> Copied:
    with warnings.catch_warnings(record=True) as caught, _template_faults(request.source):
        warnings.simplefilter("always")
        with _worker(request, folder) as worker:
            questions = parse_questions(worker.template.questions_data)
            check_answers(request.answers, questions)
            for name, change in request.changes.items():
                worker.template.questions_data[name].update(change)
            for name in request.known:
                worker.template.questions_data[name]["ask"] = False
            with _answer_faults(questions):
                worker.run_copy()
            refuse_unasked(request.answers, worker.answers.hidden, questions)
            message = worker.jinja_env.from_string(worker.template.message_after_copy)
            return Copied(
                message=message.render(**worker.answers.combined),
                template_is_dirty=any(issubclass(warning.category, DirtyLocalWarning) for warning in caught),
            )


def _worker(request: Request, folder: Path) -> Worker:
    return Worker(
        src_path=request.source.location,
        vcs_ref=request.source.ref,
        dst_path=folder,
        data=request.answers,
        user_defaults=dict(request.known),
        # Not the user's own settings of Copier: the same answers make the same repository everywhere.
        settings=SettingsModel(),
        defaults=not request.ask,
        quiet=True,
    )


@contextmanager
def _answer_faults(questions: list[Question]) -> Iterator[None]:
    """Name the question that an answer, or its absence, is refused for."""
    try:
        yield
    except ValueError as error:
        if refused := VALIDATION.match(str(error)):
            says = OFFERED.sub(r"\1 is not one of its choices; choose one of \2", refused[2])
            raise KfawsError(f"{refused[1]}: {says}") from error
        if missing := REQUIRED.match(str(error)):
            helps = {question.name: question.help for question in questions}
            raise KfawsError(
                f"{missing[1]}: has no answer; add it to the answers file: {helps[missing[1]]}"
            ) from error
        raise


@contextmanager
def _template_faults(source: Source) -> Iterator[None]:
    """Turn what Copier raises into one line that names the template and the remedy."""
    try:
        yield
    except CopierAnswersInterrupt as stop:
        raise KeyboardInterrupt from stop
    except ProcessExecutionError as error:
        last = str(error.stderr).strip().splitlines()[-1:] or ["git said nothing"]
        raise KfawsError(
            f"template {source.location}: {last[0]}; check the URL and your access to it"
        ) from error
    except TemplateError as error:
        where = [
            frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".jinja")
        ]
        file = "/".join(Path(where[-1].filename).parts[-3:]) if where else ""
        place = f"{file} line {where[-1].lineno}: " if where else ""
        raise KfawsError(
            f"template {source.location}: {place}{error}; use a released version of it"
        ) from error
    except (CopierError, ValueError, TypeError) as error:
        raise KfawsError(
            f"template {source.location}: {error}; check that it is this project's template"
        ) from error


def can_ask() -> bool:
    """Whether a person sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()
