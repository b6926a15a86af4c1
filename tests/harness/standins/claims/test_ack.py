"""Every kind of ACK against moto: made once, changed, kept from drifting, adopted, retained, deleted."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from kfaws.generator.model import Object
from kfaws.harness.standins.claims.ack import conditions
from tests.harness.standins.claims.cases import CASES, Case
from tests.harness.standins.claims.world import World

ALL = pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
CHANGING = pytest.mark.parametrize("case", [one for one in CASES if one.change], ids=lambda case: case.kind)
NAMED = pytest.mark.parametrize("case", [one for one in CASES if one.named], ids=lambda case: case.kind)


def made(world: World, case: Case) -> tuple[Object, dict[str, Any]]:
    needs = case.needs(world)
    for name, data in case.secrets.items():
        world.secret(name, **data)
    item = world.add(case.group, case.kind, case.spec(needs))
    world.reconcile(item)
    world.reconcile(item)
    return item, needs


def observed(world: World, item: Object) -> Any:
    """What AWS has, by the resource's own reading, and whether it is as the object says."""
    reconciler = world.reconciler(item)
    claim = reconciler._claim(copy.deepcopy(world.now(item)))
    return reconciler.resource, claim, reconciler.resource.read(claim)


@ALL
def test_it_is_made_synced_and_then_left_alone(world: World, case: Case) -> None:
    item, _ = made(world, case)
    states = world.conditions(item)
    assert (states["ACK.ResourceSynced"], states["Ready"]) == ("True", "True"), world.now(item)["status"]
    assert world.now(item)["metadata"]["finalizers"] == [
        f"finalizers.{case.group}.services.k8s.aws/{case.kind}"
    ]
    metadata = world.now(item)["status"]["ackResourceMetadata"]
    assert metadata["ownerAccountID"] == "123456789012"
    assert case.kind == "RecordSet" or metadata["arn"].startswith("arn:aws:")
    before = world.cluster.writes
    world.reconcile(item)
    assert world.cluster.writes == before


@CHANGING
def test_a_change_reaches_aws(world: World, case: Case) -> None:
    item, needs = made(world, case)
    assert case.change is not None
    spec = {**world.now(item)["spec"], **case.change(needs)}
    world.now(item)["spec"] = spec
    world.reconcile(item)
    resource, claim, found = observed(world, item)
    assert found is not None
    assert resource.changed(claim, found) == []
    assert world.conditions(item)["ACK.ResourceSynced"] == "True"


@CHANGING
def test_drift_is_mended(world: World, case: Case) -> None:
    item, needs = made(world, case)
    assert case.change is not None
    resource, claim, found = observed(world, item)
    claim.spec.update(case.change(needs))
    resource.update(claim, found, resource.changed(claim, found))
    resource, claim, found = observed(world, item)
    assert resource.changed(claim, found) != []
    world.reconcile(item)
    resource, claim, found = observed(world, item)
    assert resource.changed(claim, found) == []


@ALL
def test_a_crash_between_making_it_and_saying_so_makes_no_second_one(world: World, case: Case) -> None:
    item, _ = made(world, case)
    status = copy.deepcopy(world.now(item)["status"])
    del world.now(item)["status"]
    world.reconcile(item)
    again = world.now(item)["status"]
    assert again["ackResourceMetadata"] == status["ackResourceMetadata"]
    for name in ("id", "keyID", "fileSystemID", "mountTargetID"):
        assert case.kind == "RecordSet" or again.get(name) == status.get(name)


@NAMED
def test_what_somebody_else_made_is_not_taken(world: World, case: Case) -> None:
    item, _ = made(world, case)
    other = world.add(case.group, case.kind, copy.deepcopy(world.now(item)["spec"]), "two")
    world.reconcile(other)
    if case.kind == "Policy":
        # Its key is the ARN, so that only the create operation tells, and that is tried again, as by ACK.
        assert "EntityAlreadyExists" in world.condition(other, "ACK.Recoverable")["message"]
    else:
        assert world.condition(other, "ACK.Terminal")["message"] == conditions.EXISTS
    assert world.conditions(other)["Ready"] == "False"
    assert "finalizers" not in world.now(other)["metadata"] or not world.now(other)["metadata"]["finalizers"]


@NAMED
def test_what_is_asked_for_is_adopted(world: World, case: Case) -> None:
    item, _ = made(world, case)
    spec = copy.deepcopy(world.now(item)["spec"])
    other = world.add(case.group, case.kind, spec, "two", services_k8s_aws__adoption_policy="adopt-or-create")
    annotations = {"services.k8s.aws/adoption-policy": "adopt-or-create"}
    if case.kind == "Policy":
        arn = world.now(item)["status"]["ackResourceMetadata"]["arn"]
        annotations["services.k8s.aws/adoption-fields"] = f'{{"arn": "{arn}"}}'
    world.now(other)["metadata"]["annotations"] = annotations
    world.reconcile(other)
    assert world.conditions(other)["ACK.ResourceSynced"] == "True", world.now(other)["status"]
    assert world.now(other)["metadata"]["annotations"]["services.k8s.aws/adopted"] == "true"


@ALL
def test_deleted_with_its_object_unless_retained(world: World, case: Case) -> None:
    item, _ = made(world, case)
    kept = copy.deepcopy(world.now(item))
    world.change(item, {"metadata": {"annotations": {"services.k8s.aws/deletion-policy": "retain"}}})
    world.delete(item)
    world.reconcile(item)
    assert not world.there(item)
    world.cluster.objects[case.kind, "kubeflow-claims", "one"] = kept
    assert observed(world, item)[2] is not None
    world.delete(item)
    world.reconcile(item)
    assert not world.there(item)
    world.cluster.objects[case.kind, "kubeflow-claims", "one"] = kept
    assert observed(world, item)[2] is None
