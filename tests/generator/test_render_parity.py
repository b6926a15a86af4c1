"""What we render is what plain kustomize, with git, makes of the untouched repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml
from copier import run_copy

from kfaws.generator.manifests import parse, parse_built
from kfaws.generator.model import Object, RenderedEnvironment
from kfaws.generator.programs import kubectl
from kfaws.generator.progress import silent
from kfaws.generator.render import render
from kfaws.generator.run import run
from kfaws.generator.upstream.local_git import contents_of, serve
from kfaws.generator.upstream.mirror import Mirror
from kfaws.generator.upstream.resolver import Upstream


@pytest.fixture(scope="module")
def environment(template: Path, walkthrough: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("walkthrough") / "environment"
    run_copy(str(template), folder, data=yaml.safe_load(walkthrough.read_text()), defaults=True, quiet=True)
    return folder


@pytest.fixture(scope="module")
def rendered(
    environment: Path, mirror: Mirror, tmp_path_factory: pytest.TempPathFactory
) -> RenderedEnvironment:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        return render(environment, silent())


@pytest.fixture(scope="module")
def git_environment(mirror: Mirror, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    upstream = Upstream(print)
    return {**os.environ, **serve(contents_of(mirror, upstream), tmp_path_factory.mktemp("git"))}


def without_namespaces(objects: list[Object]) -> list[Object]:
    """Kustomize knows nothing of an Application's destination."""
    return [{**item, "metadata": {**item["metadata"], "namespace": None}} for item in objects]


COMPARED = (
    "ack-rds",
    "efs-csi-driver",
    "external-secrets-kinds",
    "istio",
    "katib",
    "namespaces",
    "pipelines",
    "profile-controller",
    "trainer",
)
"""One of each shape: own files only, components, vars, nested refs, a module's folder, patches."""


@pytest.mark.parametrize("name", COMPARED)
def test_an_overlay_of_the_walkthrough(
    environment: Path, rendered: RenderedEnvironment, git_environment: dict[str, str], name: str
) -> None:
    [item] = [item for item in rendered.applications if item.application.name == name]
    command = [kubectl().path, "kustomize", environment / item.application.source["path"]]
    printed = run(command, env=git_environment).stdout.decode()
    plain = parse_built(printed, name)
    # The fast reader must see in kustomize's output what Kubernetes' own rules see.
    assert plain == parse(printed, name)
    assert without_namespaces(plain) == without_namespaces(list(item.objects))


def test_nothing_but_the_reviewed_list_is_left_out(rendered: RenderedEnvironment) -> None:
    left_out = {
        item.application.name: item.not_rendered for item in rendered.applications if item.not_rendered
    }
    assert set(left_out) == {"crossplane"}, left_out
