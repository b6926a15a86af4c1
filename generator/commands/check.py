"""`kfaws check`: everything that would go wrong in the cluster or the account, found before the sync."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table

from kfaws.generator.check.engine import check
from kfaws.generator.check.finding import Report
from kfaws.generator.check.rules import all_rules
from kfaws.generator.check.schemas.run_time import cached_reader, crd_folders
from kfaws.generator.check.world import read_answers
from kfaws.generator.progress import Reporter
from kfaws.generator.render import render
from kfaws.generator.render_cache import RenderCache
from kfaws.generator.upstream.resolver import Upstream


def command(
    folder: Annotated[Path, typer.Argument(help="A generated repository.")] = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    list_rules: Annotated[bool, typer.Option("--rules", help="Only list the rules.")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="With --rules: as a page.")] = False,
) -> None:
    """Render a repository and hold every object against all rules; exit with 1 when something is found."""
    if list_rules:
        if as_markdown:
            typer.echo(rules_page(), nl=False)
        else:
            _list_rules()
        return
    report = examine(folder, Reporter())
    if as_json:
        typer.echo(_json(report))
    else:
        _show(report)
    if not report.clean:
        raise typer.Exit(1)


def examine(folder: Path, reporter: Reporter) -> Report:
    """Render and check one repository."""
    answers = read_answers(folder)
    upstream = Upstream(reporter.say)
    environment = render(folder, reporter, upstream=upstream)
    read = cached_reader(RenderCache(reporter.say))
    folders, skipped = crd_folders(environment, answers, upstream, read)
    return check(environment, folders, skipped)


def _json(report: Report) -> bytes:
    return orjson.dumps(
        {
            "findings": [finding.as_dict() for finding in report.findings],
            "skipped": [{"phase": skipped.phase, "reason": skipped.reason} for skipped in report.skipped],
            "objects": report.objects,
        },
        option=orjson.OPT_INDENT_2,
    )


def _show(report: Report) -> None:
    console = Console(highlight=False, soft_wrap=not Console().is_terminal)
    if report.findings:
        console.print(_findings(report), markup=False)
    for reason, phases in _by_reason(report).items():
        console.print(f"skipped: {', '.join(phases)}: {reason}", markup=False)
    count = len(report.findings)
    found = f"{count or 'no'} finding{'' if count == 1 else 's'}"
    console.print(f"{report.objects} objects checked, {found}", markup=False)


def _by_reason(report: Report) -> dict[str, list[str]]:
    """What was skipped, gathered by its reason: one missing repository hides many Applications."""
    gathered: dict[str, list[str]] = {}
    for skipped in report.skipped:
        gathered.setdefault(skipped.reason, []).append(skipped.phase)
    return gathered


def _findings(report: Report) -> Table:
    table = Table(header_style="bold", show_lines=True)
    for title in ("file and object", "what", "why it matters, and the remedy"):
        table.add_column(title, overflow="fold")
    for finding in report.findings:
        where = "\n".join(part for part in (finding.file, finding.object, finding.rule) if part)
        table.add_row(where, finding.what, f"{finding.why}\n-> {finding.remedy}")
    return table


def _list_rules() -> None:
    table = Table(box=None, header_style="bold")
    for title in ("rule", "why it matters", "remedy"):
        table.add_column(title, overflow="fold")
    for rule in all_rules():
        table.add_row(rule.id, rule.why, rule.remedy)
    Console(highlight=False).print(table, markup=False)


def rules_page() -> str:
    """The reference page of all rules; docs/reference/check.md is this."""
    lines = [
        "# Rules of `kfaws check`",
        "",
        "Written by `kfaws check --rules --markdown`. A finding names the file, the object, what is wrong,",
        "why it matters and what mends it; with `--json` the same for a script.",
        "",
        "| Rule | Why it matters | Remedy |",
        "|---|---|---|",
        *(f"| `{rule.id}` | {rule.why} | {rule.remedy} |" for rule in all_rules()),
    ]
    return "\n".join(lines) + "\n"
