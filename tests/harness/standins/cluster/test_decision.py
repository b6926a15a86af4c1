"""Whether a pod may run, and what it says until then."""

from __future__ import annotations

import pytest

from kfaws.generator.model import Object
from kfaws.harness.standins.cluster.decision import Known, Wait, facts_of, said, status_of, waits, workload_of
from kfaws.harness.standins.cluster.references import ACCOUNT, CLAIM, CONFIG_MAP, SECRET
from tests.harness.standins.cluster.pods import pod

RUNNER = {(ACCOUNT, "team", "runner"): frozenset[str]()}
ENV = [{"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "login", "key": "password"}}}]
OF_DEPLOYMENT: Object = {
    "labels": {"pod-template-hash": "5d4f"},
    "ownerReferences": [{"kind": "ReplicaSet", "name": "web-server-5d4f"}],
}


def known(**facts: tuple[str, ...]) -> Known:
    """The account, and the Secret `login` or the claim `data` of the pod's namespace."""
    kinds = {"login": SECRET, "data": CLAIM, "files": CONFIG_MAP}
    return RUNNER | {(kinds[name], "team", name): frozenset(keys) for name, keys in facts.items()}


def test_a_pod_that_has_all_may_run() -> None:
    assert waits(pod(env=ENV), known(login=("password",)), {}) == {}


def test_a_missing_secret_is_named() -> None:
    wait = Wait("CreateContainerConfigError", 'secret "login" not found')

    assert waits(pod(env=ENV), known(), {}) == {"main": wait}


def test_a_secret_of_another_namespace_does_not_help() -> None:
    elsewhere = RUNNER | {(SECRET, "other", "login"): frozenset({"password"})}

    assert waits(pod(env=ENV), elsewhere, {})["main"].message == 'secret "login" not found'


def test_a_missing_key_is_named() -> None:
    wait = Wait("CreateContainerConfigError", "couldn't find key password in Secret team/login")

    assert waits(pod(env=ENV), known(login=("user",)), {}) == {"main": wait}


def test_a_missing_account_holds_the_pod() -> None:
    wait = Wait("ContainerCreating", 'serviceaccount "runner" not found')

    assert waits(pod(), {}, {}) == {"main": wait}


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, 'volume "volume-0": persistentvolumeclaim "data" not found'),
        ({"data": ("Pending",)}, 'volume "volume-0": persistentvolumeclaim "data" is not bound'),
        ({"data": ("Bound",)}, None),
    ],
    ids=["missing", "pending", "bound"],
)
def test_a_claim_has_to_be_bound(facts: dict[str, tuple[str, ...]], words: str | None) -> None:
    found = waits(pod({"persistentVolumeClaim": {"claimName": "data"}}), known(**facts), {})

    assert found == ({"main": Wait("ContainerCreating", words)} if words else {})


def test_all_that_volumes_lack_is_named_at_once() -> None:
    found = waits(pod({"secret": {"secretName": "login"}}, {"configMap": {"name": "files"}}), known(), {})

    assert (
        found["main"].message
        == 'volume "volume-0": secret "login" not found; volume "volume-1": configmap "files" not found'
    )


def test_a_malformed_image_comes_before_the_environment() -> None:
    found = waits(pod(image="example.com/Web:1", env=ENV), known(), {})

    assert found["main"].reason == "InvalidImageName"
    assert "example.com/Web:1" in found["main"].message


def test_containers_wait_for_the_initialising_one_that_cannot_start() -> None:
    init: list[Object] = [{"name": "first", "image": "a"}, {"name": "second", "image": "a", "env": ENV}]

    found = waits(pod(init=init), known(), {})

    assert found["second"].reason == "CreateContainerConfigError"
    assert found["main"] == Wait("PodInitializing", 'init container "second": secret "login" not found')


def test_a_container_beside_one_that_waits_waits_as_well() -> None:
    both = pod(env=ENV)
    both["spec"]["containers"].append({"name": "proxy", "image": "a"})

    assert waits(both, known(), {})["proxy"] == Wait("ContainerCreating", "waits beside the container main")


@pytest.mark.parametrize(
    ("state", "reason"),
    [("starting", "ContainerCreating"), ("failed: no such flag", "CrashLoopBackOff"), ("ready", None)],
)
def test_a_pod_waits_for_the_program_behind_it(state: str, reason: str | None) -> None:
    found = waits(pod(metadata=OF_DEPLOYMENT), known(), {"team.web-server": state})

    assert (found["main"].reason if found else None) == reason
    assert not found or state in found["main"].message


def test_programs_of_other_namespaces_hold_nothing() -> None:
    assert waits(pod(metadata=OF_DEPLOYMENT), known(), {"other.web-server": "starting"}) == {}


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        (OF_DEPLOYMENT, "web-server"),
        ({"ownerReferences": [{"kind": "StatefulSet", "name": "web"}]}, "web"),
        ({"ownerReferences": [{"kind": "DaemonSet", "name": "agent"}]}, "agent"),
        ({"ownerReferences": [{"kind": "Job", "name": "once"}]}, None),
        ({"ownerReferences": [{"kind": "ReplicaSet", "name": "bare"}]}, None),
        ({}, None),
    ],
    ids=["deployment", "stateful-set", "daemon-set", "job", "bare-replica-set", "none"],
)
def test_the_workload_behind_a_pod(metadata: Object, name: str | None) -> None:
    assert workload_of(pod(metadata=metadata)) == name


def test_what_a_status_says_is_read_back() -> None:
    item = pod(init=[{"name": "first", "image": "Bad:1"}])
    found = waits(item, known(), {})

    item["status"] = status_of(item, found)

    assert said(item) == found


def test_a_status_keeps_what_the_scheduler_said() -> None:
    scheduled = {"type": "PodScheduled", "status": "True"}
    item = pod() | {"status": {"conditions": [scheduled, {"type": "Ready", "status": "True"}]}}

    conditions = status_of(item, {"main": Wait("ContainerCreating", "why")})["conditions"]

    assert conditions[0] == scheduled
    assert [c["status"] for c in conditions if c["type"] == "Ready"] == ["False"]


def test_no_value_is_remembered() -> None:
    item = {"data": {"user": "ann"}, "binaryData": {"logo": "iVBO"}}

    assert facts_of(CONFIG_MAP, item) == {"user", "logo"}
    assert facts_of(SECRET, {"data": {"password": "aHVudGVy"}}) == {"password"}
    assert facts_of(CLAIM, {"status": {"phase": "Bound"}}) == {"Bound"}
    assert facts_of(CLAIM, {}) == {"Pending"}
