"""What an object refers to: other ACK objects (`...Ref`), and keys of Secrets."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from kfaws.generator.model import Object
from kfaws.harness.crds.manifest import plural_of
from kfaws.harness.kube import Cluster, ClusterError, Kind
from kfaws.harness.standins.claims.ack.conditions import SYNCED, TERMINAL
from kfaws.harness.standins.claims.names import at
from kfaws.harness.standins.claims.outcome import RecoverableError, TerminalError, UnresolvedError

Target = tuple[str, str, str]
SUFFIX = re.compile(r"(IDs|ARNs|Names|ID|ARN|Name)$")


def reference_field(field: str, many: bool) -> str:
    """The field that may stand for another: `roleARN` is `roleRef`, `policies` is `policyRefs`."""
    stem = SUFFIX.sub("", field)
    if many and stem == field:
        stem = f"{stem[:-3]}y" if stem.endswith("ies") else stem.removesuffix("s")
    return f"{stem}{'Refs' if many else 'Ref'}"


class References:
    """Resolves them under the controller's own rights."""

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        self._cluster = cluster
        self._namespace = namespace
        self.any = False
        """Whether anything was referred to."""

    def resolve(self, spec: dict[str, Any], references: Mapping[str, Target]) -> None:
        """Put in what references stand for; raises UnresolvedError."""
        for path, target in references.items():
            *inside, field = path.split(".")
            for holder in _holders(spec, inside):
                self._one(holder, field, target)

    def _one(self, holder: dict[str, Any], field: str, target: Target) -> None:
        single, many = holder.get(reference_field(field, False)), holder.get(reference_field(field, True))
        if single:
            holder[field] = self._value(single, target)
        elif many:
            holder[field] = [self._value(one, target) for one in many]

    def _value(self, reference: Mapping[str, Any], target: Target) -> Any:
        self.any = True
        group, kind, path = target
        source = reference.get("from") or {}
        name, namespace = source.get("name"), source.get("namespace") or self._namespace
        if not name:
            raise UnresolvedError(f"provided resource reference is nil or empty: {kind}", final=True)
        where = f"resource:{kind}, namespace:{namespace}, name:{name}"
        try:
            other = self._cluster.get(Kind(f"{group}.services.k8s.aws/v1alpha1", kind), name, namespace)
        except ClusterError as error:
            raise UnresolvedError(str(error)) from error
        if other is None:
            raise UnresolvedError(f'{plural_of(kind)}.{group}.services.k8s.aws "{name}" not found')
        states = {one["type"]: one["status"] for one in at(other, "status.conditions") or ()}
        if states.get(TERMINAL) == "True":
            message = "the referenced resource has 'ACK.Terminal' condition 'True'. Cannot be referenced"
            raise UnresolvedError(f"{message}. {where}", final=True)
        if states.get(SYNCED) != "True":
            raise UnresolvedError(f"the referenced resource is not synced yet. {where}")
        value = at(other, path)
        if value in (None, ""):
            raise UnresolvedError(
                f"the referenced resource is missing the target field. {where}, targetField:{path}"
            )
        return value

    def secret(self, reference: Mapping[str, str]) -> str:
        """The value of a Secret's key; a missing one is terminal, as in ACK."""
        namespace = reference.get("namespace") or self._namespace
        where = f"{namespace}/{reference.get('name')}"
        try:
            found: Object | None = self._cluster.get(
                Kind("v1", "Secret"), reference.get("name", ""), namespace
            )
        except ClusterError as error:
            # ACK says no more than that it is not found; whoever reads this is better served by the reason.
            raise RecoverableError(f"kubernetes secret not found: {error}") from error
        if found is None or reference.get("key") not in (found.get("data") or {}):
            raise RecoverableError(f"kubernetes secret not found: {where}, key {reference.get('key')}")
        if found.get("type", "Opaque") != "Opaque":
            raise TerminalError("only opaque secrets can be used")
        return base64.b64decode(found["data"][reference["key"]]).decode()


def _holders(value: Any, path: list[str]) -> list[dict[str, Any]]:
    """The mappings at a path, through all lists."""
    found = [value]
    for part in path:
        inner = [one.get(part) for one in found if isinstance(one, dict)]
        found = [item for one in inner for item in (one if isinstance(one, list) else [one])]
    return [one for one in found if isinstance(one, dict)]
