"""Kinds whose operations moto lacks, against the few lines of AWS that they need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from kfaws.harness.standins.claims.aws import Aws
from tests.harness.standins.claims.world import World

ARN = "arn:aws:iam::123456789012:role/"


class Kept:
    """A client that keeps what it is given; everything else is the real client's."""

    def __init__(self, client: Any, word: str, identifier: str) -> None:
        self.meta = client.meta
        self.items: dict[str, dict[str, Any]] = {}
        self._word, self._identifier = word, identifier

    def __getattr__(self, name: str) -> Any:
        return getattr(self, f"_{name.split('_')[0]}")

    def _create(self, **given: Any) -> dict[str, Any]:
        name = f"a-{len(self.items)}"
        tags = {"Tags": given["Tags"]} if "Tags" in given else {}
        self.items[name] = {
            **given,
            **tags,
            self._identifier: name,
            "associationArn": f"arn:aws:eks:::{name}",
        }
        return {self._word: self.items[name]}

    def _one(self, given: dict[str, Any]) -> dict[str, Any]:
        if given[self._identifier] not in self.items:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": ""}}, "Describe")
        return self.items[given[self._identifier]]

    def _describe(self, **given: Any) -> dict[str, Any]:
        if "AssociationIds" in given:
            return {"Associations": [self.items[one] for one in given["AssociationIds"] if one in self.items]}
        if "Filters" in given:
            return {"Associations": list(self.items.values())}
        return {self._word: self._one(given)}

    def _list(self, **given: Any) -> dict[str, Any]:
        return {
            "associations": [
                one for one in self.items.values() if one["serviceAccount"] == given["serviceAccount"]
            ]
        }

    def _update(self, **given: Any) -> dict[str, Any]:
        self._one(given).update(given)
        return {}

    def _delete(self, **given: Any) -> dict[str, Any]:
        self.items.pop(given[self._identifier], None)
        return {}


@pytest.fixture
def kept(aws: Aws, request: pytest.FixtureRequest) -> Iterator[Kept]:
    service, word, identifier = request.param
    real = aws.client(service)
    stand_in = aws._clients[service, aws.region] = Kept(real, word, identifier)
    yield stand_in
    aws._clients[service, aws.region] = real


EKS = pytest.mark.parametrize("kept", [("eks", "association", "associationId")], indirect=True)
FSX = pytest.mark.parametrize("kept", [("fsx", "Association", "AssociationId")], indirect=True)


@EKS
def test_an_association_is_made_once_changed_and_deleted(world: World, kept: Kept) -> None:
    spec = {
        "clusterName": "c",
        "namespace": "n",
        "serviceAccount": "s",
        "roleARN": f"{ARN}a",
        "tags": {"team": "a"},
    }
    item = world.add("eks", "PodIdentityAssociation", spec)
    world.reconcile(item)
    assert world.conditions(item)["ACK.ResourceSynced"] == "True", world.now(item)["status"]
    assert world.now(item)["status"]["associationID"] == "a-0"
    del world.now(item)["status"]
    world.reconcile(item)
    assert list(kept.items) == ["a-0"]
    world.now(item)["spec"]["roleARN"] = f"{ARN}b"
    world.reconcile(item)
    assert kept.items["a-0"]["roleArn"] == f"{ARN}b"
    kept.items["a-0"]["roleArn"] = f"{ARN}drift"
    world.reconcile(item)
    assert kept.items["a-0"]["roleArn"] == f"{ARN}b"
    world.delete(item)
    world.reconcile(item)
    assert not kept.items
    assert not world.there(item)


@FSX
def test_a_folder_of_a_bucket_is_made_once(world: World, kept: Kept) -> None:
    spec = {
        "region": "us-west-2",
        "fileSystemId": "fs-0123456789abcdef0",
        "fileSystemPath": "/data",
        "tags": {"team": "a"},
        "dataRepositoryPath": "s3://bucket/data",
        "s3": {"autoImportPolicy": {"events": ["NEW"]}},
        "batchImportMetaDataOnCreate": True,
        "deleteDataInFilesystem": False,
    }
    item = world.add("fsx", "DataRepositoryAssociation", spec)
    world.reconcile(item)
    world.reconcile(item)
    assert world.conditions(item) == {"Ready": "True", "Synced": "True"}, world.now(item)["status"]
    assert kept.items["a-0"]["S3"] == {"AutoImportPolicy": {"Events": ["NEW"]}}
    world.now(item)["metadata"]["annotations"] = {
        "crossplane.io/external-create-pending": "2026-01-01T00:00:00Z"
    }
    world.reconcile(item)
    assert list(kept.items) == ["a-0"]
    world.now(item)["spec"]["managementPolicies"] = ["Observe", "Create", "Update"]
    world.delete(item)
    world.reconcile(item)
    assert list(kept.items) == ["a-0"]
