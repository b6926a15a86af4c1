"""What a check has against an environment, as lines."""

from __future__ import annotations

from kfaws.generator.check import Report
from kfaws.generator.render import not_rendered_list

KNOWN = {f"objects of Application {name}" for name in not_rendered_list()}
"""The short list of what cannot be rendered here."""


def lines(report: Report) -> list[str]:
    """Every finding, and all that was not looked at beyond what is known."""
    return [f"{found.file} {found.object}: {found.what} [{found.rule}]" for found in report.findings] + [
        f"{skipped.phase}: {skipped.reason}" for skipped in report.skipped if skipped.phase not in KNOWN
    ]
