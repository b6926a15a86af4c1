"""References to upstream folders."""

from __future__ import annotations

import pytest

from kfaws.generator.upstream.remote import Remote, is_remote, parse_remote, remote_of


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (
            "https://github.com/kubeflow/community-distribution//common/dex/base?ref=26.03",
            Remote(
                "https://github.com/kubeflow/community-distribution",
                "kubeflow/community-distribution",
                "26.03",
                "common/dex/base",
            ),
        ),
        (
            "https://github.com/argoproj/argo-workflows/manifests/base?ref=v3.7.3",
            Remote(
                "https://github.com/argoproj/argo-workflows",
                "argoproj/argo-workflows",
                "v3.7.3",
                "manifests/base",
            ),
        ),
        (
            "github.com/acme/widgets/base?ref=v1",
            Remote("https://github.com/acme/widgets", "acme/widgets", "v1", "base"),
        ),
        (
            "https://git.example.test/mirrors/acme/widgets.git//?ref=v1&timeout=90s",
            Remote("https://git.example.test/mirrors/acme/widgets", "acme/widgets", "v1", ""),
        ),
    ],
)
def test_forms_of_a_reference(entry: str, expected: Remote) -> None:
    assert is_remote(entry)
    assert parse_remote(entry) == expected


@pytest.mark.parametrize(
    "entry",
    [
        "https://github.com/acme/widgets/releases/download/v1/all.yaml",
        "https://git.example.test/acme/widgets/base?ref=v1",
        "https://github.com/acme/widgets//base",
    ],
)
def test_what_cannot_be_pinned(entry: str) -> None:
    assert is_remote(entry)
    assert parse_remote(entry) is None


@pytest.mark.parametrize("entry", ["../base", "deployment.yaml", "github.component/base", "a/b?ref=c"])
def test_paths_are_not_remote(entry: str) -> None:
    assert not is_remote(entry)


def test_an_application_s_repository() -> None:
    remote = remote_of("https://github.com/kubernetes-sigs/kro.git", "v0.9.4", "helm/")
    assert remote == Remote("https://github.com/kubernetes-sigs/kro", "kubernetes-sigs/kro", "v0.9.4", "helm")
    assert remote_of("https://github.com", "v1", "x") is None
