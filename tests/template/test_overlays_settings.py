"""Overlays and the smaller answers: registry, notebooks, components that are left out, Trainer, Istio."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.template.conftest import Environments
from tests.template.overlays import Overlays

REGISTRY = "registry.example.com:5000/kubeflow/"


@pytest.fixture
def mirrored(overlays: Environments) -> Overlays:
    """Images from a registry of the site's own, AWS through a proxy."""
    return overlays("air-gapped")


@pytest.fixture
def usual(overlays: Environments) -> Overlays:
    """The walkthrough's choice."""
    return overlays("cognito-rds-s3")


def images(node: Any) -> set[str]:
    """Images of all containers in an object."""
    if isinstance(node, dict):
        found = {str(node["image"])} if isinstance(node.get("image"), str) and "name" in node else set()
        return found.union(*(images(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(images(value) for value in node))
    return set()


def test_every_container_comes_from_the_registry_under_its_full_name(
    mirrored: Overlays, usual: Overlays
) -> None:
    for overlay, item in mirrored.all():
        if item["kind"] == "CustomResourceDefinition":
            continue
        for image in images(item):
            name = f"{overlay} {item['kind']}/{item['metadata']['name']}: {image}"
            assert image.startswith(REGISTRY), name
            assert "." in image.removeprefix(REGISTRY).split("/")[0], name


def test_katibs_settings_differ_from_upstreams_in_the_registry_alone(
    mirrored: Overlays, usual: Overlays
) -> None:
    ours = mirrored.get("kubeflow/katib", "ConfigMap", "katib-config")["data"]["katib-config.yaml"]
    upstream = usual.get("kubeflow/katib", "ConfigMap", "katib-config")["data"]["katib-config.yaml"]
    assert yaml.safe_load(ours.replace(REGISTRY, "")) == yaml.safe_load(upstream)
    assert ours.count(f"image: {REGISTRY}") == upstream.count("image: ")
    [template] = mirrored.get("kubeflow/katib", "ConfigMap", "trial-templates")["data"].values()
    assert template.count(f"image: {REGISTRY}") == template.count("image: ") == 1


def test_sidecars_come_from_the_registry(mirrored: Overlays, usual: Overlays) -> None:
    ours, upstream = (
        json.loads(o.get("platform/istio", "ConfigMap", "istio-sidecar-injector")["data"]["values"])
        for o in (mirrored, usual)
    )
    assert ours["global"].pop("hub") == f"{REGISTRY}gcr.io/istio-release"
    assert upstream["global"].pop("hub") == "gcr.io/istio-release"
    assert ours == upstream


def test_what_kserve_starts_comes_from_the_registry(mirrored: Overlays, usual: Overlays) -> None:
    ours, upstream = (
        o.get("kubeflow/kserve", "ConfigMap", "inferenceservice-config")["data"] for o in (mirrored, usual)
    )
    for key in ("agent", "batcher", "logger", "router", "storageInitializer"):
        image = json.loads(upstream[key])["image"]
        assert json.loads(ours[key])["image"] == f"{REGISTRY}docker.io/{image}"
    image = json.loads(upstream["localModel"])["defaultJobImage"]
    assert json.loads(ours["localModel"])["defaultJobImage"] == f"{REGISTRY}docker.io/{image}"
    assert json.loads(ours["storageInitializer"])["caBundleConfigMapName"] == "proxy-ca"
    [container] = [o for o in mirrored.objects("kubeflow/kserve") if o["kind"] == "ClusterStorageContainer"]
    assert {v["name"] for v in container["spec"]["container"]["env"]} == {"HTTPS_PROXY", "NO_PROXY"}


def test_what_runs_start_comes_from_the_registry(mirrored: Overlays) -> None:
    pipelines = "kubeflow/pipelines"
    env = mirrored.env(pipelines, "ml-pipeline", "ml-pipeline-api-server")
    assert env["V2_DRIVER_IMAGE"] == f"{REGISTRY}ghcr.io/kubeflow/kfp-driver:2.16.0"
    assert env["V2_LAUNCHER_IMAGE"] == f"{REGISTRY}ghcr.io/kubeflow/kfp-launcher:2.16.0"
    args = mirrored.container(pipelines, "workflow-controller", "workflow-controller")["args"]
    assert args[-1].startswith(f"{REGISTRY}quay.io/argoproj/argoexec:")
    hook = mirrored.env(pipelines, "kubeflow-pipelines-profile-controller", "profile-controller")
    assert hook["FRONTEND_IMAGE"] == f"{REGISTRY}ghcr.io/kubeflow/kfp-frontend"
    queue = mirrored.get("platform/knative-serving", "ConfigMap", "config-deployment")["data"]
    assert queue["queue-sidecar-image"].startswith(f"{REGISTRY}gcr.io/knative-releases/")


def test_what_calls_s3_goes_through_the_proxy(mirrored: Overlays) -> None:
    env = mirrored.env("kubeflow/pipelines", "ml-pipeline", "ml-pipeline-api-server")
    assert env["HTTPS_PROXY"] == "http://proxy.example.com:3128"
    assert ".svc" in env["NO_PROXY"].split(",")
    assert env["SSL_CERT_DIR"].split(":") == ["/etc/ssl/certs", "/etc/database-ca", "/etc/proxy-ca"]
    text = mirrored.get("kubeflow/pipelines", "ConfigMap", "workflow-controller-configmap")["data"][
        "executor"
    ]
    assert {v["name"] for v in yaml.safe_load(text)["env"]} == {"HTTPS_PROXY", "NO_PROXY"}


def spawner(overlays: Overlays) -> dict[str, Any]:
    """What the form for a notebook offers."""
    data = overlays.get("kubeflow/jupyter-web-app", "ConfigMap", "jupyter-web-app-config")["data"]
    form: dict[str, Any] = yaml.safe_load(data["spawner_ui_config.yaml"])["spawnerFormDefaults"]
    return form


def test_notebooks_offer_kubeflows_images_or_those_of_the_answers(
    usual: Overlays, overlays: Environments, mirrored: Overlays
) -> None:
    assert spawner(usual)["image"]["value"] in spawner(usual)["image"]["options"]
    assert all(image.startswith("ghcr.io/kubeflow/") for image in spawner(usual)["image"]["options"])
    assert all(image.startswith(REGISTRY) for image in spawner(mirrored)["image"]["options"])
    chosen = spawner(overlays("production"))["image"]
    assert [image.split("/")[0] for image in chosen["options"]] == ["ghcr.io", "registry.example.com:5000"]
    assert chosen["value"] == chosen["options"][0]


def test_gpu_nodes_are_offered_where_there_are_any(tmp_path: Path, usual: Overlays) -> None:
    assert spawner(usual)["tolerationGroup"]["options"] == []
    with_gpus = spawner(Overlays.generate(tmp_path, "rds-only", gpu_node_pool=True))
    [group] = with_gpus["tolerationGroup"]["options"]
    assert group["tolerations"] == [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]
    assert with_gpus["gpus"]["value"]["vendor"] == "nvidia.com/gpu"


def test_idle_notebooks_stop_as_answered(tmp_path: Path, overlays: Environments) -> None:
    data = overlays("production").get(
        "kubeflow/notebook-controller", "ConfigMap", "notebook-controller-config"
    )
    assert (data["data"]["ENABLE_CULLING"], data["data"]["CULL_IDLE_TIME"]) == ("true", "120")
    never = Overlays.generate(tmp_path, "rds-only", notebook_culling=False)
    data = never.get("kubeflow/notebook-controller", "ConfigMap", "notebook-controller-config")
    assert data["data"]["ENABLE_CULLING"] == "false"


def menu(overlays: Overlays) -> set[str]:
    """Pages of the dashboard's menu."""
    data = overlays.get("kubeflow/central-dashboard", "ConfigMap", "centraldashboard-config")["data"]
    return {entry["text"] for entry in json.loads(data["links"])["menuLinks"]}


def test_the_menu_has_the_pages_that_are_there(usual: Overlays, overlays: Environments) -> None:
    everything = {
        "Notebooks",
        "TensorBoards",
        "Volumes",
        "Katib Experiments",
        "KServe Endpoints",
        "Pipelines",
    }
    assert menu(usual) == everything
    assert menu(overlays("pipelines-alone")) == {"Pipelines"}


def test_models_have_a_host_of_their_own(usual: Overlays, overlays: Environments) -> None:
    for environment, host, scheme in (
        (usual, "models.platform.example.com", "https"),
        (overlays("vanilla"), "example.com", "http"),
    ):
        data = environment.get("kubeflow/kserve", "ConfigMap", "inferenceservice-config")["data"]
        address = json.loads(data["ingress"])
        assert (address["ingressDomain"], address["urlScheme"]) == (host, scheme)
        domains = environment.get("platform/knative-serving", "ConfigMap", "config-domain")["data"]
        assert set(domains) - {"_example"} == {host}


def test_trainer_brings_jobset_into_kubeflows_namespace(usual: Overlays) -> None:
    found = usual.objects("kubeflow/trainer")
    assert not [o for o in found if o["kind"] == "Namespace"]
    assert {o["metadata"]["namespace"] for o in found if "namespace" in o["metadata"]} == {"kubeflow-system"}
    deployments = {o["metadata"]["name"]: o for o in found if o["kind"] == "Deployment"}
    assert set(deployments) == {"kubeflow-trainer-controller-manager", "jobset-controller-manager"}
    assert images(deployments["jobset-controller-manager"]) == {"registry.k8s.io/jobset/jobset:v0.10.1"}
    for item in found:
        for webhook in item.get("webhooks", []):
            assert webhook["clientConfig"]["service"]["namespace"] == "kubeflow-system"
        for subject in item.get("subjects") or []:
            if subject["kind"] == "ServiceAccount":
                assert subject["namespace"] == "kubeflow-system"


def test_istio_is_of_one_version(usual: Overlays) -> None:
    tags = {
        image.rpartition(":")[2]
        for overlay in ("platform/istio", "platform/cluster-local-gateway")
        for item in usual.objects(overlay)
        for image in images(item)
    }
    values = usual.get("platform/istio", "ConfigMap", "istio-sidecar-injector")["data"]["values"]
    assert tags == {json.loads(values)["global"]["tag"]}
