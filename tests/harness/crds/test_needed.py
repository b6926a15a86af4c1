"""Which CRDs an environment needs, and where they come from."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from kfaws.generator.model import Object
from kfaws.generator.upstream.errors import UpstreamError
from kfaws.generator.upstream.remote import Remote
from kfaws.harness.crds import Needed, needed_crds
from tests.generator.check.environments import Environment

DEFINITION = """
apiVersion: kro.run/v1alpha1
kind: ResourceGraphDefinition
metadata: {name: store}
spec:
  schema: {apiVersion: v1alpha1, group: claims.example.com, kind: Store, spec: {name: string}}
  resources:
    - id: bucket
      template:
        apiVersion: s3.services.k8s.aws/v1alpha1
        kind: Bucket
        metadata: {name: store}
        spec: {name: "${schema.spec.name}"}
---
apiVersion: claims.example.com/v1alpha1
kind: Store
metadata: {name: store}
spec: {name: store}
"""
PROVIDER = """
apiVersion: pkg.crossplane.io/v1
kind: Provider
metadata: {name: provider-aws-fsx}
spec: {package: xpkg.crossplane.io/crossplane-contrib/provider-aws-fsx:v2.6.0}
"""
POOL = """
apiVersion: cognitoidp.aws.m.upbound.io/v1beta1
kind: UserPool
metadata: {name: pool}
spec: {forProvider: {region: us-west-2, name: pool}}
"""


class Nowhere:
    """Nothing of upstream can be had."""

    def folder(self, remote: Remote) -> Path:
        raise UpstreamError(f"{remote.repository} is out of reach")


class Folder:
    """All of upstream is one folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def folder(self, remote: Remote) -> Path:
        return self.path


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(tmp_path / "environment")


def names(crds: tuple[Object, ...]) -> list[str]:
    return [crd["metadata"]["name"] for crd in crds]


def needed(environment: Environment, resolver: Nowhere | Folder) -> Needed:
    return needed_crds(environment.rendered(), resolver)


def test_a_kind_that_only_a_definition_makes_is_derived(environment: Environment) -> None:
    found = needed(environment.application("definitions", DEFINITION), Nowhere())
    assert names(found.derived) == ["buckets.s3.services.k8s.aws"]


def test_a_crd_that_an_application_brings_is_not_needed(environment: Environment) -> None:
    bucket = needed(environment.application("definitions", DEFINITION), Nowhere()).derived[0]
    found = needed(environment.application("ack", yaml.safe_dump(bucket)), Nowhere())
    assert found.derived == ()


def test_what_a_controller_installs_is_its_own_where_it_can_be_had(
    environment: Environment, tmp_path: Path
) -> None:
    environment.application("providers", PROVIDER).application("pool", POOL)
    [pool] = needed(environment, Nowhere()).derived
    upstream = tmp_path / "upstream"
    upstream.mkdir()
    (upstream / "cognitoidp.aws.m.upbound.io_userpools.yaml").write_text(yaml.safe_dump(pool))
    found = needed(environment, Folder(upstream))
    assert names(found.own) == ["userpools.cognitoidp.aws.m.upbound.io"]
    assert found.derived == ()


def test_a_kind_that_nothing_can_be_derived_of_takes_anything(environment: Environment) -> None:
    [stub] = needed(environment.application("providers", PROVIDER), Nowhere()).stubs
    [version] = stub["spec"]["versions"]
    assert stub["spec"]["scope"] == "Cluster"
    assert version["schema"]["openAPIV3Schema"]["properties"]["spec"]["x-kubernetes-preserve-unknown-fields"]


def test_a_kind_that_nobody_knows_is_named(environment: Environment) -> None:
    unknown = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: one}\n"
    found = needed(environment.application("widgets", unknown), Nowhere())
    assert ("example.com", "Widget") in found.missing
