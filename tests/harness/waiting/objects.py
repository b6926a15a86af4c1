"""Objects as an API server has them, and a cluster that is only a list of some."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from kfaws.generator.model import Object
from kfaws.harness.kube import Cluster, ClusterError, Kind

NOW = datetime(2026, 1, 2, 3, 0, tzinfo=UTC)


def ago(minutes: float) -> str:
    """A time before NOW, as Kubernetes writes it."""
    return (NOW - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def item(api_version: str, kind: str, made: float = 10, **content: Any) -> Object:
    """An object that was made so many minutes ago; `metadata` is added to its own."""
    own = {"name": "one", "namespace": "claims", "creationTimestamp": ago(made)}
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {**own, **content.pop("metadata", {})},
        **content,
    }


def condition(name: str, status: str, changed: float = 1, message: str = "", reason: str = "") -> Object:
    """A condition that changed so many minutes ago."""
    return {
        "type": name,
        "status": status,
        "lastTransitionTime": ago(changed),
        "message": message,
        "reason": reason,
    }


def of_ack(kind: str, *conditions: Object, made: float = 10, **content: Any) -> Object:
    """A claim of ACK, `kind` as in `DBInstance.rds`; `status` is added to its conditions."""
    name, group = kind.split(".")
    status = {"conditions": list(conditions), **content.pop("status", {})}
    return item(f"{group}.services.k8s.aws/v1alpha1", name, made, status=status, **content)


class FakeCluster(Cluster):
    """As much of a cluster as is looked at."""

    def __init__(self, *items: Object, forbidden: Kind | None = None) -> None:
        self._items = items
        self._forbidden = forbidden

    def kinds(self, *domains: str) -> list[Kind]:
        """The kinds of the objects that are below those domains."""
        found = dict.fromkeys(Kind.of(one) for one in self._items)
        return [kind for kind in found if kind.api_version.split("/")[0].endswith(domains)]

    def list(self, kind: Kind, namespace: str | None = None, selector: str | None = None) -> list[Object]:
        """Those of a kind."""
        if kind == self._forbidden:
            raise ClusterError("you may not", 403)
        return [one for one in self._items if Kind.of(one) == kind]
