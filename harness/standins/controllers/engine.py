"""Runs the controllers that are in the cluster: watches, a queue, and workers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kfaws.generator.errors import KfawsError
from kfaws.generator.model import Object
from kfaws.harness.kube import ClusterError, Kind
from kfaws.harness.standins.claims.queue import WorkQueue
from kfaws.harness.standins.controllers.client import Client
from kfaws.harness.standins.controllers.controller import Controller, Place, Request, Seen
from kfaws.harness.standins.controllers.present import Row, is_available, user_of

WORKLOADS = (Kind("apps/v1", "Deployment"), Kind("apps/v1", "StatefulSet"))
CRDS = Kind("apiextensions.k8s.io/v1", "CustomResourceDefinition")
WORKERS = 4
LOOK = 1.0
"""Seconds between two looks for CRDs of the table; workloads are watched."""

log = logging.getLogger("controllers")
ActingAs = Callable[[str], Client]
"""The API server as seen by another user."""


@dataclass(frozen=True)
class Task:
    """One object, for one controller."""

    controller: str
    request: Request


class Engine:
    """Runs until `stop()`."""

    def __init__(self, client: Client, acting_as: ActingAs, controllers: Mapping[Row, Controller]) -> None:
        self._client = client
        self._acting_as = acting_as
        self._rows = list(controllers)
        self._controllers = {row.name: one for row, one in controllers.items()}
        self._clients: dict[str, Client] = {}
        self._places: dict[str, Place] = {}
        self._seen = Seen()
        self._watched: set[Kind] = set()
        self._queue: WorkQueue[Task] = WorkQueue()
        self._available: dict[tuple[str, str], Object] = {}
        self._stop, self._woken = threading.Event(), threading.Event()
        self._lock = threading.RLock()

    def run(self, ready: Callable[[], None]) -> None:
        """Work until `stop`; calls `ready` once the API server has answered."""
        for _ in range(WORKERS):
            threading.Thread(target=self._work, daemon=True).start()
        for kind in WORKLOADS:
            self._begin(kind)
        while not self._stop.is_set():
            self._woken.clear()
            try:
                self._look()
                ready()
            except ClusterError as error:
                log.info("the API server: %s", error)
            self._woken.wait(LOOK)

    def stop(self) -> None:
        """End it; what is being looked at is left as it is."""
        self._stop.set()
        self._woken.set()
        self._queue.close()

    @property
    def present(self) -> frozenset[str]:
        """The names of the controllers that are in the cluster, as last seen."""
        with self._lock:
            return frozenset(self._places)

    # Who is there

    def _look(self) -> None:
        """Notice which controllers came and which went."""
        for row in self._rows:
            workload = self._available.get(row.workload)
            if row.crd and self._client.get(CRDS, row.crd):
                self._came(row.name, Place(self._client, self._client))
            elif workload:
                metadata, client = workload["metadata"], self._acts_as(user_of(workload))
                place = Place(client, self._client, metadata["namespace"], metadata["name"])
                self._came(row.name, place)
            else:
                self._went(row.name)

    def _acts_as(self, user: str) -> Client:
        if user not in self._clients:
            self._clients[user] = self._acting_as(user)
        return self._clients[user]

    def _came(self, name: str, place: Place) -> None:
        """What a controller finds at its start is looked at."""
        with self._lock:
            if self._places.get(name) == place:
                return
            self._places[name] = place
            log.info("%s: there", name)
            for kind in self._controllers[name].watches:
                self._begin(kind)
                for item in self._seen.all(kind):
                    self._ask(name, item)

    def _went(self, name: str) -> None:
        with self._lock:
            if self._places.pop(name, None):
                log.info("%s: not there any more", name)

    def _notice(self, workload: Object, gone: bool) -> None:
        metadata = workload["metadata"]
        named = (workload["kind"], f"{metadata['namespace']}/{metadata['name']}")
        if gone or not is_available(workload):
            self._available.pop(named, None)
        else:
            self._available[named] = workload
        self._woken.set()

    def _begin(self, kind: Kind) -> None:
        if kind not in self._watched:
            self._watched.add(kind)
            threading.Thread(target=self._watch, args=(kind,), daemon=True).start()

    # What changes

    def _watch(self, kind: Kind) -> None:
        for event, item in self._client.watch(kind, self._stop):
            self._changed(item, gone=event == "DELETED")

    def _changed(self, item: Object, gone: bool) -> None:
        kind = Kind.of(item)
        if gone:
            self._seen.forget(item)
        else:
            self._seen.keep(item)
        if kind in WORKLOADS:
            self._notice(item, gone)
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
            item = self._client.get(request.kind, request.name, request.namespace or None)
            after = self._controllers[task.controller].reconcile(place, item) if item else None
        except KfawsError as error:
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
