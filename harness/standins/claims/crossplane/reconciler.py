"""One managed resource, from its spec to AWS and back, in the steps of Crossplane's runtime."""

from __future__ import annotations

import base64
import copy
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from kfaws.generator.model import Object
from kfaws.harness.kube import Cluster, ClusterError, Kind
from kfaws.harness.standins.claims.aws import Aws
from kfaws.harness.standins.claims.claim import Claim, Found, Schema
from kfaws.harness.standins.claims.crossplane.managed import Managed
from kfaws.harness.standins.claims.crossplane.references import resolve
from kfaws.harness.standins.claims.next import Next
from kfaws.harness.standins.claims.outcome import RecoverableError, TerminalError, UnresolvedError, words

log = logging.getLogger("claims")

FINALIZER = "finalizer.managedresource.crossplane.io"
EXTERNAL_NAME = "crossplane.io/external-name"
PENDING, SUCCEEDED, FAILED = (
    f"crossplane.io/external-create-{word}" for word in ("pending", "succeeded", "failed")
)
SOON = 1.0
NOT_FOUND = 404


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class CrossplaneReconciler:
    """Reconciles the objects of one kind."""

    cluster: Cluster
    aws: Aws
    managed: Managed
    schema: Schema
    """The CRD's `forProvider` (as `spec`) and `atProvider` (as `status`)."""

    def reconcile(self, item: Object) -> Next:
        """Bring AWS and the object together; raises ClusterError where the API server refuses."""
        claim = self._claim(item)
        try:
            if item["metadata"].get("deletionTimestamp"):
                return self._delete(claim)
            if item["metadata"].get("annotations", {}).get("crossplane.io/paused") == "true":
                self._write(claim, None, [("Synced", "False", "ReconcilePaused", "")])
                return Next()
            resolve(self.cluster, claim, self.managed.references)
            found = self._sync(claim)
        except (UnresolvedError, RecoverableError, TerminalError, ClientError, BotoCoreError) as error:
            self._write(claim, claim.seen, [("Synced", "False", "ReconcileError", words(error))])
            return Next(failed=True, refers=isinstance(error, UnresolvedError))
        ready = self.managed.is_ready(found)
        state = ("Ready", "True", "Available", "") if ready else ("Ready", "False", "Creating", "")
        self._connect(claim, found)
        self._write(claim, found, [state, ("Synced", "True", "ReconcileSuccess", "")])
        return Next() if ready else Next(SOON)

    def _claim(self, item: Object) -> Claim:
        spec = copy.deepcopy((item.get("spec") or {}).get("forProvider") or {})
        region = spec.get("region") or self.aws.region
        claim = Claim(item, spec, {}, self.aws, region, self.schema, ours=FINALIZER in _finalizers(item))
        if "tags" in self.schema["spec"].get("properties", {}):
            config = (item["spec"].get("providerConfigRef") or {}).get("name", "default")
            group = item["apiVersion"].split("/")[0]
            own = {
                "crossplane-kind": f"{item['kind'].lower()}.{group}",
                "crossplane-name": item["metadata"]["name"],
                "crossplane-providerconfig": config,
            }
            claim.tags = {**own, **(spec.get("tags") or {})}
        return claim

    def _may(self, claim: Claim, action: str) -> bool:
        policies = claim.item["spec"].get("managementPolicies") or ["*"]
        return action in policies or "*" in policies

    def _sync(self, claim: Claim) -> Found:
        managed, annotations = self.managed, claim.annotations
        name = annotations.get(EXTERNAL_NAME) or ""
        # Begun and neither done nor failed: what it was to make may be there. Crossplane itself stops here.
        begun = PENDING in annotations and SUCCEEDED not in annotations
        if not name and begun:
            name = managed.search(claim)
        found = managed.read(claim, name) if name else None
        if found is None and not name and (known := managed.known_name(claim)) and managed.read(claim, known):
            raise RecoverableError(f"cannot create: {known} exists already and is not of this object")
        if found is None:
            return self._create(claim, name)
        self._mark(claim, {EXTERNAL_NAME: name})
        claim.seen = found
        changed = managed.changed(claim, found)
        if changed and self._may(claim, "Update"):
            log.info("%s: differs in %s", _name(claim.item), ", ".join(changed))
            managed.update(claim, found, changed)
            found = managed.read(claim, name) or found
        if self._may(claim, "LateInitialize"):
            self._late(claim, found)
        claim.seen = found
        return found

    def _create(self, claim: Claim, name: str) -> Found:
        if not self._may(claim, "Create"):
            raise RecoverableError("observe failed: external resource does not exist")
        self._mark(claim, {PENDING: _now()})
        try:
            name = self.managed.create(claim) or name
        except (ClientError, BotoCoreError, RecoverableError):
            self._mark(claim, {PENDING: None, FAILED: _now()})
            raise
        self._mark(claim, {EXTERNAL_NAME: name, SUCCEEDED: _now()})
        log.info("%s: made %s", _name(claim.item), name)
        self.managed.complete(claim, name)
        found = self.managed.read(claim, name)
        if found is None:
            raise RecoverableError("it was made and is not there")
        claim.seen = found
        return found

    def _delete(self, claim: Claim) -> Next:
        item = claim.item
        if FINALIZER not in _finalizers(item):
            return Next()
        name = claim.annotations.get(EXTERNAL_NAME) or ""
        if self._may(claim, "Delete") and name:
            found = self.managed.read(claim, name)
            if found is not None:
                self.managed.delete(claim, found)
                log.info("%s: deleted", _name(item))
        else:
            log.info("%s: kept in AWS", _name(item))
        rest = [one for one in _finalizers(item) if one != FINALIZER]
        self._patch(item, {"metadata": {"finalizers": rest or None}})
        return Next()

    def _mark(self, claim: Claim, annotations: Mapping[str, str | None]) -> None:
        """Annotations and the finalizer, where they are not so already."""
        there = claim.annotations
        new = {key: value for key, value in annotations.items() if there.get(key) != value}
        change: dict[str, Any] = {"annotations": new} if new else {}
        if FINALIZER not in _finalizers(claim.item):
            change["finalizers"] = [*_finalizers(claim.item), FINALIZER]
        if change:
            claim.item = self._patch(claim.item, {"metadata": change}) or claim.item

    def _late(self, claim: Claim, found: Found) -> None:
        """Plain fields that AWS filled go into the spec."""
        properties = self.schema["spec"].get("properties") or {}
        new = {
            field: value
            for field, value in found.spec.items()
            if field in properties
            and field not in claim.spec
            and isinstance(value, (str, int, float, bool))
            and value != ""
        }
        if new:
            claim.item = self._patch(claim.item, {"spec": {"forProvider": new}}) or claim.item

    def _connect(self, claim: Claim, found: Found) -> None:
        """The connection secret, beside the object and with it gone."""
        reference = claim.item["spec"].get("writeConnectionSecretToRef")
        if not reference:
            return
        metadata = claim.item["metadata"]
        data = {
            key: base64.b64encode(value.encode()).decode()
            for key, value in self.managed.secrets(found).items()
        }
        namespace = reference.get("namespace") or metadata["namespace"]
        there = self.cluster.get(Kind("v1", "Secret"), reference["name"], namespace)
        if there is not None and (there.get("data") or {}) == data:
            return
        owner = {
            "apiVersion": claim.item["apiVersion"],
            "kind": claim.item["kind"],
            "name": metadata["name"],
            "uid": metadata["uid"],
            "controller": True,
            "blockOwnerDeletion": True,
        }
        self.cluster.apply(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "type": "connection.crossplane.io/v1alpha1",
                "metadata": {"name": reference["name"], "namespace": namespace, "ownerReferences": [owner]},
                "data": data,
            },
            manager="provider-aws",
        )

    def _write(self, claim: Claim, found: Found | None, states: list[tuple[str, str, str, str]]) -> None:
        """Only what changed."""
        old = claim.item.get("status") or {}
        kept = {one["type"]: one for one in old.get("conditions") or ()}
        for kind, status, reason, message in states:
            before = kept.get(kind, {})
            same = (before.get("status"), before.get("reason"), before.get("message", "")) == (
                status,
                reason,
                message,
            )
            kept[kind] = {
                "type": kind,
                "status": status,
                "reason": reason,
                "lastTransitionTime": before["lastTransitionTime"] if same else _now(),
                **({"message": message} if message else {}),
            }
            if status != "True" and not same:
                log.info("%s: %s %s: %s %s", _name(claim.item), kind, status, reason, message)
        written: dict[str, Any] = {"conditions": list(kept.values())}
        if found is not None:
            known = self.schema["status"].get("properties") or {}
            written["atProvider"] = {
                key: value for key, value in found.status.items() if key in known and value is not None
            }
        if any(written[key] != old.get(key) for key in written):
            self._patch(claim.item, {"status": written}, "status")

    def _patch(self, item: Object, change: Object, subresource: str = "") -> Object | None:
        try:
            return self.cluster.patch(item, change, subresource)
        except ClusterError as error:
            if error.status == NOT_FOUND:
                return None
            raise


def _finalizers(item: Object) -> list[str]:
    return list(item["metadata"].get("finalizers") or ())


def _name(item: Object) -> str:
    return f"{item['kind']} {item['metadata'].get('namespace')}/{item['metadata']['name']}"
