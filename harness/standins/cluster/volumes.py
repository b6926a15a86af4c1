"""The volumes that the EBS, EFS and FSx drivers would make for claims; none has any storage."""

from __future__ import annotations

import logging
import re
import threading

from kfaws.generator.model import Object
from kfaws.harness.kube import Cluster, ClusterError, Kind

CLAIMS, VOLUMES = Kind("v1", "PersistentVolumeClaim"), Kind("v1", "PersistentVolume")
NODES, EVENTS = Kind("v1", "Node"), Kind("v1", "Event")
CLASSES, DRIVERS = Kind("storage.k8s.io/v1", "StorageClass"), Kind("storage.k8s.io/v1", "CSIDriver")
EBS, EFS, FSX = "ebs.csi.aws.com", "efs.csi.aws.com", "fsx.csi.aws.com"
DELIVERED = (EFS, FSX)
"""Drivers that the repository brings; EBS's is an add-on of EKS, which is not seen here."""
PROVISIONER, SELECTED = "volume.kubernetes.io/storage-provisioner", "volume.kubernetes.io/selected-node"
PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
ZONE = "topology.kubernetes.io/zone"
INTERVAL = 1.0
"""Seconds between two looks at all claims and volumes: they are few."""
CONFLICT = 409

log = logging.getLogger("cluster")


def is_due(claim: Object, storage_class: Object) -> bool:
    """Whether the provisioner's turn has come: the scheduler may have to choose a node first."""
    annotations = claim["metadata"].get("annotations") or {}
    waits = storage_class.get("volumeBindingMode") == "WaitForFirstConsumer"
    return SELECTED in annotations or not waits


def refusal(claim: Object, storage_class: Object) -> str | None:
    """What the driver would say against a claim; None when it would make a volume."""
    driver, name = storage_class["provisioner"], storage_class["metadata"]["name"]
    parameters = storage_class.get("parameters") or {}
    modes = set(claim["spec"]["accessModes"]) - {"ReadWriteOnce", "ReadWriteOncePod"}
    if driver == EBS and modes and claim["spec"].get("volumeMode") != "Block":
        return f"EBS volumes are for one node at a time, not {', '.join(sorted(modes))}"
    file_system = parameters.get("fileSystemId", "")
    if driver == EFS and not re.fullmatch(r"fs-[0-9a-f]{8,40}", file_system):
        return f'fileSystemId of StorageClass {name} is "{file_system}": no id of EFS'
    subnet = parameters.get("subnetId", "")
    if driver == FSX and not re.fullmatch(r"subnet-[0-9a-f]{8,17}", subnet):
        return f'subnetId of StorageClass {name} is "{subnet}": no id of a subnet'
    return None


def volume_for(claim: Object, storage_class: Object, node: Object | None) -> Object:
    """The PersistentVolume for a claim; an EBS volume is in the zone of the chosen node."""
    metadata, driver = claim["metadata"], storage_class["provisioner"]
    spec: Object = {
        "accessModes": claim["spec"]["accessModes"],
        "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
        "claimRef": {
            "apiVersion": "v1",
            "kind": CLAIMS.kind,
            **{key: metadata[key] for key in ("name", "namespace", "uid")},
        },
        "csi": {"driver": driver, "volumeHandle": _handle(metadata["uid"], storage_class)},
        "persistentVolumeReclaimPolicy": storage_class.get("reclaimPolicy", "Delete"),
        "storageClassName": storage_class["metadata"]["name"],
        "volumeMode": claim["spec"].get("volumeMode", "Filesystem"),
    }
    zone = ((node or {}).get("metadata", {}).get("labels") or {}).get(ZONE)
    if driver == EBS and zone:
        here = {"key": ZONE, "operator": "In", "values": [zone]}
        spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}}
    return {
        "apiVersion": "v1",
        "kind": VOLUMES.kind,
        "metadata": {"name": f"pvc-{metadata['uid']}", "annotations": {PROVISIONED_BY: driver}},
        "spec": spec,
    }


def is_left(volume: Object) -> bool:
    """Whether a volume that a driver made is to go: its claim is gone, and it is not to be kept."""
    driver = (volume["metadata"].get("annotations") or {}).get(PROVISIONED_BY)
    return (
        driver in (EBS, EFS, FSX)
        and volume.get("status", {}).get("phase") == "Released"
        and volume["spec"]["persistentVolumeReclaimPolicy"] == "Delete"
        and "deletionTimestamp" not in volume["metadata"]
    )


class Provisioner:
    """Makes volumes for claims and takes left ones away, until `stop` is set."""

    def __init__(self, cluster: Cluster, stop: threading.Event) -> None:
        self._cluster = cluster
        self._stop = stop

    def run(self) -> None:
        """Look at everything, again and again; what cannot be written is tried again."""
        while not self._stop.wait(INTERVAL):
            try:
                self.look()
            except ClusterError as error:
                log.warning("volumes: %s", error)

    def look(self) -> None:
        """Look once. Raises ClusterError when the API server refuses."""
        for claim in self._cluster.list(CLAIMS):
            driver = (claim["metadata"].get("annotations") or {}).get(PROVISIONER)
            if driver in (EBS, EFS, FSX) and claim["status"].get("phase") == "Pending":
                self._provision(claim)
        for volume in self._cluster.list(VOLUMES):
            if is_left(volume):
                self._cluster.delete(volume)
                log.info("volume %s is deleted", volume["metadata"]["name"])

    def _provision(self, claim: Object) -> None:
        storage_class = self._cluster.get(CLASSES, claim["spec"].get("storageClassName", ""))
        if storage_class is None or not is_due(claim, storage_class):
            return
        driver = storage_class["provisioner"]
        if driver in DELIVERED and self._cluster.get(DRIVERS, driver) is None:
            # As with the real one: nobody is there to refuse.
            return
        words = refusal(claim, storage_class)
        if words:
            self._make(_failed(claim, driver, words), f"is refused: {words}", claim)
            return
        selected = (claim["metadata"].get("annotations") or {}).get(SELECTED)
        node = self._cluster.get(NODES, selected) if selected else None
        self._make(volume_for(claim, storage_class, node), f"has a volume of {driver}", claim)

    def _make(self, item: Object, words: str, claim: Object) -> None:
        try:
            self._cluster.create(item)
        except ClusterError as error:
            if error.status != CONFLICT:
                raise
            # Made a look ago; it is being bound, or was said before.
            return
        log.info("claim %s/%s %s", claim["metadata"]["namespace"], claim["metadata"]["name"], words)


def _handle(uid: str, storage_class: Object) -> str:
    """An id as AWS gives them, the same for the same claim."""
    digits = uid.replace("-", "")[:17]
    if storage_class["provisioner"] == EBS:
        return f"vol-{digits}"
    if storage_class["provisioner"] == EFS:
        return f"{storage_class['parameters']['fileSystemId']}::fsap-{digits}"
    return f"fs-{digits}"


def _failed(claim: Object, driver: str, words: str) -> Object:
    """The event with which a provisioner says that it cannot."""
    metadata = claim["metadata"]
    involved = {key: metadata[key] for key in ("name", "namespace", "uid")}
    return {
        "apiVersion": "v1",
        "kind": EVENTS.kind,
        "metadata": {"name": f"{metadata['name']}.{metadata['uid']}", "namespace": metadata["namespace"]},
        "involvedObject": {"apiVersion": "v1", "kind": CLAIMS.kind, **involved},
        "type": "Warning",
        "reason": "ProvisioningFailed",
        "message": words,
        "source": {"component": driver},
    }
