"""Whether a pod may run, and what its status says while it may not. Nothing here asks the cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from kfaws.generator.model import Object
from kfaws.harness.standins.cluster.images import is_reference
from kfaws.harness.standins.cluster.references import CLAIM, CONFIG_MAP, Reference, containers, references

Known = Mapping[tuple[str, str, str], frozenset[str]]
"""What is in the cluster, by kind, namespace and name: keys of data, or the phase of a claim."""
Programs = Mapping[str, str]
"""Workloads behind which a program stands, `<namespace>.<name>`: `ready`, `starting` or `failed: why`."""

CREATING, CONFIG_ERROR, INVALID_IMAGE = "ContainerCreating", "CreateContainerConfigError", "InvalidImageName"
INITIALISING, CRASHING = "PodInitializing", "CrashLoopBackOff"


@dataclass(frozen=True)
class Wait:
    """Why a container waits: kubelet's reason, and what is missing in words."""

    reason: str
    message: str


def waits(pod: Object, known: Known, programs: Programs) -> dict[str, Wait]:
    """For each container why it waits; nothing when the pod may run.

    As in kubelet, volumes come first, then one initialising container after the other, then the rest.
    """
    found = references(pod)
    namespace = pod["metadata"]["namespace"]
    missing = [(item, words) for item in found if (words := _missing(item, namespace, known))]
    volumes = [words for item, words in missing if item.container is None]
    if volumes:
        return _everywhere(pod, Wait(CREATING, "; ".join(volumes)))
    for container in containers(pod, "initContainers"):
        wait = _of_container(container, missing)
        if wait:
            later = Wait(INITIALISING, f'init container "{container["name"]}": {wait.message}')
            return {**_everywhere(pod, later), container["name"]: wait}
    each = {
        container["name"]: wait
        for container in containers(pod, "containers")
        if (wait := _of_container(container, missing))
    }
    if each:
        beside = Wait(CREATING, f"waits beside the container {', '.join(each)}")
        return {**_everywhere(pod, beside), **each}
    program = _of_program(pod, programs)
    return _everywhere(pod, program) if program else {}


def workload_of(pod: Object) -> str | None:
    """The name of the Deployment, StatefulSet or DaemonSet that made a pod; None for another pod."""
    metadata = pod["metadata"]
    for owner in metadata.get("ownerReferences") or []:
        name: str = owner["name"]
        if owner["kind"] in ("StatefulSet", "DaemonSet"):
            return name
        if owner["kind"] == "ReplicaSet":
            template = (metadata.get("labels") or {}).get("pod-template-hash")
            return name.removesuffix(f"-{template}") if template else None
    return None


def status_of(pod: Object, found: Mapping[str, Wait]) -> Object:
    """The status of a pod whose containers wait, with the conditions that it has from others."""
    kept = [
        condition
        for condition in pod.get("status", {}).get("conditions") or []
        if condition["type"] not in ("Ready", "ContainersReady", "Initialized")
    ]
    initialised = not containers(pod, "initContainers")
    unready = (
        f"containers with unready status: [{' '.join(c['name'] for c in containers(pod, 'containers'))}]"
    )
    status: Object = {
        "phase": "Pending",
        "conditions": [
            *kept,
            _condition("Initialized", initialised, "" if initialised else "ContainersNotInitialized", ""),
            _condition("Ready", False, "ContainersNotReady", unready),
            _condition("ContainersReady", False, "ContainersNotReady", unready),
        ],
    }
    for field, statuses in (("initContainers", "initContainerStatuses"), ("containers", "containerStatuses")):
        if containers(pod, field):
            status[statuses] = [_waiting(item, found[item["name"]]) for item in containers(pod, field)]
    return status


def said(pod: Object) -> dict[str, Wait]:
    """Why each container waits, as the pod's status says it now."""
    status = pod.get("status", {})
    return {
        item["name"]: Wait(waiting.get("reason", ""), waiting.get("message", ""))
        for field in ("initContainerStatuses", "containerStatuses")
        for item in status.get(field) or []
        if (waiting := (item.get("state") or {}).get("waiting"))
    }


def _everywhere(pod: Object, wait: Wait) -> dict[str, Wait]:
    return {container["name"]: wait for container in containers(pod)}


def _of_container(container: Object, missing: list[tuple[Reference, str]]) -> Wait | None:
    image = container.get("image", "")
    if not is_reference(image):
        return Wait(INVALID_IMAGE, f'couldn\'t parse image name "{image}": invalid reference format')
    words = [text for item, text in missing if item.container == container["name"]]
    return Wait(CONFIG_ERROR, "; ".join(words)) if words else None


def _of_program(pod: Object, programs: Programs) -> Wait | None:
    workload = workload_of(pod)
    state = programs.get(f"{pod['metadata']['namespace']}.{workload}", "ready") if workload else "ready"
    if state == "ready":
        return None
    if state.startswith("failed"):
        return Wait(CRASHING, f"the program that stands behind {workload} {state}")
    return Wait(CREATING, f"the program that stands behind {workload} is {state}")


def _missing(reference: Reference, namespace: str, known: Known) -> str | None:
    """What is missing, in kubelet's words where it has some."""
    kind, name = reference.kind, reference.name
    facts = known.get((kind, namespace, name))
    where = f'volume "{reference.volume}": ' if reference.volume else ""
    if facts is None:
        return f'{where}{kind.lower()} "{name}" not found'
    if kind == CLAIM and "Bound" not in facts:
        return f'{where}persistentvolumeclaim "{name}" is not bound'
    if reference.key is not None and reference.key not in facts:
        return f"{where}couldn't find key {reference.key} in {kind} {namespace}/{name}"
    return None


def facts_of(kind: str, item: Object) -> frozenset[str]:
    """What the gate remembers of an object: names only, never a value."""
    if kind == CLAIM:
        return frozenset({item.get("status", {}).get("phase", "Pending")})
    binary = item.get("binaryData") or {} if kind == CONFIG_MAP else {}
    return frozenset({*(item.get("data") or {}), *binary})


def _condition(kind: str, status: bool, reason: str, message: str) -> Object:
    condition = {"type": kind, "status": str(status), "lastTransitionTime": _now()}
    return condition | {key: text for key, text in (("reason", reason), ("message", message)) if text}


def _waiting(container: Object, wait: Wait) -> Object:
    return {
        "name": container["name"],
        "image": container.get("image", ""),
        "imageID": "",
        "ready": False,
        "started": False,
        "restartCount": 0,
        "state": {"waiting": {"reason": wait.reason, "message": wait.message}},
    }


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
