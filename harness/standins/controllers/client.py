"""A cluster for several threads, with the verb that most controllers write with."""

from __future__ import annotations

import threading

from kubernetes.dynamic.resource import Resource

from kfaws.generator.model import Object
from kfaws.harness.kube import Cluster, Kind

_DISCOVERY = threading.RLock()
"""One for all clients: they share a file of what is served, and none of it bears two threads at once."""


class Client(Cluster):
    """As Cluster; a ServiceAccount that may update an object may often not patch it."""

    def replace(self, item: Object, subresource: str = "") -> Object:
        """Write a whole object; ClusterError with status 409 where somebody wrote it meanwhile."""
        return self._request("put", self._path_of(item, subresource), body=item)

    def _resource(self, kind: Kind) -> Resource:
        with _DISCOVERY:
            return super()._resource(kind)
