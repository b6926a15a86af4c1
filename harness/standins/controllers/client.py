"""A cluster with the verb that most controllers write with."""

from __future__ import annotations

from kubernetes.dynamic.exceptions import ResourceNotFoundError

from kfaws.generator.model import Object
from kfaws.harness.kube import Cluster, Kind


class Client(Cluster):
    """As Cluster; a ServiceAccount that may update an object may often not patch it."""

    def replace(self, item: Object, subresource: str = "") -> Object:
        """Write a whole object; ClusterError with status 409 where somebody wrote it meanwhile."""
        return self._request("put", self._path_of(item, subresource), body=item)

    def kind_of(self, api_version: str, plural: str) -> Kind | None:
        """The kind whose resources have that name in URLs; None where it is not served."""
        with self._discovering:
            try:
                found = self._client.resources.get(api_version=api_version, name=plural)
            except ResourceNotFoundError:
                return None
        return Kind(api_version, found.kind)
