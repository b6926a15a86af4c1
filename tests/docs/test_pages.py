"""What the documentation says can be followed: links lead somewhere, commands and questions exist."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from kfaws.generator.questions import read_questions
from tests.commands import faults
from tests.conftest import PROJECT
from tests.template.generated import WALKTHROUGH, generate

PAGES = sorted(
    [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md"), *(PROJECT / "examples").rglob("*.md")]
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```(?:sh|console)?\n(.*?)```|`([^`\n]+)`", re.DOTALL)
QUESTION = re.compile(r"`([a-z]+(?:_[a-z]+)+)\b")
NO_QUESTIONS = {"email_verified", "mysql_native_password", "token_use"}
"""Names in the same shape that are somebody else's."""


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page: Path) -> list[str]:
    broken = []
    for target in LINK.findall(page.read_text()):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        file, _, anchor = target.partition("#")
        path = (page.parent / file).resolve() if file else page
        if not path.exists() or (anchor and anchor not in anchors(path)):
            broken.append(target)
    return broken


def code(page: Path) -> str:
    """Everything on a page that a reader would type."""
    return "\n".join(block or inline for block, inline in CODE.findall(page.read_text()))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert broken_links(page) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_commands_exist(page: Path) -> None:
    assert list(faults(code(page))) == []


def test_questions_exist() -> None:
    known = {question.name for question in read_questions(PROJECT)} | NO_QUESTIONS
    named = {name: page for page in PAGES for name in QUESTION.findall(page.read_text())}
    assert {name: str(page) for name, page in named.items() if name not in known} == {}


def test_every_page_is_reached_from_the_readme() -> None:
    reached, pending = set(), [PROJECT / "README.md"]
    while pending:
        page = pending.pop()
        if page in reached or page.suffix != ".md" or not page.is_file():
            continue
        reached.add(page)
        links = (target.partition("#")[0] for target in LINK.findall(page.read_text()))
        pending += [(page.parent / link).resolve() for link in links if link and "://" not in link]
    assert {page.relative_to(PROJECT) for page in PAGES if page not in reached} == set()


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(), re.M))
    named = {name for page in PAGES for name in re.findall(r"\bmake ([a-z]+)\b", code(page))}
    assert named <= targets
    assert {"demo", "test"} <= named


def test_messages_that_troubleshooting_quotes_are_said() -> None:
    page = (PROJECT / "docs" / "troubleshooting.md").read_text()
    table = page.partition("## Generating and rendering")[2].partition("\n## ")[0]
    quoted = [name for name in re.findall(r"^\| `([^`]+)` \|", table, re.M) if not name.startswith("copier")]
    sources = [
        file.read_text() for folder in ("generator", "kfaws") for file in (PROJECT / folder).glob("**/*.py")
    ]

    assert len(quoted) > 8
    assert [text for text in quoted if not any(text in source for source in sources)] == []


def test_troubleshooting_has_cause_and_command() -> None:
    page = (PROJECT / "docs" / "troubleshooting.md").read_text()
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    entries = [row for row in rows if row[0] != "Symptom"]
    assert len(entries) >= 30
    assert [row for row in entries if len(row) != 3] == []


def test_the_picture_is_a_picture() -> None:
    picture = PROJECT / "docs" / "images" / "check.svg"
    text = "".join(ElementTree.parse(picture).getroot().itertext())
    assert "no\N{NO-BREAK SPACE}findings" in text
    assert "did\N{NO-BREAK SPACE}you\N{NO-BREAK SPACE}mean" in text


def test_a_generated_repository_links_to_what_it_has(template: Path, tmp_path: Path) -> None:
    folder = generate(tmp_path, ("",), WALKTHROUGH)
    pages = sorted(folder.rglob("*.md"))
    assert {page.relative_to(folder).as_posix() for page in pages} >= {"README.md", "bootstrap/README.md"}
    assert {str(page.relative_to(folder)): broken_links(page) for page in pages if broken_links(page)} == {}
    assert {
        str(page.relative_to(folder)): list(faults(code(page))) for page in pages if list(faults(code(page)))
    } == {}
