"""`kfaws status`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from kfaws.generator.model import Object
from kfaws.harness.commands import status
from kfaws.harness.commands.status import described, duration
from kfaws.harness.kube import Kind
from kfaws.harness.platform import Platform, State
from kfaws.harness.platform.state import STARTING
from kfaws.harness.targets.live import LiveTarget
from kfaws.harness.waiting import Waiting
from tests.harness.commands.conftest import Kfaws
from tests.harness.waiting.objects import FakeCluster, condition, item, of_ack

KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: a
clusters: [{name: a, cluster: {server: "http://127.0.0.1:9"}}]
contexts: [{name: a, context: {cluster: a, user: u}}]
users: [{name: u, user: {token: t}}]
"""


def application(name: str, health: str) -> Object:
    found = item("argoproj.io/v1alpha1", "Application", metadata={"name": name, "namespace": "argocd"})
    return {**found, "status": {"sync": {"status": "Synced"}, "health": {"status": health}}}


def role(number: int) -> Object:
    said = condition("ACK.ResourceSynced", "False", message="not yet")
    return of_ack("Role.iam", said, metadata={"name": f"role-{number}"})


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> list[Object]:
    """The objects of the cluster, wherever one is looked for."""
    items = [application("root", "Healthy"), application("claims", "Progressing")]
    monkeypatch.setattr(status, "Cluster", lambda _: FakeCluster(*items))
    monkeypatch.setattr(LiveTarget, "cluster", property(lambda _: FakeCluster(*items)))
    return items


def test_where_nothing_is_up_it_says_how_to_change_that(kfaws: Kfaws, environment: Path) -> None:
    ran = kfaws("status", environment)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"kfaws: no platform is up for {environment}: run kfaws up {environment}\n"


def test_a_platform_that_starts_says_what_it_does(kfaws: Kfaws, environment: Path) -> None:
    Platform.of(environment).write(State(os.getpid(), str(environment), STARTING, "making certificates"))
    ran = kfaws("status", environment)
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "making certificates" in ran.err


def test_applications_what_they_wait_for_and_programs(
    kfaws: Kfaws, environment: Path, platform: Platform, cluster: list[Object]
) -> None:
    cluster.append(of_ack("DBInstance.rds", condition("ACK.ResourceSynced", "False", message="not yet")))
    ran = kfaws("status", environment)
    assert ran.code == 0
    rows, _, rest = ran.out.partition("\n\nwaiting for\n")
    assert [row.split()[1:] for row in rows.splitlines()] == [["claims", "Synced", "Progressing"]]
    things, _, programs = rest.partition("\n\n")
    assert "DBInstance claims/one: not ready, for " in things
    assert "LONGER THAN NORMAL" in things
    assert things.index("DBInstance") < things.index("Application argocd/claims")
    assert programs.split()[::2] == ["etcd", "ready"]


def test_the_document_has_the_same(
    kfaws: Kfaws, environment: Path, platform: Platform, cluster: list[Object]
) -> None:
    ran = kfaws("status", environment, "--json")
    content = json.loads(ran.out)
    assert [one["name"] for one in content["applications"]] == ["claims"]
    (waits,) = content["waiting"]
    assert set(waits) == set(Waiting.__dataclass_fields__)
    assert (waits["kind"], waits["state"]) == ("Application", "Synced Progressing")
    assert content["hidden"] == []
    assert content["phase"] == "running"
    assert [part["name"] for part in content["parts"]] == ["etcd"]


def test_a_live_environment_has_no_programs_of_ours(
    kfaws: Kfaws, environment: Path, cluster: list[Object]
) -> None:
    ran = kfaws("status", "--target", "live", environment)
    assert (ran.code, ran.err) == (0, "")
    assert "Application argocd/claims: Synced Progressing" in ran.out
    assert "etcd" not in ran.out
    content = json.loads(kfaws("status", "--target", "live", "--json", environment).out)
    assert set(content) == {"applications", "waiting", "hidden"}


def test_an_environment_that_is_done_waits_for_nothing(
    kfaws: Kfaws, environment: Path, cluster: list[Object]
) -> None:
    cluster[:] = [application("claims", "Healthy")]
    assert kfaws("status", "--target", "live", environment).out.endswith("\n\nwaiting for nothing\n")


def test_of_many_things_of_a_kind_some_are_shown(
    kfaws: Kfaws, environment: Path, cluster: list[Object]
) -> None:
    cluster += [role(number) for number in range(15)]
    shown = kfaws("status", "--target", "live", environment).out
    assert shown.count("Role claims/role-") == 12
    assert "  Role: 3 more (--json has all)\n" in shown
    content = json.loads(kfaws("status", "--target", "live", "--json", environment).out)
    assert len(content["waiting"]) == 16


def test_a_hint_for_many_stands_once(kfaws: Kfaws, environment: Path, cluster: list[Object]) -> None:
    cluster += [item("networking.k8s.io/v1", "Ingress", metadata={"name": name}) for name in ("a", "b")]
    assert kfaws("status", "--target", "live", environment).out.count("      hint: ") == 1


def test_what_may_not_be_seen_is_named(
    kfaws: Kfaws, environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    restricted = FakeCluster(forbidden=Kind("v1", "Pod"))
    monkeypatch.setattr(LiveTarget, "cluster", property(lambda _: restricted))
    assert (
        "not to be seen with these rights: Pod of v1" in kfaws("status", "--target", "live", environment).out
    )


@pytest.mark.parametrize("target", ["embedded", "live"])
def test_a_cluster_that_is_away_is_one_line(
    kfaws: Kfaws,
    environment: Path,
    platform: Platform,
    target: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text(KUBECONFIG)
    monkeypatch.setenv("KUBECONFIG", str(file))
    # As the keeper wrote it, relative to where it is.
    monkeypatch.chdir(tmp_path)
    ran = kfaws("status", "--target", target, environment)
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "port=9" in ran.err
    assert "fault of kfaws" not in ran.err


def test_an_unknown_target_is_a_wrong_command_line(kfaws: Kfaws, environment: Path) -> None:
    ran = kfaws("status", "--target", "moon", environment)
    assert ran.code == 2
    assert "moon" in ran.err


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (89, "89 s"),
        (90, "1 min"),
        (5399, "89 min"),
        (5400, "1 h"),
        (172800, "2 days"),
        (864000, "10 days"),
    ],
)
def test_durations_as_people_say_them(seconds: int, said: str) -> None:
    assert duration(seconds) == said


def test_marks_of_what_is_late_or_final() -> None:
    told = Waiting("Certificate", "acm", "", "a", "FAILED", "", "", 60, "minutes", True, True, "")
    (line,) = described(told)
    assert (
        line
        == "  Certificate a: FAILED, for 60 s; normally minutes; LONGER THAN NORMAL; no waiting ends this"
    )
