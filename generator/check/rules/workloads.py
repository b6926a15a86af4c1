"""Our own namespaces and workloads: pod security labels, network policies, and the security of containers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kfaws.generator.check.finding import Breach, Rule
from kfaws.generator.check.inventory import Item
from kfaws.generator.check.kinds import WORKLOADS, containers, pod_specification
from kfaws.generator.check.world import World

NO_POD_SECURITY = Rule(
    "workload/no-pod-security",
    "without the label, a pod in the namespace may ask for the host's network, files and processes",
    "label the namespace with pod-security.kubernetes.io/enforce",
)
NO_NETWORK_POLICY = Rule(
    "workload/no-network-policy",
    "every pod of the cluster, a tenant's notebook included, reaches every port in the namespace",
    "add a NetworkPolicy that lets in what must reach it",
)
INSECURE = Rule(
    "workload/insecure-container",
    "a break-out of the program is a break-out into the node",
    "set runAsNonRoot, no privilege escalation, capabilities drop ALL and seccompProfile RuntimeDefault",
)

ENFORCE = "pod-security.kubernetes.io/enforce"
OWN_NAMESPACES = "namespaces"
"""The Application that makes our own namespaces."""
WITHOUT_PODS = frozenset({"kubeflow-claims"})
PRIVILEGED: dict[str, str] = {
    "log-collector": "reads the node's log files",
    "metrics-collector": "reads the node's counters",
    "device-plugin": "registers the node's GPUs with the kubelet",
}
"""Applications whose pods need the node, and why."""


def check(world: World) -> Iterator[Breach]:
    """Namespaces that we make, and workloads whose container is declared in the repository itself."""
    guarded = {item.key.namespace for item in world.inventory.of("networking.k8s.io", "NetworkPolicy")}
    busy = {i.key.namespace for group, kind in WORKLOADS for i in world.inventory.of(group, kind)}
    for item in world.inventory.of("", "Namespace"):
        if item.application is None or item.application.name != OWN_NAMESPACES:
            continue
        if ENFORCE not in item.labels:
            yield NO_POD_SECURITY.found(item, f"namespace {item.key.name} has no pod security level")
        if item.key.name in busy - guarded - WITHOUT_PODS:
            yield NO_NETWORK_POLICY.found(item, f"namespace {item.key.name} has no NetworkPolicy")
    own = OwnWorkloads(world)
    for group, kind in WORKLOADS:
        for item in world.inventory.of(group, kind):
            if own.declares(item) and not (item.application and item.application.name in PRIVILEGED):
                yield from _security(item)


class OwnWorkloads:
    """Tells which workloads are written in the repository, and not taken from upstream."""

    def __init__(self, world: World) -> None:
        self._documents = [
            text
            for file in sorted(world.folder.rglob("*.yaml"))
            if ".git" not in file.parts
            for text in file.read_text(encoding="utf-8").split("\n---\n")
            if "containers:" in text and "image:" in text
        ]

    def declares(self, item: Item) -> bool:
        """True when a document has the kind, the name and containers with images."""
        name = re.escape(item.key.name)
        pattern = re.compile(rf"^\s+name: [\"']?{name}[\"']?\s*$", re.MULTILINE)
        kind = f"kind: {item.key.kind}"
        return any(kind in text and pattern.search(text) is not None for text in self._documents)


def _security(item: Item) -> Iterator[Breach]:
    pod = pod_specification(item.manifest) or {}
    of_pod = pod.get("securityContext") or {}
    for container in containers(pod):
        own = container.get("securityContext") or {}
        missing = list(_missing({**of_pod, **own}, own))
        if missing:
            what = f"container {container.get('name')} lacks {', '.join(missing)}"
            yield INSECURE.found(item, what, hint=str(container.get("name")))


def _missing(effective: dict[str, Any], own: dict[str, Any]) -> Iterator[str]:
    if effective.get("runAsNonRoot") is not True:
        yield "runAsNonRoot: true"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation: false"
    if "ALL" not in ((own.get("capabilities") or {}).get("drop") or ()):
        yield "capabilities.drop: [ALL]"
    if (effective.get("seccompProfile") or {}).get("type") not in ("RuntimeDefault", "Localhost"):
        yield "seccompProfile: RuntimeDefault"
