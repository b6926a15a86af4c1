"""The gate: lets a pod run once all is there that it names, and says until then what is missing."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from kfaws.generator.model import Object
from kfaws.harness.kube import NOT_FOUND, Cluster, ClusterError, EventType, Kind
from kfaws.harness.standins.cluster import MAY_RUN
from kfaws.harness.standins.cluster.decision import Wait, facts_of, said, status_of, waits
from kfaws.harness.standins.cluster.references import ACCOUNT, CLAIM, CONFIG_MAP, SECRET, references

PODS = Kind("v1", "Pod")
NEEDED = tuple(Kind("v1", kind) for kind in (CONFIG_MAP, SECRET, ACCOUNT, CLAIM))
PROGRAMS = ("kube-system", "embedded-programs")
"""The ConfigMap that says how far the programs behind Deployments are."""
RESYNC = 5.0
"""Seconds of silence after which all held pods are looked at again: a write may have failed."""
CONFLICT = 409

log = logging.getLogger("cluster")
Named = tuple[str, str]
"""Namespace and name."""


@dataclass(frozen=True)
class Change:
    """One object of the cluster as it is now, or that it is gone; values of data stay outside."""

    kind: str
    named: Named
    pod: Object | None = None
    facts: frozenset[str] | None = None
    programs: dict[str, str] | None = None


class Gate:
    """Watches one cluster in threads; decides and writes in the thread that calls `run`.

    A watch may be late, and does not tell of what was deleted between two connections: before a pod is let
    run, what it names is asked for once more.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._changes: SimpleQueue[Change | None] = SimpleQueue()
        self._stop = threading.Event()
        self._known: dict[tuple[str, str, str], frozenset[str]] = {}
        self._programs: dict[str, str] = {}
        self._held: dict[Named, Object] = {}

    def stop(self) -> None:
        """End `run`; may be called by a signal handler."""
        self._stop.set()
        self._changes.put(None)

    def run(self, ready: Callable[[], None]) -> None:
        """Work until `stop`. Raises ClusterError when the cluster cannot be read at the start."""
        for kind in NEEDED:
            for item in self._cluster.list(kind):
                self._take(_change(kind, "ADDED", item))
        for kind in (*NEEDED, PODS):
            threading.Thread(target=self._watch, args=(kind,), daemon=True).start()
        ready()
        while not self._stop.is_set():
            try:
                change = self._changes.get(timeout=RESYNC)
            except Empty:
                self._look(list(self._held))
                continue
            if change:
                self._look(self._take(change))

    def _watch(self, kind: Kind) -> None:
        for event, item in self._cluster.watch(kind, self._stop):
            self._changes.put(_change(kind, event, item))

    def _take(self, change: Change) -> Iterable[Named]:
        """Remember a change; returns the held pods that it may matter to."""
        if change.kind == PODS.kind:
            return self._take_pod(change)
        if change.kind == CONFIG_MAP and change.named == PROGRAMS:
            self._programs = change.programs or {}
            return list(self._held)
        key = (change.kind, *change.named)
        if self._known.get(key) == change.facts:
            return []
        if change.facts is None:
            del self._known[key]
        else:
            self._known[key] = change.facts
        return [named for named in self._held if named[0] == change.named[0]]

    def _take_pod(self, change: Change) -> Iterable[Named]:
        if change.pod is None or not _is_held(change.pod):
            self._held.pop(change.named, None)
            return []
        self._held[change.named] = change.pod
        return [change.named]

    def _look(self, pods: Iterable[Named]) -> None:
        for named in pods:
            pod = self._held[named]
            try:
                found = self._waits(pod)
                self._hold(pod, found) if found else self._let(pod)
            except ClusterError as error:
                if error.status == NOT_FOUND:
                    del self._held[named]
                elif error.status != CONFLICT:
                    # After a conflict the newer pod comes by itself; the rest is tried again.
                    log.warning("%s/%s: %s", *named, error)

    def _waits(self, pod: Object) -> dict[str, Wait]:
        found = waits(pod, self._known, self._programs)
        if not found:
            self._ask_for_all_of(pod)
            found = waits(pod, self._known, self._programs)
        return found

    def _ask_for_all_of(self, pod: Object) -> None:
        namespace = pod["metadata"]["namespace"]
        named = {(item.kind, namespace, item.name) for item in references(pod)}
        for kind, place, name in sorted({*named, (CONFIG_MAP, *PROGRAMS)}):
            item = self._cluster.get(Kind("v1", kind), name, place)
            self._take(_change(Kind("v1", kind), "ADDED", item) if item else Change(kind, (place, name)))

    def _let(self, pod: Object) -> None:
        metadata = pod["metadata"]
        # With its id: a StatefulSet may have made another pod of that name meanwhile.
        self._cluster.patch(pod, {"metadata": {"uid": metadata["uid"], "annotations": {MAY_RUN: "true"}}})
        del self._held[metadata["namespace"], metadata["name"]]
        log.info("%s/%s may run", metadata["namespace"], metadata["name"])

    def _hold(self, pod: Object, found: dict[str, Wait]) -> None:
        if said(pod) == found:
            return
        metadata = pod["metadata"]
        # With its version, so that conditions that others have written meanwhile are not lost.
        change = {
            "metadata": {"resourceVersion": metadata["resourceVersion"]},
            "status": status_of(pod, found),
        }
        written = self._cluster.patch(pod, change, subresource="status")
        self._held[metadata["namespace"], metadata["name"]] = written
        words = dict.fromkeys(f"{wait.reason}: {wait.message}" for wait in found.values())
        log.info("%s/%s is held: %s", metadata["namespace"], metadata["name"], " | ".join(words))


def _is_held(pod: Object) -> bool:
    """Whether a pod is on a node and was not let run yet: before that it is the scheduler's."""
    metadata = pod["metadata"]
    return (
        bool(pod["spec"].get("nodeName"))
        and "deletionTimestamp" not in metadata
        and (metadata.get("annotations") or {}).get(MAY_RUN) != "true"
        and pod.get("status", {}).get("phase", "Pending") == "Pending"
    )


def _change(kind: Kind, event: EventType, item: Object) -> Change:
    metadata = item["metadata"]
    named = (metadata.get("namespace", ""), metadata["name"])
    if event == "DELETED":
        return Change(kind.kind, named)
    if kind == PODS:
        return Change(kind.kind, named, pod=item)
    programs = item.get("data") if kind.kind == CONFIG_MAP and named == PROGRAMS else None
    return Change(kind.kind, named, facts=facts_of(kind.kind, item), programs=programs)
