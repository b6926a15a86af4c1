"""The diagram of the generated README is what `kfaws graph` draws from the rendered objects."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from kfaws.generator.answers import read_answers
from kfaws.cli import run_reporting_errors
from kfaws.generator.graph import mermaid
from kfaws.generator.progress import silent
from kfaws.generator.render import render
from kfaws.generator.scaffold import Request, Source, copy
from kfaws.generator.upstream.mirror import Mirror
from tests.conftest import ANSWERS
from tests.template.drawing import in_readme

SHAPES = ("cognito-oidc", "custom", "external-seams", "production", "s3-only", "vanilla")
"""Examples whose diagrams differ most."""


def generate(folder: Path, template: Path, answers: dict[str, Any]) -> Path:
    copy(Request(Source(str(template)), folder, answers))
    return folder


@pytest.mark.parametrize("name", SHAPES)
def test_a_diagram_is_whole(name: str, template: Path, tmp_path: Path) -> None:
    """Every arrow leads from one thing to another, and no name means two."""
    answers = read_answers(ANSWERS / "valid" / f"{name}.yml")
    lines = in_readme(generate(tmp_path / "environment", template, answers)).splitlines()
    nodes = [found[1] for line in lines if (found := re.match(r' *([a-z0-9-]+)[\[(]+"', line))]
    boxes = [found[1] for line in lines if (found := re.match(r" *subgraph ([a-z]+) ", line))]
    edges = [found for line in lines if (found := re.fullmatch(r" *(\S+) (?:-- [^>]+ )?--> (\S+)", line))]

    assert len(nodes + boxes) == len(set(nodes + boxes))
    assert {end for edge in edges for end in edge.groups()} <= {*nodes, *boxes}
    assert len(boxes) == sum(line.strip() == "end" for line in lines)
    for class_line in (line for line in lines if line.startswith("  class ")):
        assert set(class_line.split()[1].split(",")) <= set(nodes)
    lonely = {"cert-manager", "device-plugin", "external-secrets"}
    inside = {
        "dashboard",
        "notebooks",
        "volumes",
        "tensorboards",
        "trainer",
        "training-operator",
        "kserve",
        "spark",
    }
    assert {*nodes} - {end for edge in edges for end in edge.groups()} <= lonely | inside


def test_without_upstream_the_diagram_is_the_same(
    template: Path, walkthrough: Path, cache_of_its_own: None, tmp_path: Path
) -> None:
    """What cannot be rendered is drawn by its Application."""
    folder = generate(tmp_path / "environment", template, read_answers(walkthrough))
    environment = render(folder, silent())

    assert any(rendered.not_rendered for rendered in environment.applications)
    assert mermaid(environment) == in_readme(folder)


@pytest.fixture
def cache_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty cache, no mirror, and no way to git or Go modules."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("KFAWS_MIRROR", raising=False)
    monkeypatch.setenv("GOPROXY", "off")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{(tmp_path / 'nowhere').as_uri()}/.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://github.com/")


@pytest.mark.parametrize(
    ("file", "old", "new", "lost", "gained"),
    [
        (
            "kubeflow/pipelines/rds",
            "name: database-endpoint",
            "name: elsewhere",
            "pipelines -- metadata --> database",
            'mysql[("MySQL")]',
        ),
        (
            "claims/public-endpoint.yaml",
            "kind: PublicEndpoint",
            "kind: Database",
            "people --> dns",
            "people -- port-forward --> gateway",
        ),
        (
            "claims/user-pool.yaml",
            "name: kubeflow-users",
            "name: others",
            'pool["Cognito<br>kubeflow-users"]',
            'pool["Cognito<br>others"]',
        ),
        ("apps/kustomization.yaml", "  - katib.yaml\n", "", 'katib["Katib"]', "flowchart LR"),
    ],
)
def test_the_graph_follows_the_objects(
    file: str, old: str, new: str, lost: str, gained: str,
    template: Path, walkthrough: Path, mirror: Mirror, shared_cache: None, tmp_path: Path,
) -> None:  # fmt: skip
    """A README that nobody draws anew would not."""
    folder = generate(tmp_path / "environment", template, read_answers(walkthrough))
    paths = (folder / file).rglob("*.yaml") if (folder / file).is_dir() else [folder / file]
    for path in paths:
        path.write_text(path.read_text().replace(old, new))

    drawn = mermaid(render(folder, silent()))

    assert lost in in_readme(folder)
    assert lost not in drawn
    assert gained in drawn


def test_the_command_writes_a_file_once(
    template: Path,
    walkthrough: Path,
    cache_of_its_own: None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = generate(tmp_path / "environment", template, read_answers(walkthrough))
    target = tmp_path / "graph.mmd"
    command = ["graph", str(folder), "--output", str(target)]

    assert run_reporting_errors(command, debug=False) == 0
    assert target.read_text() == in_readme(folder)
    assert run_reporting_errors(command, debug=False) == 1
    assert "graph.mmd exists" in capsys.readouterr().err
