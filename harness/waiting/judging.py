"""Whether one object is as it should be; and if not, what it says, since when, and whether that is long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kfaws.generator.model import Object
from kfaws.harness.waiting.slow import Slow, field, slow

LONGEST = 300
"""Characters of an object's own words that are kept."""
DELETING, UNSEEN = "being deleted", "not looked at by its controller"


@dataclass(frozen=True)
class Rule:
    """How objects of a family say that they are as they should be."""

    done: tuple[str, ...] = ()
    """Conditions that have to be True."""
    unless: tuple[str, ...] = ()
    """Conditions that have to be True where they are there at all."""
    wrong: tuple[str, ...] = ()
    """Conditions that say, when True, what is wrong."""
    final: tuple[str, ...] = ()
    """Those of them that no waiting ends."""
    state: tuple[str, str] = ("", "")
    """A field and its value when all is well; empty: conditions alone tell."""
    renewed: bool = False
    """Whether its controller sets the time of a condition at every look, changed or not."""


@dataclass(frozen=True)
class Waiting:
    """One thing that is not ready yet."""

    kind: str
    group: str
    """Empty for Kubernetes' core."""
    namespace: str
    name: str
    state: str
    """In a word or two; for what AWS makes, AWS's own."""
    says: str
    """What it says itself; may be empty."""
    since: str
    """Time in UTC, ISO 8601."""
    seconds: int
    """How long that was ago."""
    normally: str
    """How long it takes; empty where nothing is known."""
    late: bool
    """Whether it takes longer than normal."""
    final: bool
    """Whether no waiting ends it."""
    blocked: str
    """What usually keeps it, or what to do; may be empty."""


def judge(item: Object, rule: Rule, now: datetime) -> Waiting | None:
    """What is to be said of an object; None: it is as it should be."""
    conditions = {one["type"]: one for one in field(item, "status.conditions") or ()}
    failing = _failing(conditions, rule)
    leaves = "deletionTimestamp" in item["metadata"]
    (path, good), known = rule.state, slow(item)
    own = field(item, known.state if known else path)
    # ACK calls a certificate synced that nobody has validated yet.
    unfinished = own in (*known.first, *known.never) if known else bool(path) and own != good
    if not leaves and not failing and not unfinished:
        return None
    final = any(name in failing for name in rule.final) or bool(known and own in known.never)
    state = DELETING if leaves else str(own or _reason(failing) or ("not ready" if conditions else UNSEEN))
    return waiting(item, state, _words(failing), _since(item, rule, failing, known), now, known, final)


def waiting(
    item: Object,
    state: str,
    says: str,
    since: str,
    now: datetime,
    known: Slow | None = None,
    final: bool = False,
    blocked: str = "",
) -> Waiting:
    """An object that waits since a time; `blocked` instead of what is known of its kind."""
    metadata, (group, _, _) = item["metadata"], item["apiVersion"].rpartition("/")
    seconds = max(0, int((now - datetime.fromisoformat(since)).total_seconds()))
    counts = known is not None and state != DELETING and _is_new(item, known)
    return Waiting(
        item["kind"],
        group,
        metadata.get("namespace", ""),
        metadata["name"],
        state,
        says,
        since,
        seconds,
        known.normally if known and counts else "",
        bool(known and counts and seconds > known.minutes * 60),
        final,
        blocked or (known.blocked if known and state != DELETING else ""),
    )


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def _failing(conditions: Mapping[str, Mapping[str, Any]], rule: Rule) -> dict[str, Mapping[str, Any]]:
    """The conditions that keep it: what is wrong first; one that is not there yet is empty."""
    found = {name: conditions[name] for name in rule.wrong if _is(conditions.get(name), "True")}
    found |= {
        name: conditions[name]
        for name in rule.unless
        if name in conditions and not _is(conditions[name], "True")
    }
    return found | {
        name: conditions.get(name, {}) for name in rule.done if not _is(conditions.get(name), "True")
    }


def _is(condition: Mapping[str, Any] | None, status: str) -> bool:
    return condition is not None and condition.get("status") == status


def _reason(failing: Mapping[str, Mapping[str, Any]]) -> str:
    """The first reason that is a word, not a sentence."""
    reasons = [str(one.get("reason") or "") for one in failing.values()]
    return next((reason for reason in reasons if reason and " " not in reason), "")


def _words(failing: Mapping[str, Mapping[str, Any]]) -> str:
    """Their messages, and reasons that are sentences: ACK puts there what is wrong."""
    said = [str(one.get("message") or "") for one in failing.values()]
    said += [reason for one in failing.values() if " " in (reason := str(one.get("reason") or ""))]
    return short(dict.fromkeys(said))


def short(said: Sequence[str] | Mapping[str, Any]) -> str:
    """Texts in one line that is not too long."""
    return " ".join(" | ".join(text for text in said if text).split())[:LONGEST]


def _is_new(item: Object, known: Slow) -> bool:
    """Whether it was never ready: what takes minutes to make may be quick to change, or slow."""
    own = field(item, known.state)
    return not known.first or own is None or own in known.first


def _since(item: Object, rule: Rule, failing: Mapping[str, Mapping[str, Any]], known: Slow | None) -> str:
    metadata = item["metadata"]
    if "deletionTimestamp" in metadata:
        return str(metadata["deletionTimestamp"])
    made = str(metadata["creationTimestamp"])
    if rule.renewed and (
        _is_new(item, known) if known else not field(item, "status.ackResourceMetadata.arn")
    ):
        return made
    changed = [str(one["lastTransitionTime"]) for one in failing.values() if one.get("lastTransitionTime")]
    return min(changed, default=made)
