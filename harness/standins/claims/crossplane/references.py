"""What a managed resource refers to: others by name or labels, and keys of Secrets."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from kfaws.generator.model import Object
from kfaws.harness.kube import Cluster, Kind
from kfaws.harness.standins.claims.claim import Claim
from kfaws.harness.standins.claims.outcome import UnresolvedError

EXTERNAL_NAME = "crossplane.io/external-name"


def resolve(cluster: Cluster, claim: Claim, references: Mapping[str, tuple[str, str]]) -> None:
    """Put in what references stand for; raises UnresolvedError."""
    namespace = claim.item["metadata"].get("namespace", "")
    for field, (group, kind) in references.items():
        if claim.spec.get(field):
            continue
        of = Kind(f"{group}.aws.m.upbound.io/v1beta1", kind)
        if reference := claim.spec.get(f"{field}Ref"):
            found = cluster.get(of, reference["name"], reference.get("namespace") or namespace)
            claim.spec[field] = _external(found, f"{kind} {reference['name']}")
        elif selector := claim.spec.get(f"{field}Selector"):
            labels = ",".join(f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items())
            fitting = cluster.list(of, namespace, labels or None)
            claim.spec[field] = _external(fitting[0] if fitting else None, f"{kind} with {labels}")
    for field in [name for name in claim.spec if name.endswith("SecretRef")]:
        claim.spec[field.removesuffix("SecretRef")] = _secret(cluster, claim.spec[field], namespace)


def _external(found: Object | None, what: str) -> str:
    name = ((found or {}).get("metadata", {}).get("annotations") or {}).get(EXTERNAL_NAME)
    if not name:
        raise UnresolvedError(
            f"cannot resolve references: referenced field was empty "
            f"(referenced resource may not yet be ready): {what}"
        )
    return str(name)


def _secret(cluster: Cluster, reference: Mapping[str, Any], namespace: str) -> str:
    found = cluster.get(Kind("v1", "Secret"), reference["name"], reference.get("namespace") or namespace)
    value = ((found or {}).get("data") or {}).get(reference.get("key"))
    if value is None:
        raise UnresolvedError(f"cannot get secret {reference['name']}: no key {reference.get('key')}")
    return base64.b64decode(value).decode()
