"""The programs that render."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kfaws.generator import helm_package, programs
from kfaws.generator.errors import KfawsError
from kfaws.generator.run import run


def test_kubectl_carries_kustomize() -> None:
    printed = run([programs.kubectl().path, "version", "--client"]).stdout.decode()
    assert "Kustomize Version: v5.8" in printed


def test_helm_is_unpacked_once(cache: Path) -> None:
    first = programs.helm()
    assert run([first.path, "version", "--short"]).stdout.decode().startswith("v4.3.1")
    again = programs.helm()
    assert again.identity == first.identity
    assert [path.name for path in (cache / "programs").iterdir()] == [first.path.name]


def test_a_variable_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KFAWS_KUBECTL", sys.executable)
    monkeypatch.setenv("KFAWS_HELM", sys.executable)
    assert programs.kubectl().path == programs.helm().path == Path(sys.executable)


@pytest.mark.parametrize(("name", "variable"), [("kubectl", "KFAWS_KUBECTL"), ("helm", "KFAWS_HELM")])
def test_a_variable_that_names_nothing(name: str, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "/no/such/program")
    with pytest.raises(KfawsError, match=f"{variable} names /no/such/program, .* unset it to use our {name}"):
        getattr(programs, name)()


def test_kubectl_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KFAWS_KUBECTL", raising=False)
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path))
    with pytest.raises(KfawsError, match=r"kubectl is missing at .*: run `uv sync`"):
        programs.kubectl()


def test_helm_with_another_checksum_is_refused(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "HELM", ("4.3.1", "0" * 64))
    with pytest.raises(KfawsError, match=r"is not the pinned 4\.3\.1: run `uv sync`"):
        programs.helm()
    assert not list(cache.rglob("*helm*"))


def test_a_platform_without_a_helm_of_ours_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    with pytest.raises(KfawsError, match="set KFAWS_HELM"):
        helm_package.unpack("4.3.1", "0" * 64, "install it")
