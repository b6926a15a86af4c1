"""An answers file: read it, and refuse what no question could take, each fault as one line."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from jsonschema_rs import Draft202012Validator, ValidationError, ValidationErrorKind

from kfaws.generator.errors import KfawsError
from kfaws.generator.questions import Question, json_schema

KINDS = {
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a map",
}

FEW = 4
"""So many choices are all named in place of the nearest one."""


def read_answers(path: Path) -> dict[str, Any]:
    """Read a YAML file of answers. What Copier records for itself (`_src_path`, `_commit`) is left out."""
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise KfawsError(f"{path}: there is no such file; name one that holds answers") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise KfawsError(f"{path}: not YAML ({' '.join(str(error).split())}); mend it there") from error
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise KfawsError(f"{path}: not a map of answers; write one as `name: value` a line")
    return {str(name): value for name, value in loaded.items() if not str(name).startswith("_")}


def check_answers(answers: dict[str, Any], questions: Iterable[Question]) -> None:
    """Hold answers against the questions' names, types and choices. Raises KfawsError for the first fault.

    The rules of each question are the template's, and checked when it is copied.
    """
    questions = list(questions)
    schema = json_schema(questions) | {"required": []}
    try:
        errors = list(Draft202012Validator(schema).iter_errors(answers))
    except ValueError as error:
        # A bare date is a date to YAML, and a number too long for JSON a fault of its own.
        raise KfawsError(
            f"an answer is of a kind that no question takes ({error}); put it in quotes"
        ) from error
    errors.sort(key=lambda fault: not isinstance(fault.kind, ValidationErrorKind.AdditionalProperties))
    for fault in errors:
        raise KfawsError(_describe(fault, questions))


def refuse_unasked(given: Iterable[str], hidden: Iterable[str], questions: Iterable[Question]) -> None:
    """Refuse answers to questions that the other answers rule out: they would be ignored without a word."""
    conditions = {question.name: str(question.when) for question in questions}
    for name in sorted(set(given) & set(hidden)):
        condition = conditions[name].removeprefix("#{ ").removesuffix(" }#")
        raise KfawsError(
            f"{name}: has no effect with the other answers; remove it, or make this true: {condition}"
        )


def _describe(error: ValidationError, questions: list[Question]) -> str:
    kind = error.kind
    if isinstance(kind, ValidationErrorKind.AdditionalProperties):
        return _unknown(kind.unexpected[0], questions)
    name = str(error.instance_path[0])
    value = error.instance
    if isinstance(kind, ValidationErrorKind.Enum):
        return f"{name}: {value!r} is not one of its choices; {_nearest(value, kind.options)}"
    if isinstance(kind, ValidationErrorKind.Type):
        return f"{name}: {value!r} is not {_expected(kind.types)}; {_remedy(value, kind.types)}"
    return f"{name}: {error.message}; see `kfaws questions`"


def _unknown(name: str, questions: list[Question]) -> str:
    if any(question.name == name for question in questions):
        return f"{name}: is derived from the other answers; remove it"
    asked = [question.name for question in questions if not question.computed]
    close = get_close_matches(name, asked, n=1)
    remedy = f"did you mean {close[0]}?" if close else "`kfaws questions` lists them all; remove it"
    return f"{name}: there is no such question; {remedy}"


def _nearest(value: Any, options: list[Any]) -> str:
    texts = [str(option) for option in options]
    if str(value) in texts:
        return "put it in quotes" if isinstance(options[0], str) else "take off the quotes"
    close = get_close_matches(value, texts, n=1) if isinstance(value, str) and len(texts) > FEW else []
    return f"did you mean {close[0]}?" if close else f"choose one of {', '.join(texts)}"


def _expected(types: list[str]) -> str:
    return " or ".join(KINDS[name] for name in types)


def _remedy(value: Any, types: list[str]) -> str:
    if types == ["string"] and isinstance(value, int | float) and not isinstance(value, bool):
        return f"put it in quotes: '{value}'"
    if types == ["array"] and isinstance(value, str):
        return f"write it as [{value}]"
    return f"write it as {_expected(types)}"
