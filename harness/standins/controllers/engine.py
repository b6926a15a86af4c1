"""Runs the controllers that are in the cluster: watches, a queue, and workers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kfaws.generator.model import Object
from kfaws.harness.kube import Cluster, ClusterError, Kind
from kfaws.harness.standins.claims.queue import WorkQueue
from kfaws.harness.standins.controllers.controller import Controller, Place, Request, Seen
from kfaws.harness.standins.controllers.present import Row, is_available, user_of

DEPLOYMENTS = Kind("apps/v1", "Deployment")
CRDS = Kind("apiextensions.k8s.io/v1", "CustomResourceDefinition")
WORKERS = 4
LOOK = 1.0
"""Seconds between two looks for CRDs of the table."""

log = logging.getLogger("controllers")
ActingAs = Callable[[str], Cluster]
"""The API server as seen by another user."""


@dataclass(frozen=True)
class Task:
    """One object, for one controller."""

    controller: str
    request: Request


class Engine:
    """Runs until `stop()`."""

    def __init__(
        self,
        cluster: Cluster,
        acting_as: ActingAs,
        rows: Mapping[str, Row],
        controllers: Mapping[str, Controller],
    ) -> None:
        self._cluster = cluster
        self._acting_as = acting_as
        self._rows = rows
        self._controllers = controllers
        self._clusters: dict[str, Cluster] = {}
        self._places: dict[str, Place] = {}
        self._seen = Seen()
        self._watched: set[Kind] = set()
        self._queue: WorkQueue[Task] = WorkQueue()
        self._stop = threading.Event()
        self._lock = threading.RLock()

    def run(self, ready: Callable[[], None]) -> None:
        """Work until `stop`; calls `ready` once the API server has answered."""
        for _ in range(WORKERS):
            threading.Thread(target=self._work, daemon=True).start()
        threading.Thread(target=self._watch_deployments, daemon=True).start()
        while not self._stop.is_set():
            try:
                self._look_for_crds()
                ready()
            except ClusterError as error:
                log.info("the API server: %s", error)
            self._stop.wait(LOOK)

    def stop(self) -> None:
        """End it; what is being looked at is left as it is."""
        self._stop.set()
        self._queue.close()

    # Who is there

    def _watch_deployments(self) -> None:
        wanted = {row.deployment: name for name, row in self._rows.items() if row.deployment}
        for event, item in self._cluster.watch(DEPLOYMENTS, self._stop):
            metadata = item["metadata"]
            name = wanted.get(f"{metadata['namespace']}/{metadata['name']}")
            if name:
                there = event != "DELETED" and is_available(item)
                self._settle(name, user_of(item), metadata["namespace"], there)

    def _look_for_crds(self) -> None:
        for name, row in self._rows.items():
            if row.crd:
                self._settle(name, "", "", self._cluster.get(CRDS, row.crd) is not None)

    def _settle(self, name: str, user: str, namespace: str, there: bool) -> None:
        """A controller came or went; the objects that it would find at its start are looked at."""
        with self._lock:
            if not there:
                if self._places.pop(name, None):
                    log.info("%s: not there any more", name)
                return
            if user and user not in self._clusters:
                self._clusters[user] = self._acting_as(user)
            place = Place(self._clusters[user] if user else self._cluster, namespace)
            if self._places.get(name) == place:
                return
            self._places[name] = place
            log.info("%s: there%s", name, f", as {user}" if user else "")
            for kind in self._controllers[name].watches:
                self._begin(kind)
                for item in self._seen.all(kind):
                    self._ask(name, item)

    def _begin(self, kind: Kind) -> None:
        if kind not in self._watched:
            self._watched.add(kind)
            threading.Thread(target=self._watch, args=(kind,), daemon=True).start()

    # What changes

    def _watch(self, kind: Kind) -> None:
        for event, item in self._cluster.watch(kind, self._stop):
            if event == "DELETED":
                self._seen.forget(item)
            else:
                self._seen.keep(item)
            with self._lock:
                for name in self._places:
                    if kind in self._controllers[name].watches:
                        self._ask(name, item)

    def _ask(self, name: str, item: Object) -> None:
        requests = self._controllers[name].watches[Kind.of(item)]
        for request in requests(item, self._seen):
            self._queue.add(Task(name, request))

    def _work(self) -> None:
        while (task := self._queue.take()) is not None:
            try:
                self._look_at(task)
            finally:
                self._queue.done(task)

    def _look_at(self, task: Task) -> None:
        request, place = task.request, self._places.get(task.controller)
        if place is None:
            return
        where = f"{task.controller}: {request.kind.kind} {request.namespace}/{request.name}"
        try:
            item = place.cluster.get(request.kind, request.name, request.namespace or None)
            after = self._controllers[task.controller].reconcile(place, item) if item else None
        except ClusterError as error:
            log.warning("%s: %s", where, error)
            self._queue.add_failed(task)
        except Exception:
            # A defect in one controller must not end all others.
            log.exception("%s", where)
            self._queue.add_failed(task)
        else:
            self._queue.forget(task)
            if after is not None:
                self._queue.add(task, after)
