"""`kfaws check` as a person and as a script meet it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from kfaws.cli import run_reporting_errors
from kfaws.generator.check.rules import FAMILIES, all_rules
from kfaws.generator.check.schemas.run_time import OUTSIDE
from kfaws.generator.upstream.pins import pins
from tests.generator.check.environments import ANSWERS
from tests.generator.samples import write

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: default}\ndata: {a: b}\n"
APPLICATION = """
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: one, namespace: default, annotations: {argocd.argoproj.io/manifest-generate-paths: "."}}
spec:
  project: default
  source: {repoURL: "https://git.example.test/me/environment.git", targetRevision: main, path: one}
  destination: {server: "https://kubernetes.default.svc", namespace: default}
"""
CRDS = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: KINDs.argoproj.io}
spec:
  group: argoproj.io
  scope: Namespaced
  names: {kind: KIND, plural: KINDs}
  versions:
    - name: v1alpha1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
---
"""
PROJECT = (
    "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: default, namespace: default}\n"
    + (
        "spec:\n  sourceRepos: ['https://git.example.test/*']\n"
        "  destinations: [{namespace: default, server: '*'}]\n"
    )
)


@pytest.fixture
def repository(tmp_path: Path, cache: Path) -> Path:
    """A small repository without a finding."""
    answers = {**ANSWERS, "gitops_repository": "https://git.example.test/me/environment.git"}
    argo_cd = "".join(CRDS.replace("KIND", kind) for kind in ("Application", "AppProject"))
    return write(
        tmp_path / "environment",
        {
            ".copier-answers.yml": yaml.safe_dump(answers),
            "apps/kustomization.yaml": "resources: [one.yaml]\n",
            "apps/one.yaml": APPLICATION,
            "one/map.yaml": CONFIG_MAP,
            "bootstrap/root/kustomization.yaml": "resources: [argo-cd.yaml]\n",
            "bootstrap/root/argo-cd.yaml": argo_cd + PROJECT,
        },
    )


def kfaws(*arguments: str | Path) -> int:
    return run_reporting_errors([str(argument) for argument in arguments], debug=False)


def found(repository: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    assert kfaws("check", repository, "--json") == 1
    findings: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["findings"]
    return findings


def test_a_clean_repository(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert kfaws("check", repository) == 0
    assert capsys.readouterr().out.splitlines() == ["5 objects checked, no findings"]


def test_a_finding_says_where_what_why_and_the_remedy(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "one/map.yaml").write_text(CONFIG_MAP.replace("\ndata:", "\ndta:"))
    assert kfaws("check", repository) == 1
    printed = " ".join(capsys.readouterr().out.replace("│", " ").split())
    for part in ("one/map.yaml", "ConfigMap/default/one", "schema/unknown-field", "did you mean data?", "->"):
        assert part in printed
    assert printed.endswith("5 objects checked, 1 finding")


def test_json(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "one/map.yaml").write_text(CONFIG_MAP.replace("\ndata:", "\ndta:"))
    (finding,) = found(repository, capsys)
    assert finding == {
        "file": "one/map.yaml",
        "object": "ConfigMap/default/one",
        "rule": "schema/unknown-field",
        "what": "v1 ConfigMap has no field dta: did you mean data?",
        "why": "the API server drops or refuses a field that the kind does not have,"
        " so the setting never takes effect",
        "remedy": "correct the spelling, or remove the field",
        "application": "one",
    }


def test_the_file_is_the_one_that_holds_the_text(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(
        repository,
        {
            "one/kustomization.yaml": "resources: [map.yaml]\npatches: [{path: patch.yaml}]\n",
            "one/patch.yaml": CONFIG_MAP.replace("data: {a: b}", "imutable: true"),
        },
    )
    (finding,) = found(repository, capsys)
    assert finding["file"] == "one/patch.yaml"


def test_what_upstream_cannot_give_is_skipped_with_its_reason(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "one/map.yaml").unlink()
    (repository / "one/kustomization.yaml").write_text(
        "resources: ['https://git.example.test/acme/nothing//base?ref=v1']\n"
    )
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "file")
    assert kfaws("check", repository, "--json") == 0
    (skipped,) = json.loads(capsys.readouterr().out)["skipped"]
    assert skipped["phase"] == "objects of Application one"
    assert "acme/nothing" in skipped["reason"]


def test_a_folder_that_is_no_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert kfaws("check", tmp_path) == 1
    assert "give the folder of a generated repository" in capsys.readouterr().err


def test_the_list_of_rules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert kfaws("check", "--rules") == 0
    assert "schema/unknown-kind" in capsys.readouterr().out
    ids = [rule.id for rule in all_rules()]
    assert len(ids) == len(set(ids)) > 50
    assert all(family.rules for family in FAMILIES)


def test_crds_of_what_the_cluster_has_come_from_pinned_repositories() -> None:
    assert {part.repository for part in OUTSIDE} <= {repository for repository, _ in pins()}
