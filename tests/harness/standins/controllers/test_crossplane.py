"""Crossplane's stand-in on a real API server."""

from __future__ import annotations

import pytest

from kfaws.generator.model import Object
from kfaws.harness.crds.manifest import OPEN, Named, crd
from kfaws.harness.kube import Cluster
from kfaws.harness.standins.controllers.crossplane import (
    CONFIGS,
    CRDS,
    POLICIES,
    PROVIDERS,
    activated,
    kinds_of,
)
from tests.harness.standins.controllers.plane import apply, conditions, wait

FSX, POOLS = "lustrefilesystems.fsx.aws.m.upbound.io", "userpools.cognitoidp.aws.m.upbound.io"
HEALTHY = {"Installed": ("True", "ActivePackageRevision"), "Healthy": ("True", "HealthyPackageRevision")}

pytestmark = pytest.mark.xdist_group("controllers")


def _provider(package: str, config: str = "runtime") -> Object:
    name = package.rpartition("/")[2].partition(":")[0]
    spec = {
        "package": f"xpkg.crossplane.io/crossplane-contrib/{package}",
        "runtimeConfigRef": {"name": config},
    }
    return {**_of(PROVIDERS.api_version, PROVIDERS.kind, name), "spec": spec}


def _of(api_version: str, kind: str, name: str) -> Object:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}}


def _policy(*names: str) -> Object:
    return {**_of(POLICIES.api_version, POLICIES.kind, "chosen"), "spec": {"activate": list(names)}}


@pytest.fixture(scope="module", autouse=True)
def crossplane(cluster: Cluster) -> None:
    """Crossplane's own kinds, whatever their schemas."""
    for kind in (CONFIGS, POLICIES, PROVIDERS):
        group, version = kind.api_version.split("/")
        apply(cluster, [crd(Named(group, kind.kind, (version,), "a test", "Cluster"), OPEN, OPEN)])
    config = {**_of(CONFIGS.api_version, CONFIGS.kind, "runtime"), "spec": {}}
    apply(cluster, [config, _policy("lustre*.fsx.aws.m.upbound.io")])


def _turns(cluster: Cluster, name: str, wanted: dict[str, tuple[str, str]]) -> Object:
    def look() -> Object | None:
        item = cluster.get(PROVIDERS, name) or {}
        return item if conditions(item) == wanted else None

    return wait(f"{name} is {wanted}", look)


def test_a_provider_installs_what_a_policy_switches_on(cluster: Cluster) -> None:
    cluster.apply(_provider("provider-aws-fsx:v2.6.0"))

    item = _turns(cluster, "provider-aws-fsx", HEALTHY)

    assert item["status"]["currentIdentifier"] == item["spec"]["package"]
    assert cluster.get(CRDS, FSX)
    assert cluster.get(CRDS, "datarepositoryassociations.fsx.aws.m.upbound.io") is None

    def look() -> Object | None:
        found = cluster.get(POLICIES, "chosen") or {}
        return found if found.get("status", {}).get("activated") == [FSX] else None

    assert conditions(wait("the policy says so", look)) == {"Healthy": ("True", "Running")}


def test_a_policy_may_come_later(cluster: Cluster) -> None:
    cluster.apply(_provider("provider-aws-cognitoidp:v2.6.0"))
    _turns(cluster, "provider-aws-cognitoidp", HEALTHY)
    assert cluster.get(CRDS, POOLS) is None

    cluster.apply(_policy("lustre*.fsx.aws.m.upbound.io", POOLS))

    wait("its kind is there", lambda: cluster.get(CRDS, POOLS))


def test_a_kind_that_is_there_is_left_alone(cluster: Cluster) -> None:
    name = "clusterproviderconfigs.aws.m.upbound.io"
    apply(cluster, [crd(Named("aws.m.upbound.io", "ClusterProviderConfig", ("v1beta1",), "own"), OPEN, OPEN)])

    cluster.apply(_provider("provider-family-aws:v2.6.0"))

    _turns(cluster, "provider-family-aws", HEALTHY)
    found = cluster.get(CRDS, name) or {}
    assert found["metadata"]["annotations"]["kubeflow-aws.dev/derived-from"] == "own"


def test_a_provider_without_its_runtime_is_not_healthy(cluster: Cluster) -> None:
    cluster.apply(
        _provider("provider-aws-fsx:v2.7.0", "nowhere") | _of(PROVIDERS.api_version, PROVIDERS.kind, "lost")
    )

    unhealthy = HEALTHY | {"Healthy": ("False", "UnhealthyPackageRevision")}
    _turns(cluster, "lost", unhealthy)


def test_an_unknown_package_is_not_installed(cluster: Cluster) -> None:
    cluster.apply(_provider("provider-gcp-storage:v1"))

    _turns(cluster, "provider-gcp-storage", {"Installed": ("False", "UnpackingPackage")})


@pytest.mark.parametrize("version", [":v2.6.0", "@sha256:0123", ":v2.6.0@sha256:0123", ""])
def test_a_package_is_known_whatever_its_version(version: str) -> None:
    assert ("fsx.aws.m.upbound.io", "LustreFileSystem") in kinds_of(_provider(f"provider-aws-fsx{version}"))


def test_patterns_of_a_policy() -> None:
    assert activated(_policy("*.fsx.aws.m.upbound.io"), [POOLS, FSX]) == [FSX]
    assert activated(_policy("*"), [POOLS, FSX]) == [FSX, POOLS]
    assert activated(_policy(POOLS), [FSX]) == []
