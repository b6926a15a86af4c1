"""The gate before kwok, on a real control plane: pods wait for what they name, and for programs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from kfaws.generator.model import Object
from kfaws.generator.progress import silent
from kfaws.harness.kube import Cluster, Kind
from kfaws.harness.polling import Done, Pending, eventually
from kfaws.harness.ports import free_port
from kfaws.harness.process import Command, Process
from kfaws.harness.servers.control_plane import PROGRAMS, Plane
from kfaws.harness.standins.cluster import STAGES
from kfaws.harness.standins.cluster.nodes import nodes
from kfaws.harness.standins.cluster.volumes import (
    CLAIMS,
    CLASSES,
    DRIVERS,
    EBS,
    EFS,
    EVENTS,
    NODES,
    PROVISIONER,
    VOLUMES,
    ZONE,
)
from kfaws.harness.tools import Programs

DEPLOYMENTS, PODS, JOBS = Kind("apps/v1", "Deployment"), Kind("v1", "Pod"), Kind("batch/v1", "Job")
ACCOUNTS = Kind("v1", "ServiceAccount")
WITHIN = 60.0

pytestmark = pytest.mark.xdist_group("cluster")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A control plane with kwok, two nodes and the gate."""
    programs = Programs(silent())
    paths = {name: path for name in PROGRAMS if (path := programs.find(name))}
    missing = [name for name in PROGRAMS if name not in paths]
    if missing:
        pytest.skip(f"not built: {', '.join(missing)} (run `kfaws tools`)")
    folder = tmp_path_factory.mktemp("plane")
    servers = Plane(folder)
    servers.prepare()
    port = free_port()
    options: list[str | Path] = ["--kubeconfig", servers.kubeconfig, "--health-port", str(port)]
    module: list[str | Path] = [sys.executable, "-m", "kfaws.harness.standins.cluster"]
    gate = Command("gate", [*module, *options], f"http://127.0.0.1:{port}/readyz")
    with ExitStack() as running:
        for command in (*servers.commands(paths, STAGES), gate):
            process = Process(command, folder)
            running.callback(process.stop)
            process.start()
            process.wait_ready()
        found = Cluster(servers.kubeconfig)
        for node in nodes({"aws_region": "us-west-2", "gpu_node_pool": True}):
            found.apply(node)
        eventually("accounts", lambda: _there(found, ACCOUNTS, "default"), WITHIN)
        yield found


def _there(cluster: Cluster, kind: Kind, name: str) -> Done[None] | Pending:
    return Done(None) if cluster.get(kind, name, "default") else Pending(f"no {kind.kind} {name}")


def _of(kind: Kind, name: str, container: Object, **pod: Any) -> Object:
    """A Deployment or a Job of one pod."""
    labels = {"app": name}
    spec = {"containers": [{"name": "main", "image": "example.com/web:1", **container}], **pod}
    selector = {"selector": {"matchLabels": labels}} if kind == DEPLOYMENTS else {}
    return {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "metadata": {"name": name, "namespace": "default"},
        "spec": {**selector, "template": {"metadata": {"labels": labels}, "spec": spec}},
    }


def _waiting(cluster: Cluster, app: str) -> Done[Object] | Pending:
    """Why the only pod of an app waits."""
    for item in cluster.list(PODS, "default", f"app={app}"):
        for status in item["status"].get("containerStatuses", []):
            if "waiting" in status["state"]:
                return Done(status["state"]["waiting"])
    return Pending("no container waits")


def _ready(cluster: Cluster, app: str) -> Done[None] | Pending:
    status = (cluster.get(DEPLOYMENTS, app, "default") or {})["status"]
    return Done(None) if status.get("readyReplicas") == 1 else Pending(str(status))


def test_a_deployment_waits_for_its_secret_and_names_it(cluster: Cluster) -> None:
    cluster.apply(_of(DEPLOYMENTS, "needy", {"envFrom": [{"secretRef": {"name": "login"}}]}))

    waiting = eventually("it waits", lambda: _waiting(cluster, "needy"), WITHIN)

    assert waiting == {"reason": "CreateContainerConfigError", "message": 'secret "login" not found'}
    assert not isinstance(_ready(cluster, "needy"), Done)

    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "login", "namespace": "default"}}
    cluster.apply(secret)

    eventually("it is ready", lambda: _ready(cluster, "needy"), WITHIN)
    [pod] = cluster.list(PODS, "default", "app=needy")
    kinds = {condition["type"]: condition["status"] for condition in pod["status"]["conditions"]}
    assert kinds["Ready"] == kinds["PodScheduled"] == "True"
    assert pod["status"]["podIP"]


def test_a_deployment_waits_for_the_program_behind_it(cluster: Cluster) -> None:
    metadata = {"name": "embedded-programs", "namespace": "kube-system"}
    programs: Object = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
    cluster.apply({**programs, "data": {"default.served": "starting"}})
    cluster.apply(_of(DEPLOYMENTS, "served", {}))

    waiting = eventually("it waits", lambda: _waiting(cluster, "served"), WITHIN)

    assert waiting["message"] == "the program that stands behind served is starting"

    cluster.apply({**programs, "data": {"default.served": "ready"}})

    eventually("it is ready", lambda: _ready(cluster, "served"), WITHIN)


def test_a_malformed_image_never_runs(cluster: Cluster) -> None:
    cluster.apply(_of(DEPLOYMENTS, "misspelt", {"image": "example.com/Web:1"}))

    waiting = eventually("it waits", lambda: _waiting(cluster, "misspelt"), WITHIN)

    assert waiting["reason"] == "InvalidImageName"


def test_a_job_with_an_initialising_container_completes(cluster: Cluster) -> None:
    init = [{"name": "first", "image": "example.com/first"}]
    cluster.apply(_of(JOBS, "once", {}, restartPolicy="Never", initContainers=init))

    def look() -> Done[None] | Pending:
        status = (cluster.get(JOBS, "once", "default") or {}).get("status", {})
        return Done(None) if status.get("succeeded") == 1 else Pending(str(status))

    eventually("it is complete", look, WITHIN)


def test_gpus_are_for_pods_that_tolerate_their_node(cluster: Cluster) -> None:
    tolerations = [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]
    asked = {"resources": {"limits": {"nvidia.com/gpu": "1"}}}
    cluster.apply(_of(DEPLOYMENTS, "trainer", asked, tolerations=tolerations))

    eventually("it is ready", lambda: _ready(cluster, "trainer"), WITHIN)

    [pod] = cluster.list(PODS, "default", "app=trainer")
    assert pod["spec"]["nodeName"] == "gpu-1"


def test_a_deleted_deployment_takes_its_pods_along(cluster: Cluster) -> None:
    item = _of(DEPLOYMENTS, "short", {})
    cluster.apply(item)
    eventually("it is ready", lambda: _ready(cluster, "short"), WITHIN)

    cluster.delete(item)

    def look() -> Done[None] | Pending:
        left = cluster.list(PODS, "default", "app=short")
        return Pending(f"{len(left)} pods") if left else Done(None)

    eventually("its pods are gone", look, WITHIN)


def _claim(name: str, storage_class: str, mode: str) -> Object:
    spec = {
        "storageClassName": storage_class,
        "accessModes": [mode],
        "resources": {"requests": {"storage": "1Gi"}},
    }
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "namespace": "default"},
        "spec": spec,
    }


def _storage_class(name: str, driver: str, mode: str, **parameters: str) -> Object:
    return {
        "apiVersion": CLASSES.api_version,
        "kind": CLASSES.kind,
        "metadata": {"name": name},
        "provisioner": driver,
        "parameters": parameters,
        "volumeBindingMode": mode,
    }


def test_a_claim_gets_a_volume_in_the_zone_of_its_pod(cluster: Cluster) -> None:
    cluster.apply(_storage_class("gp3", EBS, "WaitForFirstConsumer"))
    claim = cluster.apply(_claim("data", "gp3", "ReadWriteOnce"))
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    cluster.apply(_of(DEPLOYMENTS, "keeper", {}, volumes=volumes))

    eventually("it is ready", lambda: _ready(cluster, "keeper"), WITHIN)

    [pod] = cluster.list(PODS, "default", "app=keeper")
    node = cluster.get(NODES, pod["spec"]["nodeName"]) or {}
    name = f"pvc-{claim['metadata']['uid']}"
    volume = cluster.get(VOLUMES, name) or {}
    [term] = volume["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"]
    assert term["matchExpressions"][0]["values"] == [node["metadata"]["labels"][ZONE]]

    cluster.delete(cluster.get(DEPLOYMENTS, "keeper", "default") or {})
    cluster.delete(claim)

    def look() -> Done[None] | Pending:
        left = cluster.get(VOLUMES, name)
        return Pending(left["status"]["phase"]) if left else Done(None)

    eventually("its volume is gone", look, WITHIN)


def test_a_claim_of_efs_waits_for_its_driver(cluster: Cluster) -> None:
    parameters = {"provisioningMode": "efs-ap", "fileSystemId": "fs-0a1b2c3d4e5f60718"}
    cluster.apply(_storage_class("efs", EFS, "Immediate", **parameters))
    claim = cluster.apply(_claim("shared", "efs", "ReadWriteMany"))

    def look() -> Done[None] | Pending:
        found = cluster.get(CLAIMS, "shared", "default") or {}
        waits = PROVISIONER in found["metadata"].get("annotations", {})
        return Done(None) if waits else Pending(str(found["metadata"]))

    eventually("the driver is asked", look, WITHIN)
    assert cluster.get(VOLUMES, f"pvc-{claim['metadata']['uid']}") is None

    driver = {"apiVersion": DRIVERS.api_version, "kind": DRIVERS.kind, "metadata": {"name": EFS}}
    cluster.apply({**driver, "spec": {"attachRequired": False}})

    def bound() -> Done[None] | Pending:
        phase = (cluster.get(CLAIMS, "shared", "default") or {})["status"]["phase"]
        return Done(None) if phase == "Bound" else Pending(phase)

    eventually("it is bound", bound, WITHIN)


def test_a_claim_that_its_driver_refuses_says_so(cluster: Cluster) -> None:
    cluster.apply(_storage_class("shared-ebs", EBS, "Immediate"))
    cluster.apply(_claim("many", "shared-ebs", "ReadWriteMany"))

    def look() -> Done[str] | Pending:
        said = [
            event["message"]
            for event in cluster.list(EVENTS, "default")
            if event["involvedObject"]["name"] == "many" and event["reason"] == "ProvisioningFailed"
        ]
        return Done(said[0]) if said else Pending("no event")

    assert "one node at a time" in eventually("it is refused", look, WITHIN)
