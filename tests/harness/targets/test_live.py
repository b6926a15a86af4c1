"""A live target: it looks where the usual settings point, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kfaws.generator.errors import KfawsError
from kfaws.harness.targets import UnsupportedError
from kfaws.harness.targets.live import LiveTarget
from kfaws.harness.targets.target import Target

KUBECONFIG = """
apiVersion: v1
kind: Config
clusters: [{name: a, cluster: {server: "http://127.0.0.1:1"}}, {name: b, cluster: {server: "http://127.0.0.1:2"}}]
contexts: [{name: a, context: {cluster: a, user: u}}, {name: b, context: {cluster: b, user: u}}]
users: [{name: u, user: {token: t}}]
"""


@pytest.fixture
def target(environment: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    for variable in ("AWS_ENDPOINT_URL", "KUBECONFIG"):
        monkeypatch.delenv(variable, raising=False)
    found: Target = LiveTarget(environment)
    yield found
    found.close()


@pytest.mark.parametrize(
    "act",
    [
        lambda target: target.push(),
        lambda target: target.bootstrap(),
        lambda target: target.kill("kro"),
        lambda target: target.fail_aws("error", ["rds"], 1, 1),
        lambda target: target.calls(),
    ],
    ids=["push", "bootstrap", "kill", "fail_aws", "calls"],
)
def test_it_refuses_what_changes_an_environment(target: Target, act: Callable[[Target], object]) -> None:
    with pytest.raises(UnsupportedError, match="@embedded"):
        act(target)


def test_its_folder_is_a_copy(environment: Path, target: Target) -> None:
    assert target.folder != environment
    assert list(target.expected()) == ["one", "two"]
    folder = target.folder
    target.restore()
    target.close()
    assert not folder.exists()


def test_the_cluster_is_the_current_context_of_all_files_together(
    target: Target, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    current, all_of_them = tmp_path / "current", tmp_path / "all"
    current.write_text("apiVersion: v1\nkind: Config\ncurrent-context: b\n")
    all_of_them.write_text(KUBECONFIG)
    monkeypatch.setenv("KUBECONFIG", f"{current}:{all_of_them}")
    with pytest.raises(KfawsError, match="port=2"):
        _ = target.cluster


@pytest.mark.parametrize("content", [None, "apiVersion: v1\nkind: Config\n"], ids=["no file", "no context"])
def test_without_a_cluster_it_names_the_file(
    target: Target, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "kubeconfig"
    if content:
        file.write_text(content)
    monkeypatch.setenv("KUBECONFIG", str(file))
    with pytest.raises(KfawsError, match=f"no cluster of kubeconfig {file}"):
        _ = target.cluster


def test_aws_is_where_its_usual_settings_say(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    assert target.aws("rds").meta.endpoint_url == "https://rds.us-west-2.amazonaws.com"
    assert all(part.real for part in target.parts())
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    assert target.aws("rds").meta.endpoint_url == "http://127.0.0.1:4566"
    (aws,) = [part for part in target.parts() if part.name == "aws"]
    assert not aws.real
    assert "http://127.0.0.1:4566" in aws.what
