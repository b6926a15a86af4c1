"""The questions of the template, as Copier's own parser reads them, and what is derived from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# Copier has no public way to read a template's questions.
from copier._template import filter_config, load_template_config

JSON_TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
LAYOUT = "copier.yml"


@dataclass(frozen=True)
class Question:
    """One question, unrendered: `default` and `when` may hold Jinja."""

    name: str
    topic: str
    """The file under questions/ that holds it, without its suffix."""
    type: str
    help: str
    choices: tuple[Any, ...]
    """The values to choose from; empty for a free answer."""
    labels: tuple[str, ...]
    multiselect: bool
    has_default: bool
    default: Any
    when: str | bool

    @property
    def computed(self) -> bool:
        """Whether it is a derived name that nobody is asked."""
        return self.when is False

    @property
    def required(self) -> bool:
        """Whether there is nothing to fall back on and it is always asked."""
        return not self.has_default and self.when is True

    @property
    def schema(self) -> dict[str, Any]:
        """JSON Schema of one answer: its kind and choices. Rules are the template's validators'."""
        schema: dict[str, Any] = {"description": self.help}
        if self.multiselect:
            schema |= {"type": "array", "items": {"enum": list(self.choices)}, "uniqueItems": True}
        elif self.choices:
            schema["enum"] = list(self.choices)
        elif self.type in JSON_TYPES:
            schema["type"] = JSON_TYPES[self.type]
        else:
            schema["type"] = _container(self.default)
        if self.has_default and not _is_jinja(self.default):
            schema["default"] = self.default
        return schema


def _container(default: Any) -> str | list[str]:
    if isinstance(default, dict):
        return "object"
    if isinstance(default, list):
        return "array"
    return ["array", "object"]


def _is_jinja(value: Any) -> bool:
    return isinstance(value, str) and ("#{" in value or "#%" in value)


def read_questions(template: Path) -> list[Question]:
    """Read the questions of a template folder, in the order in which they are asked."""
    topics = {
        name: file.stem
        for file in sorted((template / "questions").glob("*.yml"))
        for name in yaml.safe_load(file.read_text())
    }
    _, details = filter_config(load_template_config(template / LAYOUT))
    return parse_questions(details, topics)


def parse_questions(details: Mapping[str, Any], topics: Mapping[str, str] | None = None) -> list[Question]:
    """Turn what Copier's parser yields into questions; `topics` says which file holds each."""
    return [_question(name, (topics or {}).get(name, ""), detail) for name, detail in details.items()]


def _question(name: str, topic: str, detail: dict[str, Any]) -> Question:
    choices = detail.get("choices", [])
    pairs = choices.items() if isinstance(choices, dict) else [(str(choice), choice) for choice in choices]
    return Question(
        name=name,
        topic=topic,
        type=detail.get("type", "yaml"),
        help=" ".join(detail.get("help", "").split()),
        choices=tuple(value["value"] if isinstance(value, dict) else value for _, value in pairs),
        labels=tuple(label for label, _ in pairs),
        multiselect=detail.get("multiselect", False),
        has_default="default" in detail,
        default=detail.get("default"),
        when=detail.get("when", True),
    )


def topic_titles(template: Path) -> dict[str, str]:
    """Title of each topic in asking order: the first sentence of its file's first comment."""
    titles = {}
    for question in read_questions(template):
        if question.topic not in titles:
            comment = (template / "questions" / f"{question.topic}.yml").read_text().partition("\n")[0]
            titles[question.topic] = comment.removeprefix("# ").partition(". ")[0].removesuffix(".")
    return titles


def json_schema(questions: list[Question]) -> dict[str, Any]:
    """JSON Schema (2020-12) of an answers file: for editors, and for the first look of `kfaws new`."""
    asked = [question for question in questions if not question.computed]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Answers for one environment of Kubeflow on AWS",
        "type": "object",
        "additionalProperties": False,
        "required": [question.name for question in asked if question.required],
        "properties": {question.name: question.schema for question in asked},
    }
