"""Official releases: what is fetched, what is refused, and when a build takes its place."""

from __future__ import annotations

import errno
import hashlib
import io
import tarfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from kfaws.generator.errors import KfawsError
from kfaws.generator.run import run
from kfaws.harness.polling import Done, Pending, eventually
from kfaws.harness.ports import free_port
from kfaws.harness.tools import Programs, Tool, all_tools
from kfaws.harness.tools.catalog import Release, this_platform
from tests.harness.tools.conftest import Host, Lines

Offer = Callable[..., Tool]
SCRIPT = b"#!/bin/sh\necho released\n"
PLACE = "{version}/hello-{os}-{arch}"
ARCHIVE = "{version}/hello.tar.gz"


def served(place: str) -> str:
    """The path at which the host is asked for a release."""
    os, _, arch = this_platform().partition("/")
    return "/mirror/releases.example.com/project/" + place.format(version="v1.2.3", os=os, arch=arch)


def archive(**files: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as packed:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"hello-v1.2.3/{name}")
            entry.size = len(content)
            packed.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def printed_by(program: Path) -> str:
    return run([program]).stdout.decode().strip()


def left_over(cache: Path) -> list[str]:
    return [path.name for path in (cache / "kubeflow-aws-gitops" / "programs").iterdir()]


def test_a_release_is_fetched_once(host: Host, offer: Offer, said: Lines) -> None:
    offer(PLACE, SCRIPT)
    host.files[served(PLACE)] = SCRIPT

    first = Programs(said).path("hello")
    again = Programs(said).path("bonjour")

    assert printed_by(first) == printed_by(again) == "released"
    assert first.parent == again.parent
    assert host.asked == [served(PLACE)]
    assert said.lines == ["fetching hello v1.2.3 from 127.0.0.1 (0.0 MB)"]


def test_a_member_of_an_archive(host: Host, offer: Offer, said: Lines) -> None:
    packed = archive(bin=SCRIPT, other=b"no program")
    offer(ARCHIVE, packed, {"hello": "hello-{version}/bin", "bonjour": "hello-{version}/bin"})
    host.files[served(ARCHIVE)] = packed

    path = Programs(said).path("bonjour")

    assert printed_by(path) == "released"
    assert sorted(file.name for file in path.parent.iterdir()) == ["bonjour", "hello"]


def test_an_archive_without_the_member(host: Host, offer: Offer, said: Lines, tmp_path: Path) -> None:
    packed = archive(other=SCRIPT)
    offer(ARCHIVE, packed, {"hello": "hello-{version}/bin", "bonjour": "hello-{version}/bin"})
    host.files[served(ARCHIVE)] = packed

    with pytest.raises(KfawsError, match=r"'hello-v1\.2\.3/bin' not found: correct `members` in catalog"):
        Programs(said).path("hello")

    assert left_over(tmp_path / "cache") == []


def test_a_file_for_each_program(
    host: Host, offer: Offer, said: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = "{version}/{program}"
    files = {name: f"#!/bin/sh\necho {name}\n".encode() for name in ("hello", "bonjour")}
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    tool = replace(
        offer(place, b""),
        release=Release("https://releases.example.com/project/" + place, {this_platform(): sums}),
    )
    monkeypatch.setattr("kfaws.harness.tools.catalog.all_tools", lambda: {"hello": tool})
    for name, content in files.items():
        host.files[served(place.replace("{program}", name))] = content

    programs = Programs(said)

    assert [printed_by(programs.path(name)) for name in files] == ["hello", "bonjour"]


def test_a_wrong_checksum_is_no_reason_to_build(
    host: Host, offer: Offer, said: Lines, tmp_path: Path
) -> None:
    offer(PLACE, SCRIPT)
    host.files[served(PLACE)] = b"another"
    found, pinned = (hashlib.sha256(content).hexdigest() for content in (b"another", SCRIPT))

    with pytest.raises(KfawsError) as caught:
        Programs(said).path("hello")

    for part in (
        f"hello, bonjour: {host.address}{served(PLACE)}",
        found,
        pinned,
        "`kfaws tools --build hello`",
    ):
        assert part in str(caught.value)
    assert not any("building" in line for line in said.lines)
    assert left_over(tmp_path / "cache") == []


def test_another_checksum_fetches_anew(host: Host, offer: Offer, said: Lines) -> None:
    for content in (SCRIPT, SCRIPT.replace(b"released", b"renewed")):
        offer(PLACE, content)
        host.files[served(PLACE)] = content
        path = Programs(said).path("hello")

    assert printed_by(path) == "renewed"
    assert len(host.asked) == 2


def test_what_a_host_does_not_have_is_built(host: Host, offer: Offer, said: Lines) -> None:
    offer(PLACE, SCRIPT)

    assert printed_by(Programs(said).path("hello")) == "hello"

    assert (
        f"hello: 127.0.0.1 does not give {host.address}{served(PLACE)} (404 Not Found), building it"
        in said.lines
    )
    assert any(line.startswith("building hello v1.2.3") for line in said.lines)


def test_a_host_that_refuses_is_named_once(
    offer: Offer, said: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = offer(PLACE, SCRIPT)
    other = replace(tool, name="hi", provides=("hi",))
    monkeypatch.setenv("KFAWS_RELEASES", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setattr("kfaws.harness.tools.catalog.all_tools", lambda: {"hello": tool, "hi": other})
    built = []
    monkeypatch.setattr("kfaws.harness.tools.programs.build", lambda tool, *_: built.append(tool.name))

    Programs(said).ensure(["hello", "hi"])

    assert built == ["hello", "hi"]
    (line,) = (line for line in said.lines if "not reachable" in line)
    assert line.startswith("hello: release host 127.0.0.1 not reachable (")
    assert line.endswith("), building it")


def test_a_download_that_breaks_off_leaves_nothing(
    host: Host, offer: Offer, said: Lines, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    offer(PLACE, SCRIPT)
    host.files[served(PLACE)] = SCRIPT
    host.cut = 5
    monkeypatch.setattr("kfaws.harness.tools.programs.build", lambda *_: None)

    Programs(said).ensure(["hello"])

    assert any(line.startswith("hello: release host 127.0.0.1 broke off (") for line in said.lines)
    assert left_over(tmp_path / "cache") == []


def test_an_interrupted_download_leaves_nothing(
    host: Host, offer: Offer, said: Lines, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    offer(PLACE, SCRIPT)
    host.files[served(PLACE)] = SCRIPT

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kfaws.harness.tools.releases._place", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Programs(said).ensure(["hello"])

    assert left_over(tmp_path / "cache") == []


def test_a_full_disk_is_named(
    host: Host, offer: Offer, said: Lines, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    offer(PLACE, SCRIPT)
    host.files[served(PLACE)] = SCRIPT

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("kfaws.harness.tools.releases._place", full)
    with pytest.raises(KfawsError, match=r"hello cannot be fetched: the disk is full: .*XDG_CACHE_HOME /"):
        Programs(said).ensure(["hello"])

    assert left_over(tmp_path / "cache") == []


def test_two_runs_at_once_fetch_once(host: Host, offer: Offer) -> None:
    offer(PLACE, SCRIPT)
    host.files[served(PLACE)] = SCRIPT
    runs = [Lines(), Lines()]

    def waits() -> Done[None] | Pending:
        lines = [line for run in runs for line in run.lines]
        return Done(None) if any("waiting for it" in line for line in lines) else Pending(str(lines))

    # The first is answered once the second waits for it.
    host.before = lambda: eventually("the second run waits", waits, 30)
    with ThreadPoolExecutor() as pool:
        paths = list(pool.map(lambda said: Programs(said).path("hello"), runs))

    assert paths[0] == paths[1]
    assert host.asked == [served(PLACE)]


@pytest.mark.parametrize("by", ["option", "variable"])
def test_one_may_insist_on_a_build(
    host: Host, offer: Offer, said: Lines, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(PLACE, SCRIPT)
    host.files[served(PLACE)] = SCRIPT
    Programs(said).ensure(["hello"])
    if by == "variable":
        monkeypatch.setenv("KFAWS_TOOLS", "build")

    assert printed_by(Programs(said, build_all=by == "option").path("hello")) == "hello"


def test_a_variable_with_another_value_is_refused(said: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KFAWS_TOOLS", "biuld")
    with pytest.raises(KfawsError, match="KFAWS_TOOLS is biuld: set it to build, or unset it"):
        Programs(said)


def test_a_mirror_that_is_no_address(offer: Offer, said: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    offer(PLACE, SCRIPT)
    monkeypatch.setenv("KFAWS_RELEASES", "mirror.example.com")
    with pytest.raises(KfawsError, match=r"KFAWS_RELEASES is mirror\.example\.com, which is no web address"):
        Programs(said).ensure(["hello"])


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize(
    "tool", [tool for tool in all_tools().values() if tool.release], ids=lambda tool: tool.name
)
def test_the_catalog_has_whole_releases(tool: Tool, machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: machine)

    assert sorted(name for file in tool.downloads for name in file.programs) == sorted(tool.provides)
    for file in tool.downloads:
        assert tool.version in file.url
        assert len(bytes.fromhex(file.sha256)) == hashlib.sha256().digest_size
        assert not file.members or set(file.members) == set(file.programs)


def test_another_platform_has_no_release(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    assert all(not tool.downloads for tool in all_tools().values())
