"""`kfaws render` as a person meets it: what it prints, and how it fails."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from kfaws.cli import run_reporting_errors
from tests.generator.samples import write_environment

FILES = {
    "one/kustomization.yaml": "resources: [map.yaml]\n",
    "one/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {answer: 'yes'}\n",
    "two/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: two}\n",
    "bootstrap/root/kustomization.yaml": "resources: [root.yaml]\n",
    "bootstrap/root/root.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: root}\n",
}


@pytest.fixture
def environment(tmp_path: Path, cache: Path) -> Path:
    applications = {"one": {"path": "one"}, "two": {"path": "two"}}
    return write_environment(tmp_path / "environment", applications, FILES)


def kfaws(*arguments: str | Path) -> int:
    return run_reporting_errors([str(argument) for argument in arguments], debug=False)


def test_a_count(environment: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert kfaws("render", environment) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "wave  application  objects",
        "      (by hand)          1",
        "   0  one                1",
        "   1  two                1",
    ]
    assert printed.err.splitlines() == ["reading apps/ (1)", "rendering (3)"]


def test_yaml(environment: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert kfaws("render", environment, "--output", "-") == 0
    objects = list(yaml.safe_load_all(capsys.readouterr().out))
    assert [item["metadata"]["name"] for item in objects] == ["root", "one", "two"]
    assert objects[1]["data"] == {"answer": "yes"}


def test_json_of_one_application(environment: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert kfaws("render", environment, "--application", "two", "--json") == 0
    [application] = json.loads(capsys.readouterr().out)["applications"]
    assert application["name"] == "two"
    assert application["objects"][0]["metadata"] == {"name": "two", "namespace": "two-system"}


def test_files(environment: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert kfaws("render", environment, "--output", tmp_path / "out") == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "bootstrap.yaml",
        "one.yaml",
        "two.yaml",
    ]
    assert kfaws("render", environment, "--output", tmp_path / "out") == 1
    assert capsys.readouterr().err.endswith("out exists: name a folder that does not\n")


def test_an_error_is_one_line(environment: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert kfaws("render", environment, "--application", "three") == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == "kfaws: there is no Application three: choose one of one, two"


def test_a_missing_program(
    environment: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KFAWS_KUBECTL", "/none")
    assert kfaws("render", environment) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("kfaws: KFAWS_KUBECTL names /none, which is no program: correct it, or unset it")


def test_debug_shows_where(environment: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_reporting_errors(["render", str(environment), "--application", "x"], debug=True) == 1
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_a_full_disk(
    environment: Path,
    tmp_path: Path,
    cache: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))

    monkeypatch.setattr(Path, "replace", full)
    assert kfaws("render", environment) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith(f"kfaws: the disk is full at {cache}/rendered/")
    assert last.endswith("free some space and run the command again")
    assert list((cache / "rendered").iterdir()) == []


def test_a_full_disk_where_the_files_go(
    environment: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Path.write_text

    def full(self: Path, *arguments: str) -> int:
        if self.name == "two.yaml":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self))
        return original(self, *arguments)

    kfaws("render", environment)
    monkeypatch.setattr(Path, "write_text", full)
    (tmp_path / "results").mkdir()
    assert kfaws("render", environment, "--output", tmp_path / "results" / "out") == 1
    assert "the disk is full" in capsys.readouterr().err
    assert list((tmp_path / "results").iterdir()) == []


def test_ctrl_c(environment: Path, tmp_path: Path, cache: Path) -> None:
    """A kustomize that never ends, and a person who does not wait for it."""
    started = tmp_path / "started"
    os.mkfifo(started)
    slow = tmp_path / "kubectl"
    slow.write_text(f"#!/bin/sh\necho $$ > {started}\nexec tail -f /dev/null\n")
    slow.chmod(0o755)
    command = [
        sys.executable,
        "-c",
        "from kfaws.cli import main; main()",
        "render",
        str(environment),
    ]
    environ = {**os.environ, "KFAWS_KUBECTL": str(slow)}
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as process:
        pid = started.read_text().strip()
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=20)
    said = "reading apps/ (1)\nkfaws: interrupted, nothing was left half-written\n"
    assert (process.returncode, error) == (130, said)
    assert not Path("/proc", pid).exists()
    assert not list(cache.rglob("*partial*"))
