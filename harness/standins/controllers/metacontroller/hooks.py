"""Hooks of Metacontroller: found in the cluster by their URL, and run as programs of this machine."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import orjson

from kfaws.generator.errors import KfawsError
from kfaws.generator.model import Object
from kfaws.harness.kube import Kind
from kfaws.harness.ports import free_port
from kfaws.harness.process import Command, Process
from kfaws.harness.standins.controllers.cert_manager.kinds import decoded
from kfaws.harness.standins.controllers.controller import Place
from kfaws.harness.standins.controllers.present import is_available
from kfaws.harness.workload import environment_of

SERVICES, DEPLOYMENTS = Kind("v1", "Service"), Kind("apps/v1", "Deployment")
CONFIG_MAPS, SECRETS = Kind("v1", "ConfigMap"), Kind("v1", "Secret")
INTERPRETERS = ("python", "python3")
PATIENCE = 10.0
"""Seconds for an answer, as Metacontroller has it."""
WITHIN = 20.0


class HookError(KfawsError):
    """A hook that cannot be asked, or that does not answer as it should."""


@dataclass
class _Program:
    process: Process
    url: str
    made_from: str
    """A hash of what it was started with."""


class Hooks:
    """Programs of hooks, each started when it is asked for first, and again where its Deployment changed."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="kfaws-hooks-"))
        self._programs: dict[str, _Program] = {}
        self._lock = threading.Lock()

    def call(self, place: Place, url: str, request: Object) -> Object:
        """Send a request to a hook; raises HookError."""
        asked = urlsplit(url)
        with self._lock:
            base = self._running(place, asked.hostname or "")
        try:
            answer = httpx.post(f"{base}{asked.path}", json=request, timeout=PATIENCE).raise_for_status()
            found: Object = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise HookError(f"{url}: {error}") from error
        return found

    def close(self) -> None:
        """End all programs."""
        for program in self._programs.values():
            program.process.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _running(self, place: Place, host: str) -> str:
        """The URL of the program for a Service's host name: `name`, `name.namespace` or longer."""
        name, _, rest = host.partition(".")
        namespace = rest.partition(".")[0] or place.namespace
        deployment = _deployment(place, name, namespace)
        key, made_from = f"{namespace}.{name}", _fingerprint(place, deployment)
        known = self._programs.get(key)
        if known and known.made_from == made_from and known.process.running:
            return known.url
        if known:
            known.process.stop()
        program = self._programs[key] = self._start(place, key, deployment, made_from)
        return program.url

    def _start(self, place: Place, key: str, deployment: Object, made_from: str) -> _Program:
        pod = deployment["spec"]["template"]["spec"]
        container = pod["containers"][0]
        interpreter, *arguments = [*container.get("command", ()), *container.get("args", ())] or [""]
        if Path(interpreter).name not in INTERPRETERS:
            raise HookError(f"{key}: only hooks in Python run here, not {interpreter or 'the image itself'}")
        folders = _write_mounts(place, deployment, self._folder / key)
        port = free_port()
        told = environment_of(place.ours, deployment, container["name"])
        environment = {name: _moved(value, folders) for name, value in told.items()}
        environment |= {"LISTEN_ADDRESS": "127.0.0.1", "CONTROLLER_PORT": str(port)}
        url = f"http://127.0.0.1:{port}"
        command = [sys.executable, *(_moved(argument, folders) for argument in arguments)]
        started = Command(key, command, f"{url}/healthz", environment, WITHIN)
        process = Process(started, self._folder / "logs")
        process.start()
        try:
            process.wait_ready()
        except KfawsError:
            process.stop()
            raise
        return _Program(process, url, made_from)


def _deployment(place: Place, service: str, namespace: str) -> Object:
    """The Deployment whose pods a Service leads to, once that is Available."""
    found = place.ours.get(SERVICES, service, namespace)
    if found is None:
        raise HookError(f"no Service {namespace}/{service}")
    selector = (found["spec"].get("selector") or {}).items()
    for item in place.ours.list(DEPLOYMENTS, namespace):
        labels = item["spec"]["template"]["metadata"].get("labels") or {}
        if selector and selector <= labels.items():
            if is_available(item):
                return item
            raise HookError(f"Deployment {namespace}/{item['metadata']['name']} is not Available")
    raise HookError(f"no Deployment behind Service {namespace}/{service}")


def _mounts(place: Place, deployment: Object) -> Iterator[tuple[str, Object]]:
    """Where a ConfigMap or Secret is mounted, and that object."""
    pod = deployment["spec"]["template"]["spec"]
    paths = {one["name"]: one["mountPath"] for one in pod["containers"][0].get("volumeMounts") or ()}
    for volume in pod.get("volumes") or ():
        for kind, field, key in ((CONFIG_MAPS, "configMap", "name"), (SECRETS, "secret", "secretName")):
            name = (volume.get(field) or {}).get(key)
            found = name and place.ours.get(kind, name, deployment["metadata"]["namespace"])
            if found and volume["name"] in paths:
                yield paths[volume["name"]], found


def _write_mounts(place: Place, deployment: Object, folder: Path) -> dict[str, Path]:
    """Write what is mounted; where each mount's path is now."""
    shutil.rmtree(folder, ignore_errors=True)
    written = {}
    for number, (path, item) in enumerate(_mounts(place, deployment)):
        target = written[path] = folder / str(number)
        target.mkdir(parents=True, mode=0o700)
        secret = item["kind"] == SECRETS.kind
        data = decoded(item) if secret else {k: v.encode() for k, v in (item.get("data") or {}).items()}
        for name, content in data.items():
            (target / name).write_bytes(content)
    return written


def _moved(text: str, folders: dict[str, Path]) -> str:
    """A path below a mount, as it is on this machine; any other text as it is."""
    for path, folder in folders.items():
        if text == path or text.startswith(f"{path}/"):
            return f"{folder}{text[len(path) :]}"
    return text


def _fingerprint(place: Place, deployment: Object) -> str:
    content = [deployment["spec"]["template"], *(item.get("data") for _, item in _mounts(place, deployment))]
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
