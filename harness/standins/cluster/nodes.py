"""The nodes that an environment's answers ask for: labels and taints as its manifests expect them."""

from __future__ import annotations

from typing import Any

from kfaws.generator.model import Object

FAKE = {"kwok.x-k8s.io/node": "fake"}
"""kwok's mark of a node behind which there is no machine."""
CAPACITY = {"cpu": "64", "memory": "256Gi", "ephemeral-storage": "1Ti", "pods": "500"}
"""Enough for all of Kubeflow on one node: what is tested is where pods may run, not whether they fit."""
GPUS = {"nvidia.com/gpu": "8"}
"""A device plugin would announce them; none runs here."""
GPU_LABEL, GPU_TAINT = {"nvidia.com/gpu.present": "true"}, "nvidia.com/gpu=present:NoSchedule"
"""As bootstrap/eksctl.yaml gives them to the pool of GPU nodes."""


def nodes(answers: dict[str, Any]) -> list[Object]:
    """Node objects for the content of `.copier-answers.yml`.

    One node a zone; one more a zone where Kubeflow itself has a pool; one with GPUs where they have one.
    """
    places = _zones(answers)
    made = [_node(f"workers-{number}", place, {}, "") for number, place in enumerate(places, 1)]
    pool = answers.get("system_node_pool") or {}
    if pool:
        key, _, value = str(pool.get("label", "")).partition("=")
        labels = {key: value} if key else {}
        taint = str(pool.get("taint", ""))
        made += [_node(f"system-{number}", place, labels, taint) for number, place in enumerate(places, 1)]
    if answers.get("gpu_node_pool"):
        made.append(_node("gpu-1", places[0], GPU_LABEL, GPU_TAINT, GPUS))
    return made


def _zones(answers: dict[str, Any]) -> list[dict[str, str]]:
    """The labels of each zone; of the region's first two where eksctl makes the subnets or none is named."""
    region = answers.get("aws_region")
    if not region:
        return [{}]
    subnets = answers.get("private_subnets") or []
    zones = dict.fromkeys(subnet["zone"] for subnet in subnets) or [f"{region}a", f"{region}b"]
    return [{"topology.kubernetes.io/region": region, "topology.kubernetes.io/zone": zone} for zone in zones]


def _node(
    name: str,
    place: dict[str, str],
    labels: dict[str, str],
    taint: str,
    devices: dict[str, str] | None = None,
) -> Object:
    own = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    capacity = {**CAPACITY, **(devices or {})}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {**own, **place, **labels}, "annotations": dict(FAKE)},
        "spec": {"taints": [_taint(taint)]} if taint else {},
        "status": {"capacity": capacity, "allocatable": dict(capacity)},
    }


def _taint(text: str) -> dict[str, str]:
    """`key=value:Effect` as a taint."""
    key, _, rest = text.partition("=")
    value, _, effect = rest.partition(":")
    return {"key": key, "value": value, "effect": effect}
