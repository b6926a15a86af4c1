"""The WSGI application: what we ask of the stand-in, faults, what moto lacks, and then moto."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import StartResponse

import orjson

from kfaws.harness.standins.aws.calls import Calls
from kfaws.harness.standins.aws.databases import Databases
from kfaws.harness.standins.aws.faults import Faults, body_of
from kfaws.harness.standins.aws.overlay import ANSWERS, AwsError
from kfaws.harness.standins.aws.overlay.databases import instances
from kfaws.harness.standins.aws.pod_identity import credentials
from kfaws.harness.standins.aws.requests import Asked, Environ, asked
from kfaws.harness.standins.aws.requests import body_of as request_body

Moto = Callable[[Environ, StartResponse], Iterable[bytes]]
OWN = "/kfaws/"
AUTHORITY = f"{OWN}databases/authority.pem"
"""In the place of the bundle that RDS publishes."""
STATUS = {200: "200 OK", 400: "400 Bad Request", 403: "403 Forbidden", 404: "404 Not Found"}


class Application:
    """Answers for all of AWS; `cluster` is the EKS cluster whose pods ask for credentials."""

    def __init__(self, moto: Moto, region: str, cluster: str, databases: Databases) -> None:
        self._moto = moto
        self._databases = databases
        self._region = region
        self._cluster = cluster
        self._calls = Calls()
        self._faults = Faults()
        self.ready = threading.Event()

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        """One request."""
        call = asked(environ)
        if call is None:
            if environ["PATH_INFO"].startswith(OWN):
                return self._own(environ, start)
            return self._moto(environ, start)
        refused = self._faults.refusal(call)
        if refused:
            return self._refuse(call, refused, start)
        answer = ANSWERS.get((call.service, call.operation))
        if answer:
            try:
                content = answer(call)
            except AwsError as why:
                return self._refuse(call, why, start)
            except NotImplementedError:
                return self._through(call, environ, start)
            self._calls.add(call, 200)
            return _json(start, 200, content)
        return self._through(call, environ, start)

    def _through(self, call: Asked, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        """What moto can do itself."""

        def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            self._calls.add(call, int(status.split()[0]))
            return start(status, headers, *rest)

        return self._moto(environ, started)

    def _refuse(self, call: Asked, why: AwsError, start: StartResponse) -> Iterable[bytes]:
        self._calls.add(call, why.status)
        kind, body = body_of(why, call.service)
        headers = [("content-type", kind), ("content-length", str(len(body))), ("x-amzn-errortype", why.code)]
        start(STATUS.get(why.status, f"{why.status} Refused"), headers)
        return [body]

    def _own(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        """What the harness asks: readiness, calls, faults, databases, and credentials for pods."""
        if environ["PATH_INFO"] == AUTHORITY:
            return _answer(start, 200, "application/x-pem-file", self._databases.authority.pem)
        try:
            return _json(start, 200 if self.ready.is_set() else 503, self._answer(environ))
        except AwsError as why:
            return _json(start, why.status, {"code": why.code, "message": why.message})

    def _answer(self, environ: Environ) -> Mapping[str, Any] | list[Any]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix(OWN)
        query = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
        if path == "readyz":
            return {}
        if path == "calls":
            return list(self._calls.found(query.get("service", ""), query.get("operation", "")))
        if path == "faults":
            if method == "POST":
                self._faults.add(orjson.loads(request_body(environ)))
            elif method == "DELETE":
                self._faults.end()
            return {"hits": self._faults.hits}
        if path == "databases":
            return self._databases.listed(instances())
        if path.startswith("pod-identity/"):
            _, namespace, account = path.split("/")
            return credentials(self._region, self._cluster, namespace, account)
        raise AwsError("NotFound", f"there is no {path} here", 404)


def _json(start: StartResponse, status: int, content: Any) -> list[bytes]:
    return _answer(start, status, "application/json", orjson.dumps(content))


def _answer(start: StartResponse, status: int, kind: str, body: bytes) -> list[bytes]:
    headers = [("content-type", kind), ("content-length", str(len(body)))]
    start(STATUS.get(status, f"{status} Refused"), headers)
    return [body]
