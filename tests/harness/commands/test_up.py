"""`kfaws up`, with a platform that is only told to start."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kfaws.generator.errors import KfawsError
from kfaws.harness.applications import Row
from kfaws.harness.commands import up
from kfaws.harness.platform import Platform, State
from kfaws.harness.platform.state import FAILED, RUNNING
from kfaws.harness.platform.watching import Watched
from kfaws.harness.stack import PROGRAMS
from tests.harness.commands.conftest import Kfaws

WAITS = Row("claims", 3, "Synced", "Progressing", "", "Database default: waiting")


@dataclass
class Acts:
    """What was done, and how it goes."""

    done: list[str] = field(default_factory=list)
    waiting: tuple[Row, ...] = ()
    changed: Sequence[str] = ()
    interrupted: bool = False
    missing: str = ""


@pytest.fixture
def acts(monkeypatch: pytest.MonkeyPatch) -> Acts:
    """Everything behind the verb, replaced."""
    found = Acts()

    class Programs:
        def __init__(self, _: object, components: Mapping[str, Path]) -> None:
            found.done.append(f"programs, given {sorted(components)}")

        def ensure(self, names: Sequence[str]) -> None:
            assert list(names) == list(PROGRAMS)
            if found.missing:
                raise KfawsError(found.missing)

    def started(platform: Platform, components: Mapping[str, Path]) -> State:
        found.done.append(f"started {platform.environment.name}, given {sorted(components)}")
        left = {"jupyter": "no mirror"}
        return State(1, "", RUNNING, "", "/k/kubeconfig", "http://127.0.0.1:5000", "argocd", (), left)

    def watch(platform: Platform, begun: float, within: float) -> Watched:
        found.done.append(f"watched for {within:g}")
        if found.interrupted:
            raise KeyboardInterrupt
        return Watched(3, 3 - len(found.waiting), found.waiting, 12.4)

    def stop(_: Platform) -> bool:
        found.done.append("stopped")
        return True

    def push(_: Platform, environment: Path) -> tuple[Sequence[str], list[str]]:
        found.done.append("pushed")
        return found.changed, ["claims", "roles"]

    for name, act in (("Programs", Programs), ("started", started), ("watch", watch)):
        monkeypatch.setattr(up, name, act)
    monkeypatch.setattr(Platform, "stop", stop)
    monkeypatch.setattr(Platform, "push", push)
    return found


def test_a_platform_is_started_and_stays(kfaws: Kfaws, environment: Path, acts: Acts) -> None:
    ran = kfaws("up", environment, "--within", 7)
    assert ran.code == 0
    assert acts.done == ["programs, given []", "started environment, given []", "watched for 7"]
    first, left, *_ = ran.out.splitlines()
    assert first == "3 of 3 Applications are Synced and Healthy (12 s)."
    assert left == "  left out: jupyter: no mirror"
    assert "export KUBECONFIG=/k/kubeconfig" in ran.out
    assert "export AWS_ENDPOINT_URL=http://127.0.0.1:5000" in ran.out
    assert f"kfaws down {environment}" in ran.out


def test_once_ends_it_and_says_nothing_of_how_to_go_on(kfaws: Kfaws, environment: Path, acts: Acts) -> None:
    ran = kfaws("up", environment, "--once")
    assert (ran.code, acts.done[-1]) == (0, "stopped")
    assert "kfaws down" not in ran.out


def test_what_is_not_healthy_in_time_is_a_finding(kfaws: Kfaws, environment: Path, acts: Acts) -> None:
    acts.waiting = (WAITS,)
    ran = kfaws("up", environment)
    assert ran.code == 1
    assert "2 of 3 Applications" in ran.out
    assert "  waits:    claims: Synced Progressing Database default: waiting" in ran.out
    assert "stopped" not in acts.done


@pytest.mark.parametrize(
    ("changed", "said"),
    [(["a.yaml"], "1 changed files in claims, roles"), ([], "nothing changed")],
    ids=["changed", "unchanged"],
)
def test_one_that_is_up_gets_what_changed(
    kfaws: Kfaws, environment: Path, acts: Acts, changed: Sequence[str], said: str
) -> None:
    Platform.of(environment).write(State(os.getpid(), str(environment), RUNNING))
    acts.changed = changed
    ran = kfaws("up", environment)
    assert acts.done[:2] == ["pushed", "started environment, given []"]
    assert ran.err == f"the platform is up: {said}\n"


def test_one_that_failed_is_started_anew(kfaws: Kfaws, environment: Path, acts: Acts) -> None:
    Platform.of(environment).write(State(os.getpid(), str(environment), FAILED, "etcd is missing"))
    assert kfaws("up", environment).code == 0
    assert acts.done[0] == "programs, given []"


def test_ctrl_c_ends_what_was_started(kfaws: Kfaws, environment: Path, acts: Acts) -> None:
    acts.interrupted = True
    ran = kfaws("up", environment)
    assert (ran.code, acts.done[-1]) == (130, "stopped")


def test_programs_that_cannot_be_had_end_it_in_one_line(kfaws: Kfaws, environment: Path, acts: Acts) -> None:
    acts.missing = "kro cannot be built: no Go"
    ran = kfaws("up", environment)
    assert (ran.code, ran.out, ran.err) == (1, "", "kfaws: kro cannot be built: no Go\n")


def test_a_component_of_ones_own_goes_along(kfaws: Kfaws, environment: Path, acts: Acts) -> None:
    kfaws("up", environment, "--component", "kro=/bin/true", "--component", "etcd=/a=b")
    assert acts.done[:2] == [
        "programs, given ['etcd', 'kro']",
        "started environment, given ['etcd', 'kro']",
    ]
    assert up.components_of(["etcd=/a=b"]) == {"etcd": Path("/a=b")}


@pytest.mark.parametrize("word", ["kro", "kro=", "=/bin/true", ""])
def test_a_component_without_name_or_path_is_refused(
    kfaws: Kfaws, environment: Path, acts: Acts, word: str
) -> None:
    ran = kfaws("up", environment, "--component", word)
    assert (ran.code, ran.err.count("\n"), acts.done) == (1, 1, [])
    assert f"--component {word}".strip() in ran.err
    assert "write NAME=PATH" in ran.err


def test_a_folder_that_is_no_environment_is_refused(kfaws: Kfaws, tmp_path: Path, acts: Acts) -> None:
    ran = kfaws("up", tmp_path)
    assert (ran.code, ran.err.count("\n"), acts.done) == (1, 1, [])
    assert ".copier-answers.yml" in ran.err
