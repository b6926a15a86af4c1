"""A Kubernetes API server, by kubeconfig: objects are plain dictionaries of any kind that it serves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal
from uuid import uuid4

import orjson
from kubernetes.client.exceptions import ApiException
from kubernetes.config import new_client_from_config
from kubernetes.dynamic import DynamicClient
from kubernetes.dynamic.exceptions import DynamicApiError, ResourceNotFoundError
from kubernetes.dynamic.resource import Resource
from kubernetes.watch import Watch
from urllib3.exceptions import HTTPError

from kfaws.generator.errors import KfawsError
from kfaws.generator.model import Object

MANAGER = "kfaws"
"""The field manager of what we apply."""
NOT_FOUND = 404
WATCH_SECONDS = 300
TIMEOUT = (5, 60)
"""Seconds for a connection and for an answer."""
CONNECTIONS = 64
"""Kept open to the API server: each watch takes one."""
PATCHES = {"merge": "application/merge-patch+json", "json": "application/json-patch+json"}

EventType = Literal["ADDED", "MODIFIED", "DELETED"]


@dataclass(frozen=True)
class Kind:
    """An API version (`group/version`, or `v1`) and a kind of it."""

    api_version: str
    kind: str

    @classmethod
    def of(cls, item: Object) -> Kind:
        """The kind of an object."""
        return cls(item["apiVersion"], item["kind"])


class ClusterError(KfawsError):
    """The API server refused: its own words, and its status code (0 where it could not be reached)."""

    def __init__(self, message: str, status: int = 0) -> None:
        """Keep the status code for those who decide by it."""
        super().__init__(message)
        self.status = status


class Cluster:
    """One API server, as the kubeconfig's user or acting as another (`system:serviceaccount:ns:name`)."""

    def __init__(self, kubeconfig: Path, acting_as: str | None = None) -> None:
        """Ask what it serves; raises ClusterError where it cannot be reached."""
        api = new_client_from_config(config_file=str(kubeconfig))
        api.rest_client.pool_manager.connection_pool_kw["maxsize"] = CONNECTIONS
        if acting_as:
            api.set_default_header("Impersonate-User", acting_as)
        self.kubeconfig = kubeconfig
        self._discovering = threading.Lock()
        try:
            self._client = DynamicClient(api, cache_file=_discovery_file())
        except (ApiException, HTTPError) as error:
            raise ClusterError(f"the API server does not answer: {error}") from error

    def serves(self, kind: Kind) -> bool:
        """Whether the API server has that kind, now."""
        try:
            self._resource(kind)
        except ClusterError as error:
            if error.status == NOT_FOUND:
                return False
            raise
        return True

    def kinds(self, *domains: str) -> list[Kind]:
        """The kinds of all groups below those domains, as `rds.services.k8s.aws` is below `services.k8s.aws`.

        Each in the version that the API server prefers; only those that can be listed.
        """
        versions = [
            group["preferredVersion"]["groupVersion"]
            for group in self._request("get", "/apis")["groups"]
            if group["name"].endswith(tuple(f".{domain}" for domain in domains))
        ]
        return [
            Kind(version, resource["kind"])
            for version in sorted(versions)
            for resource in self._request("get", f"/apis/{version}")["resources"]
            if "/" not in resource["name"] and "list" in resource["verbs"]
        ]

    def get(self, kind: Kind, name: str, namespace: str | None = None) -> Object | None:
        """One object, or None where there is none."""
        try:
            return self._request("get", self._path(kind, name, namespace))
        except ClusterError as error:
            if error.status == NOT_FOUND:
                return None
            raise

    def list(self, kind: Kind, namespace: str | None = None, selector: str | None = None) -> list[Object]:
        """All objects of a kind, in one namespace or in all; none where the kind is not served."""
        try:
            found = self._request("get", self._path(kind, None, namespace), label_selector=selector)
        except ClusterError as error:
            if error.status == NOT_FOUND:
                return []
            raise
        # A list leaves out what all its items have in common.
        return [
            {"apiVersion": kind.api_version, "kind": kind.kind, **item} for item in found.get("items") or []
        ]

    def apply(self, item: Object, manager: str = MANAGER, subresource: str = "") -> Object:
        """Server-side apply, taking over what others own."""
        return self._request(
            "patch",
            self._path_of(item, subresource),
            body=item,
            content_type="application/apply-patch+yaml",
            field_manager=manager,
            force_conflicts=True,
        )

    def create(self, item: Object) -> Object:
        """Make an object; ClusterError with status 409 where there is one."""
        metadata = item["metadata"]
        return self._request("post", self._path(Kind.of(item), None, metadata.get("namespace")), body=item)

    def patch(
        self, item: Object, change: Any, subresource: str = "", how: Literal["merge", "json"] = "merge"
    ) -> Object:
        """Change the object that `item` names; `subresource` may be `status`."""
        path = self._path_of(item, subresource)
        return self._request("patch", path, body=change, content_type=PATCHES[how], field_manager=MANAGER)

    def delete(self, item: Object, propagation: str = "Background") -> None:
        """Delete the object that `item` names; one that is gone already is as good."""
        try:
            self._request("delete", self._path_of(item), body={"propagationPolicy": propagation})
        except ClusterError as error:
            if error.status != NOT_FOUND:
                raise

    def watch(
        self, kind: Kind, stop: threading.Event, namespace: str | None = None
    ) -> Iterator[tuple[EventType, Object]]:
        """What there is (as ADDED) and then each change, until `stop` is set.

        It outlives lost connections: what there is then comes again as ADDED; what was deleted meanwhile
        does not come. A kind that is not served yet is waited for.
        """
        while not stop.is_set():
            try:
                yield from self._watch_once(kind, stop, namespace)
            except (ApiException, ClusterError, HTTPError):
                stop.wait(1)

    def _watch_once(
        self, kind: Kind, stop: threading.Event, namespace: str | None
    ) -> Iterator[tuple[EventType, Object]]:
        found = self._request("get", self._path(kind, None, namespace))
        for item in found.get("items") or []:
            yield "ADDED", {"apiVersion": kind.api_version, "kind": kind.kind, **item}
        watcher = Watch()
        stream = watcher.stream(
            self._resource(kind).get,
            namespace=namespace,
            resource_version=found["metadata"]["resourceVersion"],
            serialize=False,
            timeout_seconds=WATCH_SECONDS,
        )
        for event in stream:
            if stop.is_set():
                watcher.stop()
                return
            yield event["type"], event["raw_object"]

    def _resource(self, kind: Kind) -> Resource:
        try:
            # The client's discovery is not made for several threads.
            with self._discovering:
                found: Resource = self._client.resources.get(api_version=kind.api_version, kind=kind.kind)
        except ResourceNotFoundError as missing:
            raise ClusterError(f"no kind {kind.kind} of {kind.api_version} here", NOT_FOUND) from missing
        except (ApiException, HTTPError) as error:
            raise ClusterError(f"the API server does not answer: {error}") from error
        return found

    def _path(self, kind: Kind, name: str | None, namespace: str | None, subresource: str = "") -> str:
        resource = self._resource(kind)
        path: str = resource.path(name=name, namespace=namespace if resource.namespaced else None)
        return f"{path}/{subresource}" if subresource else path

    def _path_of(self, item: Object, subresource: str = "") -> str:
        metadata = item["metadata"]
        return self._path(Kind.of(item), metadata["name"], metadata.get("namespace"), subresource)

    def _request(self, method: str, path: str, **parameters: Any) -> Object:
        try:
            response = self._client.request(
                method, path, serialize=False, _request_timeout=TIMEOUT, **parameters
            )
        except DynamicApiError as error:
            raise ClusterError(_words(error.body) or str(error.reason), error.status) from error
        except (ApiException, HTTPError) as error:
            raise ClusterError(f"the API server does not answer: {error}") from error
        content: Object = orjson.loads(response.data)
        return content


@cache
def _discovery_folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="kfaws-discovery-")


def _discovery_file() -> str:
    """A new file for what an API server serves: the client's own is shared by all that use the same port."""
    return str(Path(_discovery_folder().name) / f"{uuid4()}.json")


def _words(body: bytes | str | None) -> str:
    """The message of a Status object."""
    try:
        return str(orjson.loads(body or b"{}").get("message", ""))
    except orjson.JSONDecodeError:
        return ""
