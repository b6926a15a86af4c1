"""Which operation of which service an HTTP request asks for, and with which parameters."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote

import orjson
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

Environ = dict[str, Any]

SCOPE = re.compile(r"Credential=([^/,]*)/[^/]*/([^/]*)/([^/]*)/aws4_request")
SERVICES = {
    "elasticloadbalancing": "elbv2",
    "elasticfilesystem": "efs",
    "tagging": "resourcegroupstaggingapi",
    "monitoring": "cloudwatch",
}
"""Botocore's names where they are not those of the signature."""


@dataclass(frozen=True)
class Asked:
    """One request to AWS."""

    service: str
    """As botocore calls it."""
    operation: str
    """As the service's model calls it; empty when no operation fits."""
    region: str
    key: str
    """The access key that signed it."""
    parameters: Mapping[str, Any]
    """Of JSON services all of them by name; of others what stands in the path or the form."""


def asked(environ: Environ) -> Asked | None:
    """Read a WSGI request, leaving its body for others; None for one that is no call of AWS."""
    scope = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    if not scope:
        return None
    key, region, signed = scope.groups()
    service = SERVICES.get(signed, signed)
    model = _model(service)
    if model is None:
        return None
    protocol = str(model.metadata["protocol"])
    if protocol in ("json", "query", "ec2"):
        operation, parameters = _named(environ, protocol)
    else:
        operation, parameters = _by_path(environ, model, protocol)
    return Asked(service, operation, region, key, parameters)


def body_of(environ: Environ) -> bytes:
    """The body; it can be read again."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body: bytes = environ["wsgi.input"].read(length) if length else b""
    environ["wsgi.input"] = io.BytesIO(body)
    return body


@cache
def _model(service: str) -> ServiceModel | None:
    loader = Loader()
    if service not in loader.list_available_services("service-2"):
        return None
    return ServiceModel(loader.load_service_model(service, "service-2"), service)


def protocol_of(service: str) -> str:
    """`json`, `query`, `ec2`, `rest-json` or `rest-xml`."""
    model = _model(service)
    return str(model.metadata["protocol"]) if model else "rest-xml"


def _named(environ: Environ, protocol: str) -> tuple[str, dict[str, Any]]:
    if protocol == "json":
        operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
        return operation, _json(body_of(environ))
    form = parse_qs(body_of(environ).decode(errors="replace"))
    fields = {name: values[0] for name, values in form.items()}
    return fields.get("Action", ""), fields


def _json(body: bytes) -> dict[str, Any]:
    try:
        content = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}


def _by_path(environ: Environ, model: ServiceModel, protocol: str) -> tuple[str, dict[str, Any]]:
    if model.service_name == "s3":
        # Object keys are anything: only the method and the bucket say what is asked.
        return f"{environ['REQUEST_METHOD']} {environ['PATH_INFO'].strip('/').partition('/')[0]}", {}
    path = str(environ.get("REQUEST_URI") or environ["PATH_INFO"]).partition("?")[0]
    for pattern, operation in _paths(model.service_name):
        found = pattern.fullmatch(f"{environ['REQUEST_METHOD']} {path}")
        if found:
            return operation.name, _rest_parameters(environ, operation, found.groupdict(), protocol)
    return "", {}


def _rest_parameters(
    environ: Environ, operation: OperationModel, found: Mapping[str, str], protocol: str
) -> dict[str, Any]:
    query = parse_qs(environ.get("QUERY_STRING", ""))
    given: dict[str, Any] = _json(body_of(environ)) if protocol == "rest-json" else {}
    members = operation.input_shape.members if operation.input_shape else {}
    for name, member in members.items():
        place = member.serialization.get("location")
        wire = member.serialization.get("name", name)
        if place == "uri" and _group(wire) in found:
            given[name] = unquote(found[_group(wire)])
        elif place == "querystring" and wire in query:
            given[name] = query[wire] if member.type_name == "list" else query[wire][0]
    return given


@cache
def _paths(service: str) -> tuple[tuple[re.Pattern[str], OperationModel], ...]:
    """The operations of a REST service by method and path; those with more fixed parts come first."""
    model = _model(service)
    if model is None:
        return ()
    found = []
    for name in model.operation_names:
        operation = model.operation_model(name)
        path = str(operation.http["requestUri"]).partition("?")[0].rstrip("/")
        pattern = re.sub(
            r"\\\{([\w.-]+)(\\\+)?\\\}",
            lambda part: f"(?P<{_group(part[1])}>{'.+' if part[2] else '[^/]+'})",
            re.escape(path),
        )
        found.append((path.count("{"), re.compile(f"{operation.http['method']} {pattern}/?"), operation))
    return tuple((pattern, operation) for _, pattern, operation in sorted(found, key=lambda one: one[0]))


def _group(name: str) -> str:
    return re.sub(r"\W", "_", name)
