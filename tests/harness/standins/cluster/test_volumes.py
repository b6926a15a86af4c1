"""Volumes for claims, as the EBS, EFS and FSx drivers would make them."""

from __future__ import annotations

import pytest

from kfaws.generator.model import Object
from kfaws.harness.standins.cluster.volumes import (
    EBS,
    EFS,
    FSX,
    PROVISIONED_BY,
    SELECTED,
    ZONE,
    is_due,
    is_left,
    refusal,
    volume_for,
)

UID = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
NODE: Object = {"metadata": {"labels": {ZONE: "us-west-2b"}}}
FILE_SYSTEM = {"fileSystemId": "fs-0a1b2c3d4e5f60718"}
SUBNET = {"subnetId": "subnet-0a1b2c3d4e5f60001"}


def claim(*modes: str, annotations: dict[str, str] | None = None, **spec: str) -> Object:
    """A claim `data` of namespace `team`, of one gibibyte."""
    wanted = {"accessModes": list(modes or ("ReadWriteOnce",)), "resources": {"requests": {"storage": "1Gi"}}}
    metadata = {"name": "data", "namespace": "team", "uid": UID, "annotations": annotations or {}}
    return {"metadata": metadata, "spec": {**wanted, **spec}}


def storage_class(driver: str, parameters: dict[str, str] | None = None, **fields: str) -> Object:
    """A StorageClass `some`."""
    return {"metadata": {"name": "some"}, "provisioner": driver, "parameters": parameters or {}, **fields}


@pytest.mark.parametrize(
    ("annotations", "mode", "due"),
    [
        ({}, "Immediate", True),
        ({}, "WaitForFirstConsumer", False),
        ({SELECTED: "workers-1"}, "WaitForFirstConsumer", True),
    ],
)
def test_the_scheduler_may_come_first(annotations: dict[str, str], mode: str, due: bool) -> None:
    assert is_due(claim(annotations=annotations), storage_class(EBS, volumeBindingMode=mode)) is due


def test_an_ebs_volume_is_in_the_zone_of_its_node() -> None:
    volume = volume_for(claim(), storage_class(EBS, reclaimPolicy="Retain"), NODE)

    assert volume["metadata"]["name"] == f"pvc-{UID}"
    assert volume["spec"]["csi"] == {"driver": EBS, "volumeHandle": "vol-0a1b2c3d4e5f60718"}
    assert volume["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
    assert volume["spec"]["claimRef"]["uid"] == UID
    [term] = volume["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"]
    assert term["matchExpressions"] == [{"key": ZONE, "operator": "In", "values": ["us-west-2b"]}]


@pytest.mark.parametrize(
    ("driver", "parameters", "handle"),
    [
        (EFS, FILE_SYSTEM, "fs-0a1b2c3d4e5f60718::fsap-0a1b2c3d4e5f60718"),
        (FSX, SUBNET, "fs-0a1b2c3d4e5f60718"),
    ],
)
def test_a_file_system_is_reached_from_every_zone(
    driver: str, parameters: dict[str, str], handle: str
) -> None:
    volume = volume_for(claim("ReadWriteMany"), storage_class(driver, parameters), NODE)

    assert volume["spec"]["csi"]["volumeHandle"] == handle
    assert "nodeAffinity" not in volume["spec"]


@pytest.mark.parametrize(
    ("driver", "parameters", "item"),
    [
        (EBS, {}, claim("ReadWriteOnce")),
        (EBS, {}, claim("ReadWriteOncePod")),
        (EBS, {}, claim("ReadWriteMany", volumeMode="Block")),
        (EFS, FILE_SYSTEM, claim("ReadWriteMany")),
        (FSX, SUBNET, claim("ReadWriteMany")),
    ],
)
def test_what_a_driver_takes(driver: str, parameters: dict[str, str], item: Object) -> None:
    assert refusal(item, storage_class(driver, parameters)) is None


@pytest.mark.parametrize(
    ("driver", "parameters", "words"),
    [
        (EBS, {}, "one node at a time, not ReadWriteMany"),
        (EFS, {}, "no id of EFS"),
        (EFS, {"fileSystemId": "${fileSystem.status.fileSystemID}"}, "no id of EFS"),
        (FSX, {"subnetId": "subnet-"}, "no id of a subnet"),
    ],
)
def test_what_a_driver_refuses(driver: str, parameters: dict[str, str], words: str) -> None:
    assert words in (refusal(claim("ReadWriteMany"), storage_class(driver, parameters)) or "")


def test_only_a_released_volume_of_a_driver_goes() -> None:
    left = volume_for(claim(), storage_class(EBS), NODE) | {"status": {"phase": "Released"}}
    kept = volume_for(claim(), storage_class(EBS, reclaimPolicy="Retain"), NODE) | {"status": left["status"]}
    own = {**left, "metadata": {"name": "by-hand"}}

    assert left["metadata"]["annotations"] == {PROVISIONED_BY: EBS}
    assert is_left(left)
    assert not is_left(kept)
    assert not is_left(own)
    assert not is_left({**left, "status": {"phase": "Bound"}})
