"""Real Envoy with the filters of a generated gateway, in the order in which istiod would put them."""

from __future__ import annotations

import json
import resource
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kfaws.generator.model import Object
from tests.gateway.client import Answer, Request, send

START_SECONDS = 20.0
POLL_SECONDS = 0.02
TYPES = "type.googleapis.com/envoy.extensions"
ENVOY_FILTER_KEY = "experimental."
CLAIM_KEY = "request.auth.claims["


@dataclass(frozen=True)
class Envoy:
    """A running Envoy."""

    port: int
    log: Path
    pid: int

    def send(self, request: Request) -> Answer:
        """Send a request on a fresh connection."""
        return send(self.port, request.to_bytes())

    def memory(self) -> int:
        """Resident memory in bytes."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * resource.getpagesize()

    def log_text(self) -> str:
        """Everything that Envoy logged so far."""
        return self.log.read_text(errors="replace")


@contextmanager
def running(config: Object, folder: Path) -> Iterator[Envoy]:
    """Start Envoy with a configuration; it writes its log into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "envoy.json").write_text(json.dumps(config))
    admin = folder / "admin-address"
    command = ["envoy", "-c", "envoy.json", "--concurrency", "1", "--disable-hot-restart"]
    command += ["--log-level", "warning", "--admin-address-path", admin.name]
    log = folder / "envoy.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
    try:
        yield Envoy(_listener_port(process, admin, log), log, process.pid)
    finally:
        process.terminate()
        process.wait()


def _listener_port(process: subprocess.Popen[bytes], admin: Path, log: Path) -> int:
    """Wait until the listener has its port, which the admin endpoint knows."""
    for _ in range(int(START_SECONDS / POLL_SECONDS)):
        if admin.exists() and (port := _port_by_admin(admin.read_text())):
            return port
        try:
            process.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(f"Envoy ended before it was ready: {log.read_text()}")
    raise AssertionError(f"Envoy was not ready after {START_SECONDS:g} s: {log.read_text()}")


def _port_by_admin(address: str) -> int | None:
    """The listener's port, or None as long as Envoy has no answer."""
    try:
        with urllib.request.urlopen(f"http://{address}/listeners?format=json") as response:
            statuses = json.load(response).get("listener_statuses", [])
    except (OSError, ValueError):
        return None
    ports = [int(status["local_address"]["socket_address"]["port_value"]) for status in statuses]
    return ports[0] if ports else None


def configuration(objects: list[Object], ports: dict[str, int], jwks: Object) -> Object:
    """Envoy's configuration. `ports` has the port of each cluster; `backend` is the workload."""
    route: Object = {"match": {"prefix": "/"}, "route": {"cluster": "backend"}}
    route["metadata"] = {"filter_metadata": {}}
    for value in _patches(objects, "HTTP_ROUTE"):
        route["metadata"]["filter_metadata"] |= value["patch"]["value"]["metadata"]["filter_metadata"]
    manager = {
        "@type": f"{TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "gateway",
        "upgrade_configs": [{"upgrade_type": "websocket"}],
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
        "http_filters": _http_filters(objects, jwks),
    }
    listener = {
        "name": "gateway",
        "address": _address(0),
        "filter_chains": [
            {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
        ],
    }
    clusters = [_cluster(name, port) for name, port in ports.items()]
    return {
        "admin": {"address": _address(0)},
        "static_resources": {"listeners": [listener], "clusters": clusters},
    }


def _address(port: int) -> Object:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _cluster(name: str, port: int) -> Object:
    endpoint = {"endpoint": {"address": _address(port)}}
    return {
        "name": name,
        "connect_timeout": "1s",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [endpoint]}]},
    }


def _patches(objects: list[Object], apply_to: str) -> list[Object]:
    filters = [o for o in objects if o["kind"] == "EnvoyFilter"]
    return [p for f in filters for p in f["spec"]["configPatches"] if p["applyTo"] == apply_to]


def _http_filters(objects: list[Object], jwks: Object) -> list[Object]:
    chain = [_jwt_filter(o, jwks) for o in objects if o["kind"] == "RequestAuthentication"]
    chain.append(_rbac_filter([o for o in objects if o["kind"] == "AuthorizationPolicy"]))
    router = {"@type": f"{TYPES}.filters.http.router.v3.Router"}
    chain.append({"name": "envoy.filters.http.router", "typed_config": router})
    for patch in _patches(objects, "HTTP_FILTER"):
        match patch["patch"]["operation"]:
            case "INSERT_FIRST":
                chain.insert(0, patch["patch"]["value"])
            case "INSERT_BEFORE":
                before = patch["match"]["listener"]["filterChain"]["filter"]["subFilter"]["name"]
                place = [f["name"] for f in chain].index(before)
                chain.insert(place, patch["patch"]["value"])
            case operation:
                raise AssertionError(f"no such operation is known here: {operation}")
    return chain


def _jwt_filter(authentication: Object, jwks: Object) -> Object:
    [rule] = authentication["spec"]["jwtRules"]
    provider = {
        "issuer": rule["issuer"],
        "local_jwks": {"inline_string": json.dumps(jwks)},
        "payload_in_metadata": "payload",
        "from_headers": [{"name": h["name"], "value_prefix": h["prefix"]} for h in rule["fromHeaders"]],
    }
    needs = {"requires_any": {"requirements": [{"provider_name": "pool"}, {"allow_missing": {}}]}}
    config = {
        "@type": f"{TYPES}.filters.http.jwt_authn.v3.JwtAuthentication",
        "providers": {"pool": provider},
        "rules": [{"match": {"prefix": "/"}, "requires": needs}],
        "bypass_cors_preflight": True,
    }
    return {"name": "envoy.filters.http.jwt_authn", "typed_config": config}


def _rbac_filter(policies: list[Object]) -> Object:
    """Allow what one of the policies allows; without any, nothing, as upstream's global-deny-all has it."""
    rules = {p["metadata"]["name"]: _rbac_policy(p) for p in policies}
    config = {
        "@type": f"{TYPES}.filters.http.rbac.v3.RBAC",
        "rules": {"action": "ALLOW", "policies": rules},
    }
    return {"name": "envoy.filters.http.rbac", "typed_config": config}


def _rbac_policy(policy: Object) -> Object:
    permissions: list[Any] = []
    assert policy["spec"]["action"] == "ALLOW"
    for rule in policy["spec"]["rules"]:
        conditions = [_condition(when) for when in rule.get("when", [])]
        hosts = [host for to in rule.get("to", []) for host in to["operation"]["hosts"]]
        if hosts:
            conditions.append({"or_rules": {"rules": [_host(host) for host in hosts]}})
        permissions.append({"and_rules": {"rules": conditions}} if conditions else {"any": True})
    return {"permissions": permissions, "principals": [{"any": True}]}


def _host(host: str) -> Object:
    match = {"prefix": host[:-1]} if host.endswith("*") else {"exact": host}
    return {"header": {"name": ":authority", "string_match": match | {"ignore_case": True}}}


def _condition(when: Object) -> Object:
    key: str = when["key"]
    if key.startswith(CLAIM_KEY):
        space, path = "envoy.filters.http.jwt_authn", ["payload", key[len(CLAIM_KEY) : -1]]
    else:
        assert key.startswith(ENVOY_FILTER_KEY)
        space, name = key.removeprefix(ENVOY_FILTER_KEY).removesuffix("]").split("[")
        path = [name]
    matchers = [
        {
            "filter": space,
            "path": [{"key": part} for part in path],
            "value": {"string_match": {"exact": value}},
        }
        for value in when["values"]
    ]
    return {"or_rules": {"rules": [{"metadata": matcher} for matcher in matchers]}}
