"""The gateway's part of a generated repository, as objects that a test can read or hand to Envoy."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from copier import run_copy

from kfaws.generator.model import Object
from kfaws.generator.run import run

PROJECT = Path(__file__).parents[2]
PARTS = ("kubeflow/gateway-*/*", "platform/definitions/gateway-*")
EXPRESSION = re.compile(r"\$\{([^{}]+)\}")


@dataclass(frozen=True)
class Gateway:
    """The objects of kubeflow/gateway-authentication, and what kro makes its own from."""

    static: list[Object]
    definition: Object
    claim: Object

    def named(self, kind: str, name: str) -> Object:
        """One of the static objects."""
        [found] = [o for o in self.static if o["kind"] == kind and o["metadata"]["name"] == name]
        return found


def generate(folder: Path, answers: dict[str, Any]) -> Path:
    """Generate the gateway's part of the walkthrough's environment, changed by `answers`."""
    source = folder / "template"
    shutil.copytree(PROJECT / "questions", source / "questions")
    shutil.copy(PROJECT / "copier.yml", source)
    for pattern in PARTS:
        for path in (PROJECT / "template").glob(pattern):
            copy = source / path.relative_to(PROJECT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    walkthrough = yaml.safe_load((PROJECT / "examples/walkthrough/answers.yml").read_text())
    repository = folder / "repository"
    run_copy(str(source), repository, data=walkthrough | answers, defaults=True, quiet=True)
    return repository


def read_gateway(repository: Path) -> Gateway:
    """Build the gateway's folder and read its definition and claim."""
    built = run(["kubectl", "kustomize", repository / "kubeflow/gateway-authentication"]).stdout
    definition = (repository / "platform/definitions/gateway-authentication.yaml").read_text()
    claim = (repository / "kubeflow/gateway-user-pool/gateway-authentication.yaml").read_text()
    return Gateway(list(yaml.safe_load_all(built)), yaml.safe_load(definition), yaml.safe_load(claim))


def made_by_kro(gateway: Gateway, user_pool: dict[str, str]) -> list[Object]:
    """The objects of the definition for the claim, with each expression replaced by its value.

    An expression that is not known here is an error: it would reach no gateway either.
    """
    spec = {"machineHost": "", "trustedProviders": [], "machines": []} | gateway.claim["spec"]
    values: dict[str, Any] = {f"schema.spec.{name}": value for name, value in spec.items()}
    values |= {f"userPool.data.{name}": value for name, value in user_pool.items()}
    values["schema.metadata.name"] = gateway.claim["metadata"]["name"]
    clients = [user_pool[f"machine-{machine['name']}"] for machine in spec["machines"]]
    values['schema.spec.machines.map(m, userPool.data["machine-" + m.name])'] = clients
    values[
        'schema.spec.machines.map(m, {"client":userPool.data["machine-" + m.name], "principal":m.principal})'
    ] = [
        {"client": client, "principal": m["principal"]}
        for client, m in zip(clients, spec["machines"], strict=True)
    ]
    resources = [r for r in gateway.definition["spec"]["resources"] if "template" in r]
    wanted = [r for r in resources if spec["machineHost"] or "includeWhen" not in r]
    return [evaluate(resource["template"], values) for resource in wanted]


def evaluate(part: Any, values: dict[str, Any]) -> Any:
    """A template with its expressions replaced."""
    if isinstance(part, dict):
        return {name: evaluate(value, values) for name, value in part.items()}
    if isinstance(part, list):
        return [evaluate(value, values) for value in part]
    if not isinstance(part, str):
        return part
    if part.startswith("${") and part.endswith("}") and part[2:-1] in values:
        return values[part[2:-1]]
    return EXPRESSION.sub(lambda match: str(values[match[1]]), part)
