"""What doctor says: one line a thing, ok, missing or unknown, each with the command that mends it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """Whether a thing is as the environment needs it."""

    OK = "ok"
    MISSING = "missing"
    """Not there, or not as the answers say."""
    UNKNOWN = "unknown"
    """Could not be looked at; the line says why."""


@dataclass(frozen=True)
class Line:
    """One line of the report."""

    topic: str
    status: Status
    found: str
    """What was seen, in words."""
    remedy: str | None = None
    """The command that mends it; None where all is well."""

    def to_json(self) -> dict[str, str | None]:
        """Return the line as an object: topic, status, found, remedy."""
        return {
            "topic": self.topic,
            "status": str(self.status),
            "found": self.found,
            "remedy": self.remedy,
        }


def ok(topic: str, found: str) -> Line:
    """Return a line for a thing that is as it should be."""
    return Line(topic, Status.OK, found)


def missing(topic: str, found: str, remedy: str) -> Line:
    """Return a line for a thing that is not there, or not as the answers say."""
    return Line(topic, Status.MISSING, found, remedy)


def unknown(topic: str, found: str, remedy: str) -> Line:
    """Return a line for a thing that could not be looked at."""
    return Line(topic, Status.UNKNOWN, found, remedy)


def judge(topic: str, holds: bool, found: str, remedy: str) -> Line:
    """Return an ok line when `holds`, else a missing one."""
    return ok(topic, found) if holds else missing(topic, found, remedy)


def count(lines: Iterable[Line]) -> dict[Status, int]:
    """Return how many lines there are of each status."""
    totals = dict.fromkeys(Status, 0)
    for line in lines:
        totals[line.status] += 1
    return totals
