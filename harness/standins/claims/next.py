"""What comes after a reconciliation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Next:
    """When to look again."""

    after: float | None = None
    """Seconds until the next look; None: at the usual interval."""
    failed: bool = False
    """Whether to wait longer each time."""
    refers: bool = False
    """Whether another object may be what it waits for."""
