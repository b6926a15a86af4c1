"""One object of ACK, from its spec to AWS and back to its status, in the steps of ACK's runtime."""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from kfaws.generator.model import Object
from kfaws.harness.kube import Cluster, ClusterError
from kfaws.harness.standins.claims.ack import conditions, tags
from kfaws.harness.standins.claims.ack.references import References
from kfaws.harness.standins.claims.ack.resource import Resource
from kfaws.harness.standins.claims.aws import Aws
from kfaws.harness.standins.claims.claim import Claim, Found, Schema
from kfaws.harness.standins.claims.next import Next
from kfaws.harness.standins.claims.outcome import (
    AbsentError,
    AnnotationError,
    RecoverableError,
    TerminalError,
    UnresolvedError,
    code_of,
    words,
)

log = logging.getLogger("claims")

FAILURES = (UnresolvedError, TerminalError, RecoverableError, ClientError, BotoCoreError)
PREFIX = "services.k8s.aws/"
SOON = 1.0
"""Seconds until the next look at what AWS has not finished."""


@dataclass
class AckReconciler:
    """Reconciles the objects of one kind."""

    cluster: Cluster
    """Acting as the controller's ServiceAccount."""
    aws: Aws
    resource: Resource
    schema: Schema
    added_tags: Mapping[str, str] = field(default_factory=dict)
    """ACK_RESOURCE_TAGS of the controller."""

    def reconcile(self, item: Object) -> Next:
        """Bring AWS and the object together; raises ClusterError where the API server refuses."""
        if item["metadata"].get("deletionTimestamp"):
            return self._delete(item)
        claim = self._claim(item)
        references = References(self.cluster, item["metadata"].get("namespace", ""))
        claim.secret = references.secret
        result = Next()
        more: list[conditions.Condition] = []
        try:
            references.resolve(claim.spec, self.resource.references)
            if references.any:
                more.append(conditions.condition(conditions.REFERENCES, "True"))
            self._sync(claim)
            more += self._late(claim)
            written = conditions.synced() if self.resource.is_synced(claim) else conditions.not_synced()
            if written[0]["status"] != "True" or self.resource.waits(claim):
                result = Next(SOON)
        except AbsentError as error:
            log.info("%s: %s", self._name(claim), error)
            return Next(failed=True)
        except FAILURES as error:
            written, result = self._failure(error)
        self._write(claim, more + written)
        return result

    def _failure(self, error: Exception) -> tuple[list[conditions.Condition], Next]:
        """What is said of a failure, and whether it is tried again."""
        if isinstance(error, UnresolvedError):
            return conditions.unresolved(str(error), error.final), Next(failed=True, refers=True)
        if isinstance(error, AnnotationError):
            return [conditions.condition(conditions.TERMINAL, "True", words(error))], Next()
        final = isinstance(error, (TerminalError, ParamValidationError))
        if final or code_of(error) in self.resource.terminal:
            reason = conditions.NOT_OURS if str(error) == conditions.EXISTS else None
            return conditions.terminal(words(error), reason), Next()
        return conditions.recoverable(words(error)), Next(failed=True)

    def _claim(self, item: Object) -> Claim:
        spec = copy.deepcopy(item.get("spec") or {})
        annotations = item["metadata"].get("annotations") or {}
        status = copy.deepcopy(item.get("status") or {})
        region = annotations.get(f"{PREFIX}region") or self.aws.region
        claim = Claim(
            item, spec, status, self.aws, region, self.schema, ours=self._finalizer(item) in _finalizers(item)
        )
        resource = self.resource
        if resource.tags_field:
            claim.tags = tags.wanted(spec.get(resource.tags_field), resource.tag_words, self.added_tags, item)
        elif "tagging" in resource.apart:
            claim.tags = tags.wanted(None, resource.tag_words, self.added_tags, item)
        return claim

    # Towards AWS

    def _sync(self, claim: Claim) -> None:
        policy = claim.annotations.get(f"{PREFIX}adoption-policy", "")
        adopted = claim.annotations.get(f"{PREFIX}adopted", "").lower() == "true"
        if policy not in ("", "adopt", "adopt-or-create"):
            supported = 'Supported policies are "adopt" and "adopt-or-create"'
            raise AnnotationError(f"unrecognized adoption policy {policy}. {supported}")
        adopts = policy if not claim.ours and not adopted else ""
        read_only = claim.annotations.get(f"{PREFIX}read-only", "").lower() == "true"
        if adopts:
            self._populate(claim, adopts)
        found = self._read(claim, adopts=bool(adopts))
        if found is None:
            if adopts == "adopt" or adopted:
                raise AbsentError("adopted resource not found")
            if read_only:
                raise AbsentError("read-only resource not found")
            found = self._create(claim)
        elif read_only:
            return self._keep(claim, found)
        elif adopts:
            self._manage(claim, adopted=True)
            if adopts == "adopt":
                self._fill(claim, found)
        elif not claim.ours:
            raise TerminalError(conditions.EXISTS)
        self._update(claim, found)
        return None

    def _read(self, claim: Claim, adopts: bool = False) -> Found | None:
        """What is there; what has no name in the spec is looked for, where it may be ours."""
        if adopts:
            claim.ours = True
        found = self.resource.read(claim)
        if found is not None:
            self._identity(claim, found)
        return found

    def _create(self, claim: Claim) -> Found:
        """The finalizer first: it is what tells us after a crash that the resource may be ours."""
        self._manage(claim)
        name = self._name(claim)
        for secret in self.resource.secrets:
            self._secret(claim, secret)
        try:
            self.resource.create(claim)
        except ClientError:
            self._release(claim.item)
            claim.ours = False
            raise
        log.info("%s: made", name)
        found = self._read(claim)
        if found is None:
            raise RecoverableError("ReadOne call failed after a Create operation")
        return found

    def _secret(self, claim: Claim, name: str) -> None:
        reference = claim.spec.get(name)
        if isinstance(reference, dict):
            claim.spec[name] = claim.secret(reference)

    def _update(self, claim: Claim, found: Found) -> None:
        """What AWS has otherwise is set; only then is it read again."""
        changed = self.resource.changed(claim, found)
        stuck = [name for name in changed if name in self.resource.immutable]
        if stuck and claim.ours and set(changed) <= set(stuck):
            raise TerminalError(f"Immutable Spec fields have been modified: {', '.join(sorted(stuck))}")
        gone, new = self._tags(claim, found)
        if changed:
            log.info("%s: differs in %s", self._name(claim), ", ".join(changed))
            self.resource.update(claim, found, changed)
        if new:
            self.resource.tag(claim, found, new)
        if gone:
            self.resource.untag(claim, found, gone)
        if changed:
            again = self._read(claim)
            found = again or found
        self._keep(claim, found)

    def _tags(self, claim: Claim, found: Found) -> tuple[list[str], dict[str, str]]:
        if found.tags is None or not self.resource.tags_field:
            return [], {}
        gone = [key for key in found.tags if key not in claim.tags and not key.startswith("aws:")]
        return gone, {key: value for key, value in claim.tags.items() if found.tags.get(key) != value}

    def _identity(self, claim: Claim, found: Found) -> None:
        metadata = claim.status.setdefault("ackResourceMetadata", {})
        known = self.schema["status"]["properties"].get("ackResourceMetadata", {}).get("properties", {})
        metadata["ownerAccountID"], metadata["region"] = self.aws.account, claim.region
        if "partition" in known:
            metadata["partition"] = self.aws.partition
        if found.arn:
            metadata["arn"] = found.arn

    def _keep(self, claim: Claim, found: Found) -> None:
        claim.seen = found

    # Adoption

    def _populate(self, claim: Claim, policy: str) -> None:
        """Names come from an annotation; `adopt-or-create` may take them from the spec."""
        text = claim.annotations.get(f"{PREFIX}adoption-fields", "")
        try:
            fields = json.loads(text)
        except ValueError as error:
            if policy == "adopt":
                raise AnnotationError(f"unmarshalling adoption-fields annotation: {error}") from error
            return
        properties = self.schema["spec"].get("properties") or {}
        for name, value in fields.items():
            if name == "arn":
                claim.status.setdefault("ackResourceMetadata", {})["arn"] = value
            elif name in properties:
                claim.spec[name] = value
            else:
                claim.status[name] = value

    def _fill(self, claim: Claim, found: Found) -> None:
        """`adopt`: the spec becomes what AWS has."""
        new = {key: value for key, value in found.spec.items() if value not in (None, [], {})}
        if found.tags and self.resource.tags_field:
            own = {key: value for key, value in found.tags.items() if key not in self.added_tags}
            words = self.resource.tag_words
            kind = (self.schema["spec"]["properties"].get("tags") or {}).get("type")
            new["tags"] = (
                own if kind == "object" else [{words[0]: key, words[1]: one} for key, one in own.items()]
            )
        claim.item = self._patch(claim.item, {"spec": new})
        claim.spec = copy.deepcopy(claim.item["spec"])
        if self.resource.tags_field:
            claim.tags = tags.wanted(
                claim.spec.get("tags"), self.resource.tag_words, self.added_tags, claim.item
            )

    # Away from AWS

    def _delete(self, item: Object) -> Next:
        if self._finalizer(item) not in _finalizers(item):
            return Next()
        claim = self._claim(item)
        policy = claim.annotations.get(f"{PREFIX}deletion-policy", "delete")
        read_only = claim.annotations.get(f"{PREFIX}read-only", "").lower() == "true"
        if policy == "retain" or read_only:
            log.info("%s: retained in AWS", self._name(claim))
            self._release(item)
            return Next()
        try:
            self._resolve_quietly(claim)
            found = self.resource.read(claim)
            if found is not None:
                self._identity(claim, found)
                self.resource.delete(claim, found)
                log.info("%s: deleted", self._name(claim))
        except (ClientError, BotoCoreError, RecoverableError) as error:
            self._write(claim, conditions.recoverable(words(error)))
            return Next(failed=True)
        self._release(item)
        return Next()

    def _resolve_quietly(self, claim: Claim) -> None:
        """What is referred to may be gone already."""
        references = References(self.cluster, claim.item["metadata"].get("namespace", ""))
        for path, target in self.resource.references.items():
            try:
                references.resolve(claim.spec, {path: target})
            except UnresolvedError as error:
                log.info("%s: %s", self._name(claim), error)

    # Towards the API server

    def _finalizer(self, item: Object) -> str:
        return f"finalizers.{item['apiVersion'].split('/')[0]}/{item['kind']}"

    def _manage(self, claim: Claim, adopted: bool = False) -> None:
        finalizers = _finalizers(claim.item)
        wanted = [*finalizers, self._finalizer(claim.item)]
        metadata: dict[str, Any] = {"finalizers": list(dict.fromkeys(wanted))}
        if adopted:
            metadata["annotations"] = {f"{PREFIX}adopted": "true"}
        if adopted or self._finalizer(claim.item) not in finalizers:
            claim.item = self._patch(claim.item, {"metadata": metadata})
        claim.ours = True

    def _release(self, item: Object) -> None:
        rest = [one for one in _finalizers(item) if one != self._finalizer(item)]
        try:
            self._patch(item, {"metadata": {"finalizers": rest or None}})
        except ClusterError as error:
            if error.status != 404:
                raise

    def _late(self, claim: Claim) -> list[conditions.Condition]:
        """What AWS chose where the spec says nothing goes into the spec."""
        if not self.resource.late:
            return []
        found = claim.seen.spec if claim.seen else {}
        there = claim.item.get("spec") or {}
        read_only = claim.annotations.get(f"{PREFIX}read-only", "").lower() == "true"
        new = {
            name: found[name]
            for name in self.resource.late
            if name not in claim.spec and name not in there and found.get(name) not in (None, [], {})
        }
        if new and not read_only:
            claim.item = self._patch(claim.item, {"spec": new})
        words = conditions.LATE_WORDS
        return [conditions.condition(conditions.LATE, "True", words, words)]

    def _write(self, claim: Claim, new: list[conditions.Condition]) -> None:
        """Only what changed."""
        old = claim.item.get("status") or {}
        if any(one["type"] == conditions.SYNCED for one in new):
            metadata = claim.status.setdefault("ackResourceMetadata", {})
            metadata.setdefault("ownerAccountID", self.aws.account)
            metadata.setdefault("region", claim.region)
            if "partition" in self.schema["status"]["properties"]["ackResourceMetadata"].get(
                "properties", {}
            ):
                metadata.setdefault("partition", self.aws.partition)
        known = self.schema["status"].get("properties") or {}
        status = {name: value for name, value in claim.status.items() if name in known}
        status["conditions"] = conditions.keep_times(new, old.get("conditions") or ())
        if status != old:
            self._tell(claim, status["conditions"])
            gone = {name: None for name in old if name not in status}
            try:
                self._patch(claim.item, {"status": {**status, **gone}}, "status")
            except ClusterError as error:
                if error.status != 404:
                    raise

    def _tell(self, claim: Claim, written: list[conditions.Condition]) -> None:
        """One line of what is wrong."""
        wrong = (conditions.TERMINAL, conditions.RECOVERABLE, conditions.REFERENCES)
        for one in written:
            bad = one["status"] != "True" if one["type"] == conditions.REFERENCES else one["status"] == "True"
            if one["type"] in wrong and bad:
                detail = one.get("reason") if one["type"] == conditions.REFERENCES else one.get("message")
                log.info("%s: %s %s: %s", self._name(claim), one["type"], one["status"], detail)

    def _patch(self, item: Object, change: Object, subresource: str = "") -> Object:
        return self.cluster.patch(item, change, subresource)

    def _name(self, claim: Claim) -> str:
        metadata = claim.item["metadata"]
        return f"{claim.item['kind']} {metadata.get('namespace')}/{metadata['name']}"


def _finalizers(item: Object) -> list[str]:
    return list(item["metadata"].get("finalizers") or ())
