"""Which image references a runtime could ask a registry for."""

from __future__ import annotations

import pytest

from kfaws.harness.standins.cluster.images import is_reference

DIGEST = f"sha256:{'a1' * 32}"


@pytest.mark.parametrize(
    "image",
    [
        "busybox",
        "library/busybox:1.36",
        "localhost/own",
        "registry.example.com:5000/team/web__one:v1.2-3",
        "123456789012.dkr.ecr.us-west-2.amazonaws.com/web:latest",
        f"ghcr.io/kubeflow/kubeflow/kfam@{DIGEST}",
        f"ghcr.io/kubeflow/kubeflow/kfam:v1@{DIGEST}",
        "Example.com/web",
        "[2001:db8::1]:5000/web",
    ],
)
def test_well_formed(image: str) -> None:
    assert is_reference(image)


@pytest.mark.parametrize(
    "image",
    [
        "",
        "Web:1",
        "example.com/Web",
        "example.com/web:",
        "example.com/web: v1",
        "example.com//web",
        "/web",
        "https://example.com/web",
        "example.com/web:v1:v2",
        "example.com/web:<no value>",
        "example.com/web@sha256:123",
        "example.com/web@",
        "-example.com/web",
        "example.com/web_",
        f"example.com/web:{'a' * 129}",
        f"example.com/{'a' * 256}",
        "a1" * 32,
        "web\n",
    ],
)
def test_malformed(image: str) -> None:
    assert not is_reference(image)
