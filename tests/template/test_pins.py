"""Renovate's settings see every pin of a generated repository."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from copier import run_copy

from kfaws.generator.answers import read_answers
from tests.conftest import ANSWERS

KUSTOMIZATION = r"(^|/)kustomization\.ya?ml$"
WORKFLOW = r"^\.github/(workflows|actions)/.+\.ya?ml$"
HOOKS = r"^\.pre-commit-config\.ya?ml$"
BUILT_IN = {
    "argocd": (r"^    targetRevision: (\S+)$", None),
    "crossplane": (r"^  package: (\S+)$", None),
    "kubernetes": (r"^ +(?:- )?image: (\S+:\S+)$", None),
    "kustomize": (r"\?ref=(\S+)$|^ +newTag: (\S+)$", KUSTOMIZATION),
    "github-actions": (r"uses: [^.\s]+@(\S+)", WORKFLOW),
    "pre-commit": (r"^    rev: (\S+)$", HOOKS),
}
"""What each of Renovate's managers reads, and in which files when its settings name none."""

PINS = (
    r"\?ref=\S+$",
    r"^ +targetRevision: \S+$",
    r"^ +(?:- )?image: \S+:\S+$",
    r"^ +newTag: \S+$",
    r"^ +tag: \S+$",
    r"^ +package: \S+$",
    r"uses: [^.\s]+@\S+",
    r"^ +rev: \S+$",
    r"^ +version: \d\S+",
    r"==\d\S*",
)
"""What looks like a version of something from elsewhere."""


@dataclass(frozen=True)
class Pin:
    """A line with a version, in a file."""

    file: str
    line: str


def own(line: str, repository: str) -> bool:
    """Whether a line is about this repository, or about a version that the answers choose."""
    return line.strip() in (f"targetRevision: {repository}", "targetRevision: main")


def pins(folder: Path) -> Iterator[Pin]:
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.suffix not in (".yaml", ".yml") or name == ".copier-answers.yml":
            continue
        for line in path.read_text().splitlines():
            if any(re.search(pattern, line) for pattern in PINS) and not own(line, "main"):
                yield Pin(name, line)


def patterns(settings: dict[str, Any], manager: str) -> list[str]:
    listed = settings.get(manager, {}).get("managerFilePatterns", [])
    return [pattern.strip("/") for pattern in listed]


def seen(folder: Path, settings: dict[str, Any]) -> set[Pin]:
    """Lines that a manager reads."""
    found = set()
    for path in sorted(folder.rglob("*.y*ml")):
        name, text = str(path.relative_to(folder)), path.read_text()
        for manager, (expression, default) in BUILT_IN.items():
            files = patterns(settings, manager) + ([default] if default else [])
            if manager in settings["enabledManagers"] and any(re.search(file, name) for file in files):
                found |= {Pin(name, line) for line in text.splitlines() if re.search(expression, line)}
        for custom in settings["customManagers"]:
            if any(re.search(file.strip("/"), name) for file in custom["managerFilePatterns"]):
                for expression in custom["matchStrings"]:
                    for match in re.finditer(expression.replace("(?<", "(?P<"), text):
                        end = text.find("\n", match.start("currentValue"))
                        start = text.rfind("\n", 0, match.start("currentValue")) + 1
                        found.add(Pin(name, text[start:end]))
    return found


@pytest.fixture(scope="module", params=["production", "cognito-rds-s3", "vanilla"])
def environment(
    request: pytest.FixtureRequest, template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("pins") / "environment"
    answers = read_answers(ANSWERS / "valid" / f"{request.param}.yml")
    run_copy(str(template), folder, data=answers, defaults=True, quiet=True)
    return folder


@pytest.fixture
def settings(environment: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((environment / "renovate.json").read_text())
    return loaded


def test_every_pin_is_seen(environment: Path, settings: dict[str, Any]) -> None:
    listed = list(pins(environment))

    assert len(listed) > 40
    assert [pin for pin in listed if pin not in seen(environment, settings)] == []


@pytest.mark.parametrize("manager", sorted(BUILT_IN))
def test_each_manager_is_needed(manager: str, environment: Path, settings: dict[str, Any]) -> None:
    """The comparison above would notice one that is switched off."""
    settings["enabledManagers"].remove(manager)
    lost = [pin for pin in pins(environment) if pin not in seen(environment, settings)]
    # Without anything of AWS there are neither providers nor pods of our own.
    uses_aws = (environment / "platform" / "roles").is_dir()
    assert bool(lost) == (uses_aws or manager not in ("crossplane", "kubernetes"))


def test_this_repository_does_not_follow_itself(settings: dict[str, Any]) -> None:
    (rule,) = (rule for rule in settings["packageRules"] if rule.get("enabled") is False)
    assert rule["matchDepNames"] == ["https://github.com/example/kube-eks-cluster.git"]
