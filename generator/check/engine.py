"""Runs all rules over a rendered environment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kfaws.generator.check.finding import Breach, Finding, Report, Skipped
from kfaws.generator.check.locate import Locator
from kfaws.generator.check.rules import FAMILIES
from kfaws.generator.check.schemas.crds import CrdFolder
from kfaws.generator.check.world import World
from kfaws.generator.model import RenderedEnvironment


def check(
    environment: RenderedEnvironment,
    crd_folders: Iterable[CrdFolder] = (),
    skipped: Iterable[Skipped] = (),
) -> Report:
    """All findings of an environment; `skipped` are phases that its caller could not prepare."""
    world = World(environment, crd_folders, skipped)
    locator = Locator(environment.folder)
    breaches = [breach for family in FAMILIES for breach in family.check(world)]
    findings = {_finding(breach, count, locator): None for breach, count in _together(breaches)}
    return Report(
        findings=tuple(sorted(findings)),
        skipped=tuple(world.skipped),
        objects=len(world.inventory.items),
    )


def _together(breaches: Iterable[Breach]) -> Iterator[tuple[Breach, int]]:
    """One breach for all of one Application that say the same of different objects, and their number."""
    groups: dict[tuple[str, str, str, str], list[Breach]] = {}
    for breach in breaches:
        application = breach.item.source.application if breach.item else None
        key = (breach.rule.id, application.name if application else "", breach.what, breach.file)
        groups.setdefault(key, []).append(breach)
    for group in groups.values():
        yield group[0], len({breach.item for breach in group})


def _finding(breach: Breach, count: int, locator: Locator) -> Finding:
    item = breach.item
    others = f" (and {count - 1} more objects of this Application)" if count > 1 else ""
    application = item.source.application if item else None
    return Finding(
        file=breach.file or locator.file_of(item, breach.hint),
        object=str(item.key) if item else "",
        rule=breach.rule.id,
        what=breach.what + others,
        why=breach.rule.why,
        remedy=breach.remedy,
        application=application.name if application else "",
    )
