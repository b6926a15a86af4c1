"""The HTTPS server of metrics.k8s.io, and how the API server comes to ask it."""

from __future__ import annotations

import base64
import ssl
import tempfile
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import orjson

from kfaws.generator.model import Object
from kfaws.harness.certificates import self_signed
from kfaws.harness.kube import Cluster, ClusterError, Kind
from kfaws.harness.standins.controllers.metrics.usage import API, node_metrics, pod_metrics

PODS, NODES = Kind("v1", "Pod"), Kind("v1", "Node")
NAMESPACE, SERVICE = "kube-system", "metrics-server"
ROOT = f"/apis/{API}"
RESOURCES: Object = {
    "kind": "APIResourceList",
    "apiVersion": "v1",
    "groupVersion": API,
    "resources": [
        {
            "name": name,
            "singularName": "",
            "namespaced": name == "pods",
            "kind": kind,
            "verbs": ["get", "list"],
        }
        for name, kind in (("nodes", "NodeMetrics"), ("pods", "PodMetrics"))
    ],
}


class Metrics:
    """Serves metrics.k8s.io on 127.0.0.1 from its construction on; `register` makes it known."""

    def __init__(self, cluster: Cluster, port: int) -> None:
        self._cluster = cluster
        self._port = port
        self._registered = False
        server = ThreadingHTTPServer(("127.0.0.1", port), _handler(cluster))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "certificate.pem"
            # The aggregator asks for the Service by this name, wherever that leads.
            self._authority = self_signed([f"{SERVICE}.{NAMESPACE}.svc"], file)
            context.load_cert_chain(file)
        # The handshake is done by the thread of the request: a client that is slow holds up nobody.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def register(self) -> None:
        """Lead the API server here, once. Raises ClusterError while it does not answer."""
        if self._registered:
            return
        for item in self._objects():
            self._cluster.apply(item)
        self._registered = True

    def _objects(self) -> list[Object]:
        metadata = {"name": SERVICE, "namespace": NAMESPACE}
        # A name outside the cluster: the only Service that leads to this machine.
        spec = {"type": "ExternalName", "externalName": "localhost"}
        group, _, version = API.partition("/")
        service = {"name": SERVICE, "namespace": NAMESPACE, "port": self._port}
        return [
            {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec},
            {
                "apiVersion": "apiregistration.k8s.io/v1",
                "kind": "APIService",
                "metadata": {"name": f"{version}.{group}"},
                "spec": {
                    "group": group,
                    "version": version,
                    "groupPriorityMinimum": 100,
                    "versionPriority": 100,
                    "service": service,
                    "caBundle": base64.b64encode(self._authority).decode(),
                },
            },
        ]


def answer(cluster: Cluster, path: str, selector: str | None) -> Object | None:
    """The body for a path below the group's version; None: there is no such thing."""
    match path.removeprefix(ROOT).strip("/").split("/"):
        case [""]:
            return RESOURCES
        case ["nodes"]:
            pods = cluster.list(PODS)
            return _list("NodeMetricsList", [node_metrics(node, pods) for node in _nodes(cluster, selector)])
        case ["nodes", name]:
            node = cluster.get(NODES, name)
            return node_metrics(node, cluster.list(PODS)) if node else None
        case ["pods"]:
            return _pods(cluster, None, selector)
        case ["namespaces", namespace, "pods"]:
            return _pods(cluster, namespace, selector)
        case ["namespaces", namespace, "pods", name]:
            pod = cluster.get(PODS, name, namespace)
            return pod_metrics(pod) if pod else None
    return None


def _nodes(cluster: Cluster, selector: str | None) -> list[Object]:
    return cluster.list(NODES, selector=selector)


def _pods(cluster: Cluster, namespace: str | None, selector: str | None) -> Object:
    found = (pod_metrics(pod) for pod in cluster.list(PODS, namespace, selector))
    return _list("PodMetricsList", [item for item in found if item])


def _list(kind: str, items: list[Object]) -> Object:
    return {"kind": kind, "apiVersion": API, "metadata": {}, "items": items}


def _handler(cluster: Cluster) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 60

        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            selector = parse_qs(asked.query).get("labelSelector", [None])[0]
            if not asked.path.startswith(ROOT):
                self._say(HTTPStatus.NOT_FOUND, _status(HTTPStatus.NOT_FOUND, "not found"))
                return
            try:
                body = answer(cluster, asked.path, selector)
            except ClusterError as error:
                status = HTTPStatus.SERVICE_UNAVAILABLE
                self._say(status, _status(status, str(error)))
                return
            found = HTTPStatus.OK if body else HTTPStatus.NOT_FOUND
            self._say(found, body or _status(found, f"no metrics at {asked.path}"))

        def _say(self, status: HTTPStatus, body: Object) -> None:
            content = orjson.dumps(body)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: a question every moment is no event."""

    return Handler


def _status(status: HTTPStatus, message: str) -> Object:
    reason = "NotFound" if status == HTTPStatus.NOT_FOUND else "ServiceUnavailable"
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": int(status),
    }
