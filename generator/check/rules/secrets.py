"""No secret in git: neither in a Secret object, nor as a literal field, nor in any file of the repository."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from pathlib import Path

from kfaws.generator.check.finding import Breach, Rule
from kfaws.generator.check.inventory import Item
from kfaws.generator.check.kinds import Key, containers, pod_specification
from kfaws.generator.check.schemas.crds import is_crd
from kfaws.generator.check.world import World

WHY = "whoever can read the repository, its forks or its history, has the secret"
IN_SECRET = Rule(
    "secret/secret-object",
    WHY,
    "keep the value in Secrets Manager and let an ExternalSecret bring it",
)
IN_TEXT = Rule("secret/in-text", WHY, "remove it from the history, and make a new one: this one is known")
LITERAL = Rule(
    "secret/literal-value",
    WHY,
    "read it from a Secret (secretKeyRef) that an ExternalSecret fills",
)

PATTERNS = {
    "an AWS access key id": re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])"),
    "an AWS secret access key": re.compile(
        r"(?i)aws.{0,20}secret.{0,20}[\"'\s:=]+[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"
    ),
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s*[A-Za-z0-9+/=]{16}"),
    "a GitHub token": re.compile(r"(?<!\w)gh[pousr]_[A-Za-z0-9]{36}"),
    "a Slack token": re.compile(r"(?<!\w)xox[abprs]-[A-Za-z0-9-]{10,}"),
}
CHEAP = ("AKIA", "ASIA", "PRIVATE KEY", "secret", "SECRET", "Secret", "gh", "xox")
SECRET_FIELD = re.compile(
    r"(?i)^(?:password|passwd|client_?secret|secret_?access_?key|access_?key_?id|api_?key|private_?key)$"
)
SECRET_VARIABLE = re.compile(r"(?i)(?:PASSWORD|PASSWD|SECRET_?(?:ACCESS_?)?KEY|CLIENT_SECRET|COOKIE_SECRET)$")
NOT_A_SECRET = re.compile(r"^(?:|true|false|\$\(.*\)|.*\$\{.*|.*\{\{.*)$", re.DOTALL)

PUBLIC_PLACEHOLDERS: dict[Key, str] = {
    Key(
        "", "Secret", "auth", "dex-passwords"
    ): "vanilla: upstream's public default user, README says to change it",
    Key("", "Secret", "auth", "dex-oidc-client"): "vanilla: upstream's public default client",
    Key("", "Secret", "oauth2-proxy", "oauth2-proxy"): "vanilla: upstream's public default client",
    Key(
        "", "Secret", "kubeflow", "mlpipeline-minio-artifact"
    ): "in-cluster store, reachable from inside only",
    Key("", "Secret", "kubeflow", "mysql-secret"): "in-cluster database, reachable from inside only",
    Key("", "Secret", "kubeflow", "katib-mysql-secrets"): "in-cluster database, reachable from inside only",
}
"""Secrets with values that upstream publishes for in-cluster parts, and why each is no secret of ours."""

FILES_WITHOUT_TEXT = frozenset({".png", ".svg", ".ico", ".gz", ".zip"})
LARGEST_FILE = 2_000_000


def check(world: World) -> Iterator[Breach]:
    """Every object, and every file of the repository."""
    for item in world.inventory.items:
        if is_crd(item.key):
            continue
        if (item.key.group, item.key.kind) == ("", "Secret"):
            yield from _secret(item)
        yield from _object(item)
        yield from _variables(item)
    yield from _files(world.folder)


def _secret(item: Item) -> Iterator[Breach]:
    if item.key in PUBLIC_PLACEHOLDERS:
        return
    for field in ("data", "stringData"):
        for name, value in (item.manifest.get(field) or {}).items():
            if isinstance(value, str) and value.strip() and "${" not in value:
                yield IN_SECRET.found(item, f"{field}.{name} of a Secret has a value in git", hint=name)


def _object(item: Item) -> Iterator[Breach]:
    for path, text in item.strings:
        for name in _patterns(_decoded(item, path, text)):
            yield IN_TEXT.found(item, f"{'.'.join(map(str, path))} holds {name}", hint=text)
        field = path[-1] if path else ""
        if item.key.kind == "Secret" or not isinstance(field, str) or NOT_A_SECRET.match(text):
            continue
        if SECRET_FIELD.match(field):
            yield LITERAL.found(item, f"{'.'.join(map(str, path))} is a literal value", hint=text)


def _decoded(item: Item, path: tuple[str | int, ...], text: str) -> str:
    """The text; decoded where it is a Secret's data."""
    if item.key.kind != "Secret" or path[:1] != ("data",):
        return text
    try:
        return base64.b64decode(text, validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        return text


def _patterns(text: str) -> Iterator[str]:
    if len(text) < 16 or not any(word in text for word in CHEAP):
        return
    for name, pattern in PATTERNS.items():
        if pattern.search(text):
            yield name


def _variables(item: Item) -> Iterator[Breach]:
    pod = pod_specification(item.manifest)
    for container in containers(pod) if pod else ():
        for variable in container.get("env") or ():
            name, value = str(variable.get("name") or ""), variable.get("value")
            if isinstance(value, str) and SECRET_VARIABLE.search(name) and not NOT_A_SECRET.match(value):
                what = f"container {container.get('name')}, env {name} is a literal value"
                yield LITERAL.found(item, what, hint=name)


def _files(folder: Path) -> Iterator[Breach]:
    for file in sorted(folder.rglob("*")):
        relative = file.relative_to(folder)
        if relative.parts[0] == ".git" or file.suffix in FILES_WITHOUT_TEXT or not file.is_file():
            continue
        if file.stat().st_size > LARGEST_FILE:
            continue
        for name in _patterns(file.read_text(encoding="utf-8", errors="replace")):
            yield IN_TEXT.found_in(str(relative), f"holds {name}")
