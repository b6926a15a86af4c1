"""The untouched environment has no finding; every break has one, of its own rule, that names the cause."""

from __future__ import annotations

from pathlib import Path

import pytest

from kfaws.generator.check import Finding, Report
from kfaws.generator.check.rules import all_rules
from kfaws.generator.commands.check import examine
from kfaws.generator.progress import silent
from tests.mutants import consistency, contents, identity, order, policies, references, schema
from tests.mutants.mutant import Mutant

MUTANTS = tuple(
    mutant
    for table in (schema, references, identity, policies, consistency, order, contents)
    for mutant in table.MUTANTS
)


def test_the_untouched_environment_has_no_finding(untouched: Report) -> None:
    assert [_line(found) for found in untouched.findings] == []
    assert untouched.objects > 1000


def test_what_is_not_checked_is_decisions_short_list(untouched: Report) -> None:
    assert [skipped.phase for skipped in untouched.skipped] == ["objects of Application crossplane"]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: str(mutant.name).replace(" ", "-"))
def test_a_break_is_found_by_its_own_rule(mutant: Mutant, broken: Path, untouched: Report) -> None:
    mutant.apply(broken)
    known = {(found.rule, found.what) for found in untouched.findings}
    found = [f for f in examine(broken, silent()).findings if (f.rule, f.what) not in known]
    caught = [f for f in found if f.rule == mutant.rule and mutant.says in f.what]
    assert caught, "\n".join(["found instead:", *map(_line, found)])
    assert all(f.file and f.why and f.remedy for f in caught)


def test_the_table_has_a_mutant_of_nearly_every_rule() -> None:
    """A rule without a mutant is tested with small environments, in tests/generator/check."""
    without = {rule.id for rule in all_rules()} - {mutant.rule for mutant in MUTANTS}
    assert without == WITHOUT_MUTANT


WITHOUT_MUTANT = {
    "definition/condition",
    "definition/cycle",
    "definition/not-cel",
    "definition/schema",
    "reference/missing-port",
    "identity/two-associations",
    "identity/unused-role",
    "iam/inverted",
    "image/outside-registry",
    "project/too-wide",
    "workload/no-network-policy",
    "consistency/cluster",
}


def _line(found: Finding) -> str:
    return f"{found.rule} {found.file} {found.object}: {found.what}"
