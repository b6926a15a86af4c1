"""Runs all rules over a rendered environment."""

from __future__ import annotations

from collections.abc import Iterable

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
    world = World(environment, crd_folders)
    locator = Locator(environment.folder)
    findings = {_finding(breach, locator): None for family in FAMILIES for breach in family.check(world)}
    missing = [
        Skipped(f"objects of Application {rendered.application.name}", rendered.not_rendered)
        for rendered in environment.applications
        if rendered.not_rendered
    ]
    return Report(
        findings=tuple(sorted(findings)),
        skipped=(*skipped, *missing),
        objects=len(world.inventory.items),
    )


def _finding(breach: Breach, locator: Locator) -> Finding:
    item = breach.item
    application = item.source.application if item else None
    return Finding(
        file=breach.file or locator.file_of(item, breach.hint),
        object=str(item.key) if item else "",
        rule=breach.rule.id,
        what=breach.what,
        why=breach.rule.why,
        remedy=breach.remedy,
        application=application.name if application else "",
    )
