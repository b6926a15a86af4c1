"""A target on this machine: what it starts, changes and ends, with a keeper that runs no programs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from kfaws.generator.errors import KfawsError
from kfaws.harness.platform import Part, Platform, State
from kfaws.harness.platform.state import FAILED, RUNNING, STARTING
from kfaws.harness.polling import Done, Pending, eventually
from kfaws.harness.process import Command, Process
from kfaws.harness.targets import own
from kfaws.harness.targets.embedded import EmbeddedTarget
from tests.harness.targets.conftest import Account, Keepers

NO_COMPONENTS: dict[str, Path] = {}


@pytest.fixture
def pushes(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The files of what was pushed, each time."""
    pushed: list[dict[str, str]] = []

    def push(_: Platform, folder: Path) -> tuple[list[str], list[str]]:
        pushed.append(contents(folder))
        return [], ["one"]

    monkeypatch.setattr(Platform, "push", push)
    monkeypatch.setattr(EmbeddedTarget, "_look_at_cluster", lambda _: Done(None))
    return pushed


def contents(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def up(environment: Path, account: Account, etcd: int = 0) -> Platform:
    """What `kfaws up` would have left: this process stands for the keeper."""
    platform = Platform.of(environment)
    parts = (Part("etcd", etcd, "ready", 0),)
    state = State(
        os.getpid(),
        str(environment),
        RUNNING,
        aws=account.url,
        argo_cd="argocd",
        parts=parts,
        left_out={"two": "no mirror"},
    )
    platform.write(state)
    return platform


def test_it_starts_a_platform_of_its_own_and_ends_it(environment: Path, keepers: Keepers) -> None:
    target = EmbeddedTarget(environment, NO_COMPONENTS)
    pid, folder = target._state.keeper, target.folder
    assert contents(folder) == contents(environment)
    assert not (folder / ".git").exists()
    assert "keeper's own words" in (target.logs() / "keeper.log").read_text()
    target.close()
    assert is_gone(pid)
    assert not folder.exists()


def test_it_takes_the_platform_that_is_up_and_leaves_it_up(
    environment: Path, account: Account, pushes: list[dict[str, str]]
) -> None:
    platform = up(environment, account)
    (environment / "new.yaml").write_text("changed since then")
    target = EmbeddedTarget(environment, NO_COMPONENTS)
    assert target.logs() == platform.logs
    assert [push["new.yaml"] for push in pushes] == ["changed since then"]
    assert list(target.expected()) == ["one"]
    target.close()
    assert platform.state is not None


def test_a_platform_that_failed_is_not_taken(environment: Path, account: Account, keepers: Keepers) -> None:
    platform = Platform.of(environment)
    platform.write(State(os.getpid(), str(environment), FAILED, "etcd is missing"))
    target = EmbeddedTarget(environment, NO_COMPONENTS)
    assert target.logs() != platform.logs
    target.close()


def test_a_platform_that_cannot_start_says_why_with_the_end_of_its_log(
    environment: Path, keepers: Keepers
) -> None:
    keepers.phase = FAILED
    with pytest.raises(KfawsError, match=r"(?s)etcd is missing.*the keeper's own words"):
        EmbeddedTarget(environment, NO_COMPONENTS)


def test_a_keeper_that_ends_at_once_is_not_waited_for(environment: Path, keepers: Keepers) -> None:
    keepers.phase = "a phase that it does not know"
    with pytest.raises(KfawsError, match=r"(?s)its keeper ended.*KeyError"):
        EmbeddedTarget(environment, NO_COMPONENTS)


@pytest.mark.parametrize("speaks_first", [True, False])
def test_ctrl_c_during_the_start_leaves_nothing_running(
    environment: Path, keepers: Keepers, monkeypatch: pytest.MonkeyPatch, speaks_first: bool
) -> None:
    keepers.phase = STARTING
    started: list[Process] = []
    wait = eventually

    def interrupted(what: str, look: Any, within: float) -> Any:
        if what != "the platform starts":
            return wait(what, look, within)
        if speaks_first:
            wait(what, lambda: Done(None) if started[0].pid in written() else Pending(""), within)
        raise KeyboardInterrupt

    def written() -> list[int]:
        return [int(file.read_text()) for file in started[0].folder.parent.glob("keeper.pid")]

    class Noted(Process):
        def start(self) -> None:
            started.append(self)
            super().start()

    monkeypatch.setattr(own, "eventually", interrupted)
    monkeypatch.setattr(own, "Process", Noted)
    with pytest.raises(KeyboardInterrupt):
        EmbeddedTarget(environment, NO_COMPONENTS)
    assert not started[0].running
    assert is_gone(started[0].pid)
    assert not started[0].folder.exists()


def test_restore_undoes_what_was_pushed(
    environment: Path, account: Account, pushes: list[dict[str, str]]
) -> None:
    up(environment, account)
    target, before = EmbeddedTarget(environment, NO_COMPONENTS), contents(environment)
    pushes.clear()
    (target.folder / "apps/one.yaml").unlink()
    (target.folder / "more.yaml").write_text("more")
    assert list(target.push()) == ["one"]
    target.restore()
    assert pushes == [
        {**{name: text for name, text in before.items() if name != "apps/one.yaml"}, "more.yaml": "more"},
        before,
    ]
    assert contents(environment) == before
    target.restore()
    assert len(pushes) == 2, "nothing was changed in between"
    target.close()


def test_restore_undoes_what_was_changed_and_never_pushed(
    environment: Path, account: Account, pushes: list[dict[str, str]]
) -> None:
    up(environment, account)
    target = EmbeddedTarget(environment, NO_COMPONENTS)
    (target.folder / "apps/one.yaml").write_text("a scenario that failed before it pushed")
    target.restore()
    assert contents(target.folder) == contents(environment)
    target.close()


def test_restore_ends_faults_as_soon_as_the_account_answers(
    environment: Path, account: Account, pushes: list[dict[str, str]]
) -> None:
    up(environment, account)
    target = EmbeddedTarget(environment, NO_COMPONENTS)
    target.fail_aws("throttling", ["rds"], 0.5, 3)
    assert account.asked[-1] == (
        "POST",
        "/kfaws/faults",
        {"kind": "throttling", "services": ["rds"], "rate": 0.5, "seconds": 3},
    )
    account.refusals = 2
    target.restore()
    assert [asked[:2] for asked in account.asked[1:]] == [("DELETE", "/kfaws/faults")] * 3
    target.close()


def test_calls_are_asked_by_service_and_operation(
    environment: Path, account: Account, pushes: list[dict[str, str]]
) -> None:
    up(environment, account)
    target = EmbeddedTarget(environment, NO_COMPONENTS)
    assert target.calls("rds", "CreateDBInstance") == [{"sequence": 1, "service": "rds"}]
    assert account.asked[-1][1] == "/kfaws/calls?service=rds&operation=CreateDBInstance"
    assert target.aws("rds").meta.endpoint_url == account.url
    target.close()


def test_kill_ends_a_program_by_its_name(
    environment: Path, account: Account, pushes: list[dict[str, str]], tmp_path: Path
) -> None:
    waits = "import threading; threading.Event().wait()"
    program = Process(Command("etcd", [sys.executable, "-c", waits]), tmp_path)
    program.start()
    up(environment, account, program.pid)
    target = EmbeddedTarget(environment, NO_COMPONENTS)
    with pytest.raises(KfawsError, match="no program kro runs here: choose of etcd"):
        target.kill("kro")
    target.kill("etcd")
    eventually("it ended", lambda: Pending("") if program.running else Done(None), 30)
    target.close()


def test_every_part_is_real_or_a_stand_in(environment: Path, keepers: Keepers) -> None:
    target = EmbeddedTarget(environment, NO_COMPONENTS)
    parts = {part.name: part for part in target.parts()}
    assert parts["kube-apiserver"].real
    assert "v1." in parts["kube-apiserver"].what
    assert not parts["aws"].real
    target.close()
