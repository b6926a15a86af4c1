"""Watches the kinds of all controllers that are there, and reconciles what changes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kfaws.generator.model import Object
from kfaws.harness.kube import Cluster, ClusterError, Kind
from kfaws.harness.standins.claims.ack.kinds import DOMAIN as ACK
from kfaws.harness.standins.claims.ack.kinds import KINDS as ACK_KINDS
from kfaws.harness.standins.claims.ack.kinds import VERSION as ACK_VERSION
from kfaws.harness.standins.claims.ack.reconciler import AckReconciler
from kfaws.harness.standins.claims.aws import Aws
from kfaws.harness.standins.claims.controllers import Controller, present, schema_of
from kfaws.harness.standins.claims.crossplane.kinds import KINDS as CROSSPLANE_KINDS
from kfaws.harness.standins.claims.crossplane.kinds import VERSION as CROSSPLANE_VERSION
from kfaws.harness.standins.claims.crossplane.reconciler import CrossplaneReconciler
from kfaws.harness.standins.claims.next import Next
from kfaws.harness.standins.claims.queue import WorkQueue

log = logging.getLogger("claims")

WORKERS = 6
LOOK = 1.0
"""Seconds between two looks for controllers and kinds that were not there before."""
FORBIDDEN = 403

Key = tuple[Kind, str, str]
"""A kind, a namespace and a name."""


@dataclass
class _Acting:
    """One kind that we reconcile."""

    kind: Kind
    controller: Controller
    cluster: Cluster
    reconcile: Callable[[Object], Next]
    stop: threading.Event = field(default_factory=threading.Event)


class Engine:
    """Runs until `stop()`."""

    def __init__(self, kubeconfig: Path, aws: Aws, resync: float, pod_identity: str = "") -> None:
        """`pod_identity` is the URL below which each ServiceAccount's role has its credentials."""
        self._kubeconfig = kubeconfig
        self._aws = aws
        self._resync = resync
        self._pod_identity = pod_identity
        self._roles: dict[str, Aws] = {}
        self._cluster = Cluster(kubeconfig)
        self._clusters: dict[str, Cluster] = {}
        self._acting: dict[Kind, _Acting] = {}
        self._queue: WorkQueue[Key] = WorkQueue()
        self._seen: dict[Key, tuple[object, ...]] = {}
        self._waiting: set[Key] = set()
        self._stop = threading.Event()

    def run(self, ready: Callable[[], None]) -> None:
        """Look for controllers, again and again; calls `ready` once the API server has answered."""
        for _ in range(WORKERS):
            threading.Thread(target=self._work, daemon=True).start()
        while not self._stop.is_set():
            try:
                self._look()
                ready()
            except ClusterError as error:
                log.info("the API server: %s", error)
            self._stop.wait(LOOK)

    def stop(self) -> None:
        """End it; what is being reconciled is left as it is."""
        self._stop.set()
        for one in self._acting.values():
            one.stop.set()
        self._queue.close()

    # Who is there

    def _look(self) -> None:
        controllers = present(self._cluster)
        wanted = {kind: one for one in controllers for kind in _kinds(one)}
        for kind in [kind for kind, one in self._acting.items() if wanted.get(kind) != one.controller]:
            log.info("%s of %s: its controller changed or is gone", kind.kind, kind.api_version)
            self._acting.pop(kind).stop.set()
        for kind, controller in wanted.items():
            if kind not in self._acting:
                self._begin(kind, controller)

    def _begin(self, kind: Kind, controller: Controller) -> None:
        group, version = kind.api_version.split("/")
        schema = schema_of(self._cluster, group, kind.kind, version)
        if schema is None:
            return
        cluster = self._acts_as(controller.account)
        aws = self._role_of(controller)
        if controller.domain == ACK:
            resource = ACK_KINDS[controller.group, kind.kind]
            reconcile = AckReconciler(cluster, aws, resource, schema, controller.tags).reconcile
        else:
            managed = CROSSPLANE_KINDS[controller.group, kind.kind]
            reconcile = CrossplaneReconciler(cluster, aws, managed, schema).reconcile
        acting = self._acting[kind] = _Acting(kind, controller, cluster, reconcile)
        log.info("%s of %s, as %s", kind.kind, group, controller.account or "ourselves")
        threading.Thread(target=self._watch, args=(acting,), daemon=True).start()

    def _role_of(self, controller: Controller) -> Aws:
        """AWS, with the role of the controller's pods."""
        pod = controller.pod
        if not (self._pod_identity and pod):
            return self._aws
        if pod not in self._roles:
            self._roles[pod] = self._aws.with_credentials(f"{self._pod_identity}/{pod}")
        return self._roles[pod]

    def _acts_as(self, account: str) -> Cluster:
        if not account:
            return self._cluster
        if account not in self._clusters:
            self._clusters[account] = Cluster(self._kubeconfig, account)
        return self._clusters[account]

    # What changes

    def _watch(self, acting: _Acting) -> None:
        said = ""
        while not acting.stop.is_set():
            try:
                acting.cluster.list(acting.kind)
                break
            except ClusterError as error:
                if str(error) != said:
                    log.warning("%s", error)
                said = str(error)
                acting.stop.wait(LOOK)
        for event, item in acting.cluster.watch(acting.kind, acting.stop):
            self._noticed(acting, event, item)

    def _noticed(self, acting: _Acting, event: str, item: Object) -> None:
        metadata = item["metadata"]
        key = (acting.kind, metadata.get("namespace") or "", metadata["name"])
        if event == "DELETED":
            self._seen.pop(key, None)
            self._waiting.discard(key)
        elif acting.controller.minds(item):
            state = (
                metadata.get("uid"),
                metadata.get("generation"),
                metadata.get("deletionTimestamp"),
                _sorted(metadata.get("annotations")),
                _sorted(metadata.get("labels")),
            )
            if self._seen.get(key) != state:
                self._seen[key] = state
                self._queue.add(key)
        # Whoever waits for another object may go on now.
        for one in list(self._waiting):
            self._queue.add(one)

    def _work(self) -> None:
        while (key := self._queue.take()) is not None:
            try:
                self._reconcile(key)
            finally:
                self._queue.done(key)

    def _reconcile(self, key: Key) -> None:
        kind, namespace, name = key
        acting = self._acting.get(kind)
        if acting is None:
            return
        try:
            item = acting.cluster.get(kind, name, namespace or None)
            if item is None:
                self._queue.forget(key)
                return
            result = acting.reconcile(item)
        except ClusterError as error:
            log.warning("%s %s/%s: %s", kind.kind, namespace, name, error)
            self._queue.add_failed(key)
        except Exception:
            # A defect in one kind must not end all others.
            log.exception("%s %s/%s", kind.kind, namespace, name)
            self._queue.add_failed(key)
        else:
            self._after(key, result)

    def _after(self, key: Key, result: Next) -> None:
        if result.failed:
            if result.refers:
                self._waiting.add(key)
            self._queue.add_failed(key)
            return
        self._waiting.discard(key)
        self._queue.forget(key)
        self._queue.add(key, self._resync if result.after is None else result.after)


def _kinds(controller: Controller) -> list[Kind]:
    kinds, version = (
        (ACK_KINDS, ACK_VERSION) if controller.domain == ACK else (CROSSPLANE_KINDS, CROSSPLANE_VERSION)
    )
    return [
        Kind(f"{group}.{controller.domain}/{version}", kind)
        for group, kind in kinds
        if group == controller.group and (not controller.kinds or kind in controller.kinds)
    ]


def _sorted(values: dict[str, str] | None) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((values or {}).items()))
