"""Nodes as an environment's answers ask for them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from kfaws.harness.standins.cluster.nodes import nodes
from tests.conftest import ANSWERS

ZONE = "topology.kubernetes.io/zone"
SUBNETS = [{"zone": "us-west-2a"}, {"zone": "us-west-2c"}, {"zone": "us-west-2a"}]


def test_each_zone_of_the_private_subnets_has_a_node() -> None:
    made = nodes({"aws_region": "us-west-2", "private_subnets": SUBNETS})

    assert [node["metadata"]["labels"][ZONE] for node in made] == ["us-west-2a", "us-west-2c"]
    assert all(node["metadata"]["annotations"] == {"kwok.x-k8s.io/node": "fake"} for node in made)
    assert all("taints" not in node["spec"] for node in made)


def test_without_subnets_there_are_two_zones_of_the_region() -> None:
    zones = [node["metadata"]["labels"][ZONE] for node in nodes({"aws_region": "eu-central-1"})]

    assert zones == ["eu-central-1a", "eu-central-1b"]


def test_without_a_region_there_is_one_node() -> None:
    [node] = nodes({})

    assert ZONE not in node["metadata"]["labels"]


def test_kubeflow_s_own_pool_has_its_label_and_taint() -> None:
    pool = {"label": "role=system", "taint": "dedicated=kubeflow:NoSchedule"}
    system = [
        node
        for node in nodes({"aws_region": "us-west-2", "private_subnets": SUBNETS, "system_node_pool": pool})
        if node["metadata"]["labels"].get("role") == "system"
    ]

    assert [node["metadata"]["name"] for node in system] == ["system-1", "system-2"]
    assert system[0]["spec"]["taints"] == [{"key": "dedicated", "value": "kubeflow", "effect": "NoSchedule"}]


def test_a_pool_without_a_taint_takes_every_pod() -> None:
    *_, system = nodes({"system_node_pool": {"label": "role=system"}})

    assert system["spec"] == {}


def test_gpus_are_on_a_node_of_their_own() -> None:
    with_gpus = [n for n in nodes({"gpu_node_pool": True}) if "nvidia.com/gpu" in n["status"]["allocatable"]]

    [node] = with_gpus
    assert node["metadata"]["labels"]["nvidia.com/gpu.present"] == "true"
    assert node["spec"]["taints"] == [{"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}]


@pytest.mark.parametrize("file", sorted((ANSWERS / "valid").glob("*.yml")), ids=lambda f: f.stem)
def test_every_environment_has_nodes_of_different_names(file: Path) -> None:
    names = [node["metadata"]["name"] for node in nodes(yaml.safe_load(file.read_text()))]

    assert names
    assert len(set(names)) == len(names)
