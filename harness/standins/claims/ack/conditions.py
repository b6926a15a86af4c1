"""Conditions as ACK's runtime writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

Condition = dict[str, Any]

SYNCED, READY, TERMINAL = "ACK.ResourceSynced", "Ready", "ACK.Terminal"
RECOVERABLE, REFERENCES, LATE = "ACK.Recoverable", "ACK.ReferencesResolved", "ACK.LateInitialized"

SYNCED_WORDS = "Resource synced successfully"
NOT_SYNCED_WORDS = "Resource not synced"
UNKNOWN_WORDS = "Unable to determine if desired resource state matches latest observed state"
REFERENCE_WORDS = "Reference resolution failed"
LATE_WORDS = "Late initialization successful"
IS_TERMINAL = "resource is in terminal condition"
EXISTS = "Resource already exists"
NOT_OURS = (
    "This resource already exists but is not managed by ACK. "
    "To bring the resource under ACK management, you should explicitly adopt "
    "the resource by enabling the ResourceAdoption feature gate and populating "
    "the `services.k8s.aws/adoption-policy` and `services.k8s.aws/adoption-fields` "
    "annotations."
)


def condition(kind: str, status: str, message: str | None = None, reason: str | None = None) -> Condition:
    """One condition, as of now."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    found: Condition = {"type": kind, "status": status, "lastTransitionTime": now}
    if message is not None:
        found["message"] = message
    if reason is not None:
        found["reason"] = reason
    return found


def synced() -> list[Condition]:
    """All is well."""
    return [condition(SYNCED, "True", SYNCED_WORDS, ""), condition(READY, "True", SYNCED_WORDS, "")]


def not_synced() -> list[Condition]:
    """AWS has not finished."""
    return [condition(SYNCED, "False", NOT_SYNCED_WORDS, ""), condition(READY, "False", NOT_SYNCED_WORDS, "")]


def terminal(message: str, reason: str | None = None) -> list[Condition]:
    """Nothing will happen until the object is changed."""
    return [
        condition(TERMINAL, "True", message, reason),
        condition(SYNCED, "False", NOT_SYNCED_WORDS, IS_TERMINAL),
        condition(READY, "False", message, TERMINAL),
    ]


def recoverable(message: str) -> list[Condition]:
    """It will be tried again."""
    return [
        condition(RECOVERABLE, "True", message),
        condition(SYNCED, "Unknown", UNKNOWN_WORDS, message),
        condition(READY, "False", message, RECOVERABLE),
    ]


def unresolved(message: str, final: bool) -> list[Condition]:
    """Something that is referred to is not there yet, or can never be; ACK says nothing else then."""
    return [condition(REFERENCES, "False" if final else "Unknown", REFERENCE_WORDS, message)]


def keep_times(new: Iterable[Condition], old: Iterable[Mapping[str, Any]]) -> list[Condition]:
    """What did not change keeps the time of its last change, so that nothing is written for nothing."""
    before = {one["type"]: one for one in old}
    kept = []
    for one in new:
        other = before.get(one["type"], {})
        unchanged = all(one.get(key) == other.get(key) for key in ("status", "message", "reason"))
        kept.append({**one, "lastTransitionTime": other.get("lastTransitionTime")} if unchanged else one)
    return [{key: value for key, value in one.items() if value is not None} for one in kept]
