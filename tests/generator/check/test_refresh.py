"""What Argo CD renders anew after a commit."""

from __future__ import annotations

import pytest

from kfaws.generator.check.rules.refresh import PATHS
from tests.generator.check.environments import Environment

REPOSITORY = "https://example.com/team/environment.git"
NOT_NAMED = f"{PATHS} does not name platform/conventions, which platform/store is built from"


def with_paths(environment: Environment, annotation: str, repository: str = REPOSITORY) -> Environment:
    """One Application whose folder is built from another one."""
    environment.answers["gitops_repository"] = REPOSITORY
    environment.write("platform/store/kustomization.yaml", "components: [../conventions]\n")
    environment.write("platform/conventions/kustomization.yaml", "kind: Component\n")
    environment.application("store", "")
    manifest = environment.applications[-1].application.manifest
    manifest["spec"]["source"] = {"repoURL": repository, "path": "platform/store"}
    manifest["metadata"]["annotations"] = {PATHS: annotation}
    return environment


@pytest.mark.parametrize(
    "annotation", [".;/platform/conventions", ". ; ../conventions", "/platform", "/", "..", ".;;/platform/"]
)
def test_named_folders_are_seen(environment: Environment, annotation: str) -> None:
    with_paths(environment, annotation)
    assert environment.texts("refresh/unseen-folder") == environment.texts("refresh/every-commit") == []


@pytest.mark.parametrize("annotation", [".", ".;/platform/conv", ".;platform/conventions", ".;/platform/*"])
def test_a_folder_that_is_not_named_is_found(environment: Environment, annotation: str) -> None:
    assert with_paths(environment, annotation).texts("refresh/unseen-folder") == [NOT_NAMED]


def test_its_own_folder_is_not_seen_by_itself(environment: Environment) -> None:
    [text] = with_paths(environment, "/platform/conventions").texts("refresh/unseen-folder")
    assert "does not name platform/store" in text


@pytest.mark.parametrize("annotation", ["", " ; "])
def test_an_application_that_names_nothing_is_found(environment: Environment, annotation: str) -> None:
    found = with_paths(environment, annotation)
    assert found.texts("refresh/every-commit") == [f"has no annotation {PATHS}"]


def test_a_chart_of_another_repository_is_nothing_of_ours(environment: Environment) -> None:
    found = with_paths(environment, "", "https://github.com/kubernetes-sigs/kro.git")
    assert found.texts("refresh/every-commit") == []
