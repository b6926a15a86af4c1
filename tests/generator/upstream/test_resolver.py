"""The order in which upstream is looked for, and what each place is held to."""

from __future__ import annotations

import re
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest

from kfaws.generator.errors import KfawsError
from kfaws.generator.upstream.errors import UpstreamError
from kfaws.generator.upstream.git import Git
from kfaws.generator.upstream.nested import Complete
from kfaws.generator.upstream.pins import pins
from kfaws.generator.upstream.remote import Remote
from kfaws.generator.upstream.resolver import Upstream
from tests.generator.conftest import Pinner
from tests.generator.samples import (
    GADGETS,
    HOST,
    REF,
    UPSTREAM,
    WIDGETS,
    git,
    make_git,
    make_module,
    write,
    write_mirror,
)

BASE = Remote(f"{HOST}/{WIDGETS}", WIDGETS, REF, "base")
PLAIN = Remote(f"{HOST}/{WIDGETS}", WIDGETS, REF, "plain")
NOWHERE = "https://127.0.0.1:1"
COMMIT = "1" * 40
MODULE = {"path": "acme.test/Widgets", "version": "v1.2.3"}


def entry(commit: str | None = COMMIT, repository: str = WIDGETS, **more: Any) -> dict[str, Any]:
    pinned = {"repository": repository, "ref": REF, **more}
    return {**pinned, "commit": commit} if commit else pinned


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def upstream(cache: Path, said: list[str]) -> Upstream:
    return Upstream(said.append)


def test_by_git(upstream: Upstream, served: Path, pin: Pinner) -> None:
    pin([entry(make_git(served, WIDGETS, UPSTREAM[WIDGETS]))])
    folder = upstream.folder(PLAIN)
    assert (folder / "service.yaml").read_text() == UPSTREAM[WIDGETS]["plain/service.yaml"]
    assert not (folder.parent / ".git").exists()


def test_by_git_when_only_the_ref_is_handed_out(upstream: Upstream, served: Path, pin: Pinner) -> None:
    pin([entry(make_git(served, WIDGETS, UPSTREAM[WIDGETS]))])
    git("config", "uploadpack.allowAnySHA1InWant", "false", cwd=served / f"{WIDGETS}.git")
    git("config", "protocol.version", "0", cwd=served / f"{WIDGETS}.git")
    assert (upstream.folder(PLAIN) / "service.yaml").is_file()


def test_a_moved_tag_is_refused(upstream: Upstream, served: Path, pin: Pinner, cache: Path) -> None:
    found = make_git(served, WIDGETS, UPSTREAM[WIDGETS])
    pin([entry()])
    with pytest.raises(KfawsError, match=f"is commit {found}, but {COMMIT} is pinned: the ref was moved"):
        upstream.folder(PLAIN)
    assert not list(cache.rglob("service.yaml"))


def test_a_tag_without_a_known_commit_is_held_to_trees(upstream: Upstream, served: Path, pin: Pinner) -> None:
    make_git(served, WIDGETS, UPSTREAM[WIDGETS])
    tree = git("rev-parse", f"{REF}:plain", cwd=served / f"{WIDGETS}.git")
    pin([entry(None, trees={"plain": tree})])
    assert (upstream.folder(PLAIN) / "service.yaml").is_file()
    pin([entry(None, trees={"plain": "0" * 40})])
    with pytest.raises(KfawsError, match="has another plain/ than the pinned one"):
        Upstream(print).folder(PLAIN)


def test_the_second_time_from_the_cache(
    upstream: Upstream, served: Path, pin: Pinner, said: list[str]
) -> None:
    pin([entry(make_git(served, WIDGETS, UPSTREAM[WIDGETS]))])
    upstream.folder(PLAIN)
    shutil.rmtree(served)
    assert (Upstream(said.append).folder(PLAIN) / "service.yaml").is_file()
    assert said == []


def test_a_damaged_copy_is_fetched_again(
    upstream: Upstream, served: Path, pin: Pinner, said: list[str]
) -> None:
    pin([entry(make_git(served, WIDGETS, UPSTREAM[WIDGETS]))])
    (upstream.folder(PLAIN) / "service.yaml").write_text("{}")
    folder = Upstream(said.append).folder(PLAIN)
    assert (folder / "service.yaml").read_text() == UPSTREAM[WIDGETS]["plain/service.yaml"]
    assert said == [f"{folder.parent} was damaged: fetching it again"]


def test_a_ref_without_a_pin(upstream: Upstream, served: Path, pin: Pinner, said: list[str]) -> None:
    commit = make_git(served, WIDGETS, UPSTREAM[WIDGETS])
    pin([])
    assert (upstream.folder(PLAIN) / "service.yaml").is_file()
    assert said == [f"{WIDGETS} {REF} is not among our pins: taken as commit {commit}"]


def test_a_folder_that_upstream_does_not_have(upstream: Upstream, served: Path, pin: Pinner) -> None:
    pin([entry(make_git(served, WIDGETS, UPSTREAM[WIDGETS]))])
    with pytest.raises(UpstreamError, match=f"{WIDGETS} {REF} has no folder nowhere"):
        upstream.folder(Remote(PLAIN.url, WIDGETS, REF, "nowhere"))


def test_a_repository_refers_to_another(upstream: Upstream, served: Path, pin: Pinner) -> None:
    commits = {name: make_git(served, name, files) for name, files in UPSTREAM.items()}
    pin([entry(commit, name) for name, commit in commits.items()])
    complete = Complete(upstream)
    folder = complete.folder(BASE)
    gadgets = upstream.place(pins()[GADGETS, REF])
    listed = (folder / "kustomization.yaml").read_text()
    assert HOST not in listed
    assert (folder / listed.splitlines()[2].removeprefix("  - ")).resolve() == gadgets / "config"
    assert complete.size(BASE) == sum(
        len(UPSTREAM[repository][name])
        for repository, name in (
            (WIDGETS, "base/deployment.yaml"),
            (GADGETS, "config/crd.yaml"),
            (GADGETS, "config/cluster-gadget.yaml"),
        )
    )


def test_a_reference_between_repositories_needs_a_pin(upstream: Upstream, served: Path, pin: Pinner) -> None:
    pin([entry(make_git(served, WIDGETS, UPSTREAM[WIDGETS]))])
    with pytest.raises(UpstreamError, match=f"{GADGETS}//config.*is not pinned"):
        Complete(upstream).folder(BASE)


class TestMirror:
    @pytest.fixture
    def mirrored(self, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, pin: Pinner) -> Path:
        commits = {WIDGETS: COMMIT, GADGETS: "2" * 40}
        pin([entry(commit, name) for name, commit in commits.items()])
        monkeypatch.setenv("KFAWS_MIRROR", str(tmp_path / "mirror"))
        return write_mirror(tmp_path / "mirror", commits, UPSTREAM)

    def test_it_comes_first(self, mirrored: Path) -> None:
        folder = Complete(Upstream(print)).folder(BASE)
        assert (folder / "deployment.yaml").read_text() == UPSTREAM[WIDGETS]["base/deployment.yaml"]

    def test_another_commit_is_refused(self, mirrored: Path, pin: Pinner) -> None:
        pin([entry("3" * 40)])
        with pytest.raises(
            KfawsError, match=f"is commit {COMMIT}, but {'3' * 40} is pinned: mirror that commit"
        ):
            Upstream(print).folder(PLAIN)

    def test_a_change_of_the_mirror_is_seen(self, mirrored: Path) -> None:
        old = Upstream(print).folder(PLAIN)
        write(mirrored / "git.example.test" / WIDGETS / REF, {"plain/service.yaml": "changed: true\n"})
        index = mirrored / "MIRROR.yaml"
        index.write_text(index.read_text().replace("- commit", "- files: 7\n  commit"))
        assert Upstream(print).folder(PLAIN) != old

    def test_a_folder_that_the_index_only_claims(self, mirrored: Path) -> None:
        shutil.rmtree(mirrored / "git.example.test")
        with pytest.raises(KfawsError, match=r"is listed, but .* is missing: mirror it again"):
            Upstream(print).folder(PLAIN)

    def test_trees_stand_in_for_an_unknown_commit(self, mirrored: Path, pin: Pinner) -> None:
        pin([entry(None, trees={"plain": "0" * 40})])
        with pytest.raises(KfawsError, match="has another plain/ than the pinned one"):
            Upstream(print).folder(PLAIN)

    @pytest.mark.parametrize(
        ("content", "complaint"),
        [(None, "has no MIRROR.yaml"), ("[", "is no mirror's index"), ("[]", "is no mirror's index")],
    )
    def test_no_mirror_at_all(self, mirrored: Path, content: str | None, complaint: str) -> None:
        if content is None:
            (mirrored / "MIRROR.yaml").unlink()
        else:
            (mirrored / "MIRROR.yaml").write_text(content)
        with pytest.raises(KfawsError, match=complaint):
            Upstream(print)


class TestUnreachable:
    @pytest.fixture(autouse=True)
    def no_go(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("GOMODCACHE", str(tmp_path / "none"))
        monkeypatch.setenv("GOPROXY", "off")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def test_it_is_named_with_the_remedy(self, upstream: Upstream, pin: Pinner) -> None:
        pin([entry()])
        with pytest.raises(UpstreamError) as raised:
            upstream.folder(Remote(f"{NOWHERE}/{WIDGETS}", WIDGETS, REF, "base"))
        assert str(raised.value).startswith(
            f"upstream {WIDGETS} {REF} cannot be had: git cannot reach 127.0.0.1:1: Failed to connect"
        )
        assert str(raised.value).endswith("Set KFAWS_MIRROR to a folder that mirrors it")

    def test_a_host_is_asked_once(
        self, upstream: Upstream, pin: Pinner, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pin([entry(), entry(repository=GADGETS)])
        asked: list[str] = []
        original = Git._git

        def counting(self: Git, cwd: Path, *arguments: str, **options: Any) -> str:
            asked.append(arguments[0])
            return original(self, cwd, *arguments, **options)

        monkeypatch.setattr(Git, "_git", counting)
        for repository in (WIDGETS, GADGETS, WIDGETS):
            with pytest.raises(UpstreamError):
                upstream.folder(Remote(f"{NOWHERE}/{repository}", repository, REF, "base"))
        assert asked == ["ls-remote"]

    def test_a_host_that_never_answers_is_given_up(
        self, upstream: Upstream, pin: Pinner, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pin([entry()])
        monkeypatch.setattr("kfaws.generator.upstream.git.PROBE_SECONDS", 0.5)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"https://127.0.0.1:{silent.getsockname()[1]}/{WIDGETS}"
            with pytest.raises(UpstreamError, match=r"git cannot reach .* took more than 0\.5 s"):
                upstream.folder(Remote(url, WIDGETS, REF, "base"))

    def test_a_repository_that_is_not_there_says_nothing_of_its_host(
        self, upstream: Upstream, served: Path, pin: Pinner
    ) -> None:
        pin([entry(make_git(served, WIDGETS, UPSTREAM[WIDGETS])), entry(repository=GADGETS)])
        with pytest.raises(UpstreamError, match=f"git cannot read {HOST}/{GADGETS}"):
            upstream.folder(Remote(f"{HOST}/{GADGETS}", GADGETS, REF, "config"))
        assert upstream.folder(PLAIN).is_dir()


class TestGoModule:
    REMOTE = Remote(f"{NOWHERE}/{WIDGETS}", WIDGETS, REF, "plain")

    @pytest.fixture
    def sum(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
        monkeypatch.setenv("GOMODCACHE", str(tmp_path / "none"))
        monkeypatch.setenv(
            "GOPROXY", f"{(tmp_path / 'empty').as_uri()},{(tmp_path / 'proxy').as_uri()},direct"
        )
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        return make_module(tmp_path / "proxy", MODULE["path"], MODULE["version"], UPSTREAM[WIDGETS])

    def test_it_serves_the_folders_that_are_pinned(self, upstream: Upstream, pin: Pinner, sum: str) -> None:
        pin([entry(module=MODULE, sum=sum, trees={"plain": "0" * 40})])
        folder = upstream.folder(self.REMOTE)
        assert sorted(path.name for path in folder.iterdir()) == ["kustomization.yaml", "service.yaml"]
        assert not (folder.parent / "base").exists()

    def test_go_s_own_download_comes_first(
        self, upstream: Upstream, pin: Pinner, sum: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "none" / "cache").mkdir(parents=True)
        (tmp_path / "proxy").rename(tmp_path / "none" / "cache" / "download")
        monkeypatch.setenv("GOPROXY", "off")
        pin([entry(module=MODULE, sum=sum, trees={"plain": "0" * 40})])
        assert upstream.folder(self.REMOTE).is_dir()

    def test_another_hash_is_refused(self, upstream: Upstream, pin: Pinner, sum: str, cache: Path) -> None:
        pin([entry(module=MODULE, sum="h1:other", trees={"plain": "0" * 40})])
        with pytest.raises(UpstreamError, match=f"its hash is {re.escape(sum)}, but h1:other is pinned"):
            upstream.folder(self.REMOTE)
        assert not list(cache.rglob("service.yaml"))

    def test_no_proxy_answers(
        self, upstream: Upstream, pin: Pinner, sum: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GOPROXY", NOWHERE.replace("https", "http"))
        pin([entry(module=MODULE, sum=sum, trees={"plain": "0" * 40})])
        with pytest.raises(UpstreamError, match=r"no Go module proxy gave acme\.test/Widgets .*refused"):
            upstream.folder(self.REMOTE)
