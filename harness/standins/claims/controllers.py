"""In whose place we act: found in the cluster, with what its Deployment says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kfaws.generator.model import Object
from kfaws.harness.crds.manifest import plural_of
from kfaws.harness.kube import Cluster, ClusterError, Kind
from kfaws.harness.standins.claims.ack.kinds import DOMAIN as ACK
from kfaws.harness.standins.claims.crossplane.kinds import DOMAIN as CROSSPLANE

DEPLOYMENT = Kind("apps/v1", "Deployment")
PROVIDER = Kind("pkg.crossplane.io/v1", "Provider")
RUNTIME = Kind("pkg.crossplane.io/v1beta1", "DeploymentRuntimeConfig")
CRD = Kind("apiextensions.k8s.io/v1", "CustomResourceDefinition")
NOT_FOUND = 404


@cache
def table() -> dict[str, Any]:
    """The content of controllers.yaml."""
    content: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("controllers.yaml").read_text())
    return content


@dataclass(frozen=True)
class Controller:
    """One controller that should run in the cluster."""

    group: str
    """The first word of its kinds' group."""
    domain: str
    account: str = ""
    """The user name of its ServiceAccount; empty: we act as ourselves."""
    pod: str = ""
    """Namespace and ServiceAccount of its pods: `namespace/name`."""
    region: str = ""
    namespaces: frozenset[str] = frozenset()
    """Those that it watches; empty: all."""
    kinds: frozenset[str] = frozenset()
    """Those that it reconciles; empty: all."""
    tags: Mapping[str, str] = field(default_factory=dict)

    def minds(self, item: Object) -> bool:
        """Whether it watches that object's namespace."""
        return not self.namespaces or item["metadata"].get("namespace") in self.namespaces


def present(cluster: Cluster) -> list[Controller]:
    """The controllers whose Deployment (of Crossplane: whose Provider) is in the cluster."""
    namespace = table()["namespace"]
    found = []
    deployments = {one["metadata"]["name"]: one for one in cluster.list(DEPLOYMENT, namespace)}
    for group, name in table()["ack"].items():
        if name in deployments:
            found.append(_of_deployment(group, deployments[name]))
    providers = {one["metadata"]["name"]: one for one in _providers(cluster)}
    found += [
        Controller(group, CROSSPLANE, pod=_pod_of(cluster, providers[name]))
        for group, name in table()["crossplane"].items()
        if name in providers
    ]
    return found


def _pod_of(cluster: Cluster, provider: Object) -> str:
    """The ServiceAccount that the provider's runtime configuration names; Crossplane makes one otherwise."""
    name = (provider["spec"].get("runtimeConfigRef") or {}).get("name", "default")
    config = cluster.get(RUNTIME, name) or {}
    template = (config.get("spec") or {}).get("serviceAccountTemplate") or {}
    account = (template.get("metadata") or {}).get("name") or provider["metadata"]["name"]
    return f"{table()['crossplane-namespace']}/{account}"


def _providers(cluster: Cluster) -> list[Object]:
    return cluster.list(PROVIDER) if cluster.serves(PROVIDER) else []


def _of_deployment(group: str, deployment: Object) -> Controller:
    pod = deployment["spec"]["template"]["spec"]
    container = pod["containers"][0]
    account = pod.get("serviceAccountName", "default")
    values = {one["name"]: one.get("value") or "" for one in container.get("env") or ()}
    arguments = dict(one.lstrip("-").split("=", 1) for one in container.get("args") or () if "=" in one)
    pairs = [one.split("=", 1) for one in values.get("ACK_RESOURCE_TAGS", "").split(",") if "=" in one]
    return Controller(
        group,
        ACK,
        ":".join(("system:serviceaccount", deployment["metadata"]["namespace"], account)),
        f"{deployment['metadata']['namespace']}/{account}",
        values.get("AWS_REGION", ""),
        _words(values.get("ACK_WATCH_NAMESPACE", "")),
        _words(arguments.get("reconcile-resources", "")),
        {key.strip(): value.strip() for key, value in pairs},
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(",") if word.strip())


def schema_of(cluster: Cluster, group: str, kind: str, version: str) -> dict[str, Any] | None:
    """The `spec` and `status` of a kind as its CRD says; None: there is no such CRD (yet)."""
    try:
        crd = cluster.get(CRD, f"{plural_of(kind)}.{group}")
    except ClusterError as error:
        if error.status == NOT_FOUND:
            return None
        raise
    if crd is None:
        return None
    return schema_in(crd, version)


def schema_in(crd: Object, version: str) -> dict[str, Any]:
    """`spec` and `status` of a CRD; Crossplane's are `forProvider` and `atProvider`."""
    one = next(one for one in crd["spec"]["versions"] if one["name"] == version)
    properties = one["schema"]["openAPIV3Schema"]["properties"]
    spec, status = properties["spec"], properties.get("status") or {}
    if crd["spec"]["group"].endswith(CROSSPLANE):
        return {"spec": spec["properties"]["forProvider"], "status": status["properties"]["atProvider"]}
    return {"spec": spec, "status": status}
