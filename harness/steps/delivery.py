"""Steps of what Argo CD delivers, and when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

import pytest
from pytest_bdd import given, parsers, then, when

from kfaws.generator.errors import KfawsError
from kfaws.generator.model import Object
from kfaws.harness import waiting
from kfaws.harness.applications import APPLICATION, ROOT, Row, everything_is_done
from kfaws.harness.kube import ClusterError, Kind
from kfaws.harness.polling import Done, Failed, Look, Pending, Value, eventually
from kfaws.harness.steps.editing import raise_quota, remove_claim, remove_component
from kfaws.harness.targets import Target

HEALTHY_WITHIN = 600.0
LIVE_WITHIN = 60.0
HEALED_WITHIN = 120.0
NAMESPACES, QUOTAS = Kind("v1", "Namespace"), Kind("v1", "ResourceQuota")
CLAIMS = "claims.kubeflow-aws.dev"
STAYS_DEGRADED = 20
"""Looks in a row at which an Application must be Degraded to be taken for lost."""
MOST_CAUSES = 8
MOST_TRIES = 3
"""What was only early is synced at the first or second try."""


def _causes(target: Target) -> list[str]:
    """What the environment waits for, causes first: an Application does not say what of it is degraded."""
    try:
        seen = waiting.look(target.cluster, target.answers.argo_cd).waiting
    except ClusterError:
        # Then that is what was last seen, and stands in the failure already.
        return []
    causes = [one for one in seen if one.kind != APPLICATION.kind]
    return [f"{one.kind} {one.name}: {one.state}: {one.says}" for one in causes[:MOST_CAUSES]]


def patient(look: Look[Value]) -> Look[Value]:
    """The same look, which waits for an API server that is away: a scenario may have ended it."""

    def later() -> Done[Value] | Pending | Failed:
        try:
            return look()
        except ClusterError as error:
            if error.status:
                raise
            return Pending(str(error))

    return later


@when("the environment is delivered")
@given("the environment is healthy")
@then("every Application is synced and healthy")
def everything_is_healthy(target: Target) -> None:
    """All Applications of git are there, synced and healthy; the failure names those that are not."""
    expected, degraded = target.expected(), dict[str, int]()

    def look() -> Done[None] | Pending | Failed:
        rows = target.applications()
        if everything_is_done(rows, expected):
            return Done(None)
        for row in rows:
            degraded[row.name] = degraded.get(row.name, 0) + 1 if row.health == "Degraded" else 0
        lost = [row for row in rows if degraded[row.name] >= STAYS_DEGRADED or _tries(row) >= MOST_TRIES]
        if lost:
            return Failed(_words(lost))
        return Pending(_words([row for row in rows if not row.done]) or "Applications are still missing")

    try:
        eventually("every Application is synced and healthy", patient(look), HEALTHY_WITHIN)
    except KfawsError as error:
        raise KfawsError("\n".join([str(error), *_causes(target)])) from error


def _tries(row: Row) -> int:
    """How often Argo CD has tried again to sync it, as it says itself."""
    said = re.search(r"Retrying attempt #(\d+)", row.note)
    return int(said[1]) if said else 0


def _words(rows: Sequence[Row]) -> str:
    return "; ".join(
        f"{row.name} (wave {row.wave}) is {row.sync} and {row.health}: {row.note}" for row in rows
    )


@then("no Application began before the waves ahead of its own were delivered")
def waves_kept_their_order(target: Target) -> None:
    """Each Application came into being after the first delivery of all those of earlier waves."""
    found = {
        item["metadata"]["name"]: item for item in target.cluster.list(APPLICATION, target.answers.argo_cd)
    }
    began = {name: _time(item["metadata"]["creationTimestamp"]) for name, item in found.items()}
    delivered = {name: at for name, item in found.items() if (at := _first_delivery(item))}
    # What was added to git after the first delivery of everything has no place in its order.
    end = delivered.get(ROOT)
    waves = {row.name: row.wave for row in target.applications() if end is None or began[row.name] <= end}
    early = [
        f"{name} (wave {wave}) began at {began[name]}, before {other} (wave {waves[other]}) at {at}"
        for name, wave in waves.items()
        for other, at in delivered.items()
        if other in waves and waves[other] < wave and began[name] < at
    ]
    assert not early, "; ".join(early)


def _first_delivery(item: Object) -> datetime | None:
    history = (item.get("status") or {}).get("history")
    return _time(history[0]["deployedAt"]) if history else None


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@pytest.fixture
def revisions(target: Target) -> dict[str, int]:
    """How often each Application was synced, before the scenario changes anything."""
    return _revisions(target)


def _revisions(target: Target) -> dict[str, int]:
    found = target.cluster.list(APPLICATION, target.answers.argo_cd)
    return {
        item["metadata"]["name"]: history[-1]["id"]
        for item in found
        if (history := (item.get("status") or {}).get("history"))
    }


@when(parsers.parse("the quota of the team {team} is raised in git"), target_fixture="quota")
def quota_is_raised(target: Target, revisions: dict[str, int], team: str) -> tuple[str, str]:
    """One line of one file; gives the team and its new number of processors."""
    processors = raise_quota(target.folder, team)
    target.push()
    return team, processors


@then("the team has the new quota")
def team_has_quota(target: Target, quota: tuple[str, str]) -> None:
    """The namespace's ResourceQuota says what git says."""
    team, processors = quota

    def look() -> Done[None] | Pending:
        found = [item["spec"]["hard"].get("cpu") for item in target.cluster.list(QUOTAS, team)]
        return Done(None) if processors in found else Pending(f"quotas of {team}: {found}")

    eventually(f"{team} has {processors} processors", patient(look), LIVE_WITHIN)


@then("Applications of other folders were not synced again")
def others_were_not_synced(target: Target, revisions: dict[str, int]) -> None:
    """Only `profiles` has another delivery in its history."""
    again = [name for name, number in _revisions(target).items() if revisions.get(name, number) != number]
    assert set(again) <= {"profiles"}, f"synced again: {', '.join(again)}"


@when(parsers.parse("the component {name} is removed from git"), target_fixture="removed")
def component_is_removed(target: Target, calls_before: int, name: str) -> str:
    """Its Application leaves apps/."""
    remove_component(target.folder, name)
    target.push()
    return name


@then(parsers.parse("nothing of {name} is left in the cluster"))
def nothing_is_left(target: Target, name: str) -> None:
    """Neither its Application nor its Deployments."""
    deployments = Kind("apps/v1", "Deployment")

    def look() -> Done[None] | Pending:
        left = [row.name for row in target.applications() if row.name == name]
        left += [
            item["metadata"]["name"]
            for item in target.cluster.list(deployments)
            if item["metadata"]["name"].startswith(name)
        ]
        return Pending(f"still there: {', '.join(left)}") if left else Done(None)

    eventually(f"{name} leaves the cluster", look, HEALED_WITHIN)


@when(parsers.parse("the claim {name} is removed from git"), target_fixture="removed")
def claim_is_removed(target: Target, calls_before: int, name: str) -> str:
    """Its file leaves claims/."""
    kind = remove_claim(target.folder, name)
    target.push()
    return kind


@then(parsers.parse("the {name} is still claimed and still in AWS"))
def claim_stays(target: Target, removed: str, name: str) -> None:
    """After Argo CD has taken in the change."""
    kind = Kind(f"{CLAIMS}/v1alpha1", removed)

    def taken_in() -> Done[None] | Pending:
        item = target.cluster.get(APPLICATION, "claims", target.answers.argo_cd) or {}
        resources = item["status"].get("resources") or []
        words = [r for r in resources if r["kind"] == removed and r.get("requiresPruning")]
        return Done(None) if words else Pending(f"Argo CD still wants {removed} {name}")

    eventually("Argo CD takes the removal in", taken_in, LIVE_WITHIN)
    found = [item["metadata"]["name"] for item in target.cluster.list(kind)]
    assert name in found, f"{removed} {name} is gone from the cluster"
    instances = target.aws("rds").describe_db_instances()["DBInstances"]
    assert instances, "the database is gone from AWS"


@when("somebody relabels the namespace of the claims", target_fixture="label")
def somebody_relabels(target: Target) -> tuple[str, str]:
    """Weakens its pod security; gives the label and what git says."""
    namespace = target.cluster.get(NAMESPACES, "kubeflow-claims") or {}
    labels = namespace["metadata"]["labels"]
    label = next(name for name in labels if name.startswith("pod-security.kubernetes.io/"))
    target.cluster.patch(namespace, {"metadata": {"labels": {label: "privileged"}}})
    return label, labels[label]


@then("the namespace is as git has it")
def namespace_is_healed(target: Target, label: tuple[str, str]) -> None:
    """Argo CD has put the label back."""
    name, wanted = label

    def look() -> Done[None] | Pending:
        found = (target.cluster.get(NAMESPACES, "kubeflow-claims") or {})["metadata"]["labels"].get(name)
        return Done(None) if found == wanted else Pending(f"{name} is {found}")

    eventually("the label is back", look, HEALED_WITHIN)
