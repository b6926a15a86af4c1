"""The reference page of the answers, written from the questions."""

from __future__ import annotations

import json
import re
from itertools import groupby
from pathlib import Path
from typing import Any

from kfaws.generator.questions import Question, json_schema, read_questions, topic_titles

PAGE = Path("docs/reference/answers.md")
SCHEMA = Path("docs/reference/answers.schema.json")

REQUIRED_IF = re.compile(r"UNSET if (.+) else (.+) \}#")
"""How a default says that there is none under a condition."""

HEAD = """\
# Answers

One environment is described by these answers, asked in this order. Written by `kfaws questions`; edit
the files under `questions/` instead. `answers.schema.json`, beside this page, says the same to an editor.

An answer without a default has to be given. An answer that breaks a rule is refused in one line with the
remedy.
"""


def markdown(template: Path) -> str:
    """Render the page: a section a topic, a heading an answer."""
    asked = [question for question in read_questions(template) if not question.computed]
    titles = topic_titles(template)
    parts = [HEAD]
    for topic, questions in groupby(asked, key=lambda question: question.topic):
        parts.append(f"## {titles[topic]}\n")
        parts.extend(_entry(question) for question in questions)
    return "\n".join(parts)


def schema_text(template: Path) -> str:
    """The JSON Schema as text, the same at every run."""
    return json.dumps(json_schema(read_questions(template)), indent=2, ensure_ascii=False) + "\n"


def _entry(question: Question) -> str:
    facts = [f"- Type: {_type(question)}", f"- Default: {_default(question)}"]
    if question.when is not True:
        facts.append(f"- Asked when: `{_bare(question.when)}`")
    if question.choices:
        shown = (
            f"  - `{value}`" if str(value) == label else f"  - `{value}`: {label}"
            for value, label in zip(question.choices, question.labels, strict=True)
        )
        facts += ["- Choices:", *shown]
    return "\n".join([f"### {question.name}", "", question.help, "", *facts, ""])


def _type(question: Question) -> str:
    if question.multiselect:
        return "a list of choices"
    if question.type == "yaml":
        return "a map" if isinstance(question.default, dict) else "a list"
    return {"str": "text", "int": "a whole number", "bool": "true or false"}[question.type]


def _default(question: Question) -> str:
    if not question.has_default:
        return "none"
    if required := REQUIRED_IF.search(str(question.default)):
        return f"none if `{required[1]}`, else `{required[2]}`"
    if question.default == "":
        return "empty"
    return f"`{_bare(question.default)}`"


def _bare(value: Any) -> str:
    """Jinja without its delimiters where it is one expression, so that the page reads as a condition."""
    text = " ".join(value.split()) if isinstance(value, str) else json.dumps(value)
    if text.count("#{") == 1 and text.startswith("#{ ") and text.endswith(" }#"):
        return text.removeprefix("#{ ").removesuffix(" }#")
    return text.replace("#{ ", "<").replace(" }#", ">")
