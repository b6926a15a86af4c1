"""The cluster file, and what bootstrap tells the claims of the network that comes with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from kfaws.generator.run import run
from tests.template.generated import WALKTHROUGH, generate

PARTS = ("bootstrap", "platform/device-plugin")
NEW_CLUSTER = {"cluster_source": "create"}
POOLS = {
    "system_node_pool": {"label": "pool=system", "taint": "pool=system:NoSchedule"},
    "gpu_node_pool": True,
}


@pytest.fixture(scope="module", params=["external", "create"])
def generated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    answers = WALKTHROUGH | NEW_CLUSTER | {"vpc_source": request.param} | POOLS
    return generate(tmp_path_factory.mktemp(request.param), PARTS, answers)


@pytest.fixture(scope="module")
def cluster(generated: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((generated / "bootstrap" / "eksctl.yaml").read_text())
    return content


def test_nodes_are_private_encrypted_and_keep_their_role_from_pods(cluster: dict[str, Any]) -> None:
    for group in cluster["managedNodeGroups"]:
        assert group["privateNetworking"]
        assert group["volumeEncrypted"]
        assert group["disablePodIMDS"]


def test_pools_carry_the_labels_and_taints_of_the_answers(cluster: dict[str, Any]) -> None:
    groups = {group["name"]: group for group in cluster["managedNodeGroups"]}
    assert groups["system"]["labels"] == {"pool": "system"}
    assert groups["system"]["taints"] == [{"key": "pool", "value": "system", "effect": "NoSchedule"}]
    assert "taints" not in groups["workers"], "the add-ons of EKS need nodes without a taint"


def test_the_device_plugin_runs_on_the_gpu_nodes(generated: Path, cluster: dict[str, Any]) -> None:
    groups = {group["name"]: group for group in cluster["managedNodeGroups"]}
    plugin = yaml.safe_load((generated / "platform" / "device-plugin" / "nvidia.yaml").read_text())
    tolerated = {entry["key"] for entry in plugin["spec"]["template"]["spec"]["tolerations"]}
    assert {taint["key"] for taint in groups["gpu"]["taints"]} <= tolerated


def test_pods_can_have_roles_and_volumes_and_network_policies_hold(cluster: dict[str, Any]) -> None:
    addons = {addon["name"]: addon for addon in cluster["addons"]}
    assert {"eks-pod-identity-agent", "aws-ebs-csi-driver"} <= addons.keys()
    assert yaml.safe_load(addons["vpc-cni"]["configurationValues"]) == {"enableNetworkPolicy": "true"}
    assert cluster["iam"]["withOIDC"]


def test_the_network_of_the_new_cluster_is_told_to_the_claims(generated: Path) -> None:
    script = generated / "bootstrap" / "network.sh"
    run(["sh", "-n", script])
    text = script.read_text()
    for key in ("vpcId", "vpcCidr", "privateSubnetIds", "publicSubnetIds", "clusterSecurityGroupId"):
        assert f"  {key}: " in text
