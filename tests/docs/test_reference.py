"""The reference pages say what is so."""

from __future__ import annotations

import re
from pathlib import Path

from kfaws.generator.commands.check import rules_page
from tests.conftest import PROJECT

REFERENCE = PROJECT / "docs" / "reference"
APPS = PROJECT / "template" / "apps"
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
WAVE = re.compile(r"\b\d+\b")
VERB = re.compile(r"^kfaws ([a-z]+)", re.MULTILINE)


def test_the_page_of_the_rules_is_current() -> None:
    assert (REFERENCE / "check.md").read_text() == rules_page(), "run `kfaws check --rules --markdown`"


def test_the_page_of_applications_has_each_with_its_wave() -> None:
    page = re.findall(r"^\| ([^|]+) \| `([a-z0-9-]+)` \|", (REFERENCE / "applications.md").read_text(), re.M)
    found = {(_waves(file), file.name.partition(".")[0]) for file in APPS.glob("*.yaml*")}
    assert {(" or ".join(waves), name) for waves, name in found if waves} == set(page)


def _waves(file: Path) -> tuple[str, ...]:
    """The wave of an Application's template, or those that it has by the answers."""
    lines = [line for line in file.read_text().splitlines() if "sync-wave:" in line]
    return tuple(sorted(WAVE.findall(lines[0]))) if lines else ()


def test_links_of_the_documents_lead_somewhere() -> None:
    pages = [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")]
    links = {(page, link) for page in pages for link in LINK.findall(page.read_text())}
    local = {(page, link) for page, link in links if "://" not in link}
    broken = [f"{page.name}: {link}" for page, link in local if not (page.parent / link).exists()]
    assert broken == []


def test_commands_of_the_documents_exist() -> None:
    from kfaws.cli import VERBS

    pages = [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")]
    assert {verb for page in pages for verb in VERB.findall(page.read_text())} <= set(VERBS)
