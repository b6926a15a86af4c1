"""A whole environment, rendered."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kfaws.generator.errors import KfawsError
from kfaws.generator.model import Object, RenderedEnvironment
from kfaws.generator.progress import Reporter
from kfaws.generator.render import not_rendered_list, render
from kfaws.generator.sources import Source
from tests.generator.conftest import Pinner
from tests.generator.samples import (
    CHART,
    GADGETS,
    HOST,
    REF,
    UPSTREAM,
    WIDGETS,
    write,
    write_environment,
    write_mirror,
)

COMMITS = {WIDGETS: "1" * 40, GADGETS: "2" * 40, "acme/charts": "3" * 40}
OVERLAY = f"""
resources:
  - {HOST}/{WIDGETS}//base?ref={REF}
  - settings.yaml
components: [../shared]
"""
FILES = {
    "widgets/kustomization.yaml": OVERLAY,
    "widgets/settings.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"
    "data: {size: small}\n",
    "shared/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
    "patches: [{path: two.yaml, target: {kind: Deployment}}]\n",
    "shared/two.yaml": "- {op: replace, path: /spec/replicas, value: 2}\n",
    "claims/one.yaml": "apiVersion: acme.test/v1\nkind: Claim\nmetadata: {name: one}\n",
    "claims/two.yaml": "apiVersion: acme.test/v1\nkind: Gadget\nmetadata: {name: two, namespace: wrong}\n",
    "bootstrap/root/kustomization.yaml": "resources: [root.yaml]\n",
    "bootstrap/root/root.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: root}\n",
}
APPLICATIONS: dict[str, dict[str, Any]] = {
    "widgets": {"path": "widgets"},
    "claims": {"path": "claims", "directory": {"exclude": "{three,four}.yaml"}},
    "charts": {
        "repoURL": f"{HOST}/acme/charts.git",
        "targetRevision": REF,
        "path": "chart",
        "helm": {"valuesObject": {"replicas": 3}},
    },
}


class Said(Reporter):
    """A reporter that remembers."""

    def __init__(self) -> None:
        super().__init__(quiet=True)
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
def environment(
    tmp_path: Path, cache: Path, pin: Pinner, helm_program: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    pin([{"repository": name, "ref": REF, "commit": commit} for name, commit in COMMITS.items()])
    monkeypatch.setenv("KFAWS_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setenv("KFAWS_HELM", str(helm_program))
    write_mirror(tmp_path / "mirror", COMMITS, {**UPSTREAM, "acme/charts": CHART})
    return write_environment(tmp_path / "environment", APPLICATIONS, FILES)


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of sources that are built, not read from the cache."""
    names: list[str] = []
    original: Callable[..., list[Object]] = Source.build

    def recording(self: Source, *arguments: Any) -> list[Object]:
        names.append(self.name)
        return original(self, *arguments)

    monkeypatch.setattr(Source, "build", recording)
    return names


def named(environment: RenderedEnvironment) -> dict[str, list[tuple[str, str | None]]]:
    """Kind and namespace of every object, by Application."""
    return {
        item.application.name: [(o["kind"], o["metadata"].get("namespace")) for o in item.objects]
        for item in environment.applications
    }


def test_everything(environment: Path, said: Said) -> None:
    rendered = render(environment, said)
    assert named(rendered) == {
        "widgets": [
            ("CustomResourceDefinition", None),
            ("ConfigMap", "widgets-system"),
            ("Deployment", "widgets-system"),
            ("Gadget", None),
        ],
        "claims": [("Claim", "claims-system"), ("Gadget", None)],
        "charts": [("CustomResourceDefinition", None), ("ConfigMap", "charts-system")],
    }
    assert [item["metadata"]["name"] for item in rendered.bootstrap] == ["root"]
    assert said.lines == []


def test_what_an_application_is(environment: Path, said: Said) -> None:
    first, second, _ = [item.application for item in render(environment, said).applications]
    assert (first.name, first.wave, first.namespace) == ("widgets", 0, "widgets-system")
    assert (second.wave, second.file, second.project) == (1, Path("apps/claims.yaml"), "default")


def test_patches_and_components_apply_to_upstream(environment: Path, said: Said) -> None:
    objects = {item["kind"]: item for _, item in render(environment, said, "widgets").objects}
    assert objects["Deployment"]["spec"] == {"replicas": 2}


def test_the_repository_and_upstream_are_left_alone(environment: Path, said: Said, cache: Path) -> None:
    before = {path: path.read_bytes() for path in environment.rglob("*") if path.is_file()}
    render(environment, said)
    assert {path: path.read_bytes() for path in environment.rglob("*") if path.is_file()} == before


def test_one_application(environment: Path, said: Said) -> None:
    assert list(named(render(environment, said, "claims"))) == ["claims"]
    with pytest.raises(
        KfawsError, match="there is no Application clams: choose one of widgets, claims, charts"
    ):
        render(environment, said, "clams")


class TestCache:
    def test_the_second_run_builds_nothing(self, environment: Path, said: Said, built: list[str]) -> None:
        first = render(environment, said)
        assert sorted(built) == ["apps", "bootstrap/root", "charts", "claims", "widgets"]
        built.clear()
        assert render(environment, said) == first
        assert built == []

    @pytest.mark.parametrize(
        ("file", "text", "affected"),
        [
            ("widgets/settings.yaml", FILES["widgets/settings.yaml"].replace("small", "large"), ["widgets"]),
            ("shared/two.yaml", FILES["shared/two.yaml"].replace("2", "5"), ["widgets"]),
            ("claims/three.yaml", "not: yaml: at all", ["claims"]),
            (
                "bootstrap/root/root.yaml",
                "{apiVersion: v1, kind: Secret, metadata: {name: x}}",
                ["bootstrap/root"],
            ),
            ("README.md", "nothing that is rendered", []),
        ],
    )
    def test_a_change_builds_what_it_touches(
        self, environment: Path, said: Said, built: list[str], file: str, text: str, affected: list[str]
    ) -> None:
        before = render(environment, said)
        built.clear()
        write(environment, {file: text})
        after = render(environment, said)
        assert built == affected
        if affected and affected != ["claims"]:
            assert after != before

    def test_a_change_of_values(self, environment: Path, said: Said, built: list[str]) -> None:
        render(environment, said)
        built.clear()
        file = environment / "apps/charts.yaml"
        file.write_text(file.read_text().replace("replicas: 3", "replicas: 4"))
        rendered = render(environment, said, "charts")
        assert built == ["apps", "charts"]
        assert rendered.objects[1][1]["data"]["replicas"] == "4"

    def test_another_program_or_mirror(
        self, environment: Path, said: Said, built: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        render(environment, said)
        built.clear()
        index = tmp_path / "mirror/MIRROR.yaml"
        index.write_text(index.read_text() + "# another\n")
        render(environment, said)
        assert sorted(built) == ["charts", "widgets"]

    @pytest.mark.parametrize("damage", [b"", b"garbage", b"0" * 64 + b"\nnothing"])
    def test_a_damaged_entry_is_said_and_made_again(
        self, environment: Path, said: Said, built: list[str], cache: Path, damage: bytes
    ) -> None:
        first = render(environment, said)
        built.clear()
        entries = list((cache / "rendered").iterdir())
        for entry in entries:
            entry.write_bytes(damage)
        assert render(environment, said) == first
        assert len(built) == len(entries) == 5
        assert sorted(said.lines) == sorted(f"{e} was damaged: rendering again what it held" for e in entries)

    def test_what_nobody_reads_goes(
        self, environment: Path, said: Said, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        render(environment, said)
        old = set((cache / "rendered").iterdir())
        now = time.time()
        monkeypatch.setattr("time.time", lambda: now + 31 * 24 * 3600)
        write(environment, {"claims/one.yaml": FILES["claims/one.yaml"].replace("one", "uno")})
        render(environment, said)
        assert not old & set((cache / "rendered").iterdir())


class TestNotRendered:
    def test_the_list_is_no_longer_than_it_was(self) -> None:
        assert set(not_rendered_list()) == {"crossplane"}
        assert all(entry["reason"] for entry in not_rendered_list().values())

    def test_without_upstream_the_rest_is_rendered(
        self, environment: Path, said: Said, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.delenv("KFAWS_MIRROR")
        monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
        monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{(tmp_path / 'nothing').as_uri()}/.insteadOf")
        monkeypatch.setenv("GIT_CONFIG_VALUE_0", f"{HOST}/")
        rendered = {item.application.name: item for item in render(environment, said).applications}
        assert rendered["claims"].objects
        for name, repository in (("widgets", WIDGETS), ("charts", "acme/charts")):
            assert not rendered[name].objects
            assert f"upstream {repository} {REF} cannot be had" in str(rendered[name].not_rendered)

    def test_a_listed_application(self, tmp_path: Path, cache: Path, said: Said) -> None:
        chart = {"repoURL": "https://charts.example.test", "chart": "crossplane", "targetRevision": "2.3.4"}
        folder = write_environment(tmp_path / "e", {"crossplane": chart}, {})
        [item] = render(folder, said).applications
        assert item.not_rendered == not_rendered_list()["crossplane"]["reason"]

    def test_a_chart_of_a_chart_repository(self, tmp_path: Path, cache: Path, said: Said) -> None:
        chart = {"repoURL": "https://charts.example.test", "chart": "other", "targetRevision": "1.0.0"}
        folder = write_environment(tmp_path / "e", {"other": chart}, {})
        [item] = render(folder, said).applications
        assert item.not_rendered == "chart other is served by a chart repository, not by git"


class TestWrong:
    @pytest.mark.parametrize(
        ("files", "complaint"),
        [
            (
                {"widgets/kustomization.yaml": "resources: [nothing.yaml]\n"},
                "widgets cannot be rendered: .*kustomize widgets` ended with exit code 1: .*nothing.yaml",
            ),
            ({"claims/one.yaml": "kind: [\n"}, "claims cannot be rendered: .*one.yaml is not valid YAML"),
            (
                {"widgets/kustomization.yaml": "- a\n"},
                r"widgets/kustomization\.yaml is no kustomization: it must be a mapping",
            ),
            ({"apps/claims.yaml": "kind: [\n"}, "apps cannot be rendered"),
        ],
    )
    def test_it_is_named(self, environment: Path, said: Said, files: dict[str, str], complaint: str) -> None:
        write(environment, files)
        with pytest.raises(KfawsError, match=complaint):
            render(environment, said)

    def test_all_that_failed_are_named(self, environment: Path, said: Said) -> None:
        write(environment, {"widgets/settings.yaml": "a: [", "claims/one.yaml": "a: ["})
        with pytest.raises(KfawsError, match=r"^widgets cannot be rendered: .* \(and 1 more: claims\)$"):
            render(environment, said)

    def test_what_is_wrong_elsewhere_does_not_matter(self, environment: Path, said: Said) -> None:
        write(environment, {"widgets/settings.yaml": "a: ["})
        assert named(render(environment, said, "claims"))

    def test_no_environment(self, tmp_path: Path, said: Said) -> None:
        with pytest.raises(KfawsError, match=r"is no generated repository .* make one with `kfaws new`"):
            render(tmp_path, said)

    def test_a_reference_over_http(self, environment: Path, said: Said) -> None:
        write(environment, {"widgets/kustomization.yaml": f"resources: [{HOST}/all.yaml]\n"})
        rendered = render(environment, said, "widgets")
        assert "cannot be pinned: write <base>" in str(rendered.applications[0].not_rendered)
