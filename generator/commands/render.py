"""`kfaws render`: the objects that Argo CD would apply."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import orjson
import typer

from kfaws.generator.cache import whole_folder
from kfaws.generator.errors import KfawsError
from kfaws.generator.manifests import dump
from kfaws.generator.model import Object, RenderedEnvironment
from kfaws.generator.progress import Reporter
from kfaws.generator.render import render


def command(
    folder: Annotated[Path, typer.Argument(help="A generated repository.")],
    application: Annotated[str | None, typer.Option(help="Only this Application.")] = None,
    output: Annotated[
        str | None, typer.Option(help="A new folder for one file an Application, or `-` for YAML on stdout.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Everything as one JSON document.")] = False,
) -> None:
    """Render exactly the objects that Argo CD would apply; without --output or --json, count them."""
    environment = render(folder, Reporter(), application)
    if output not in (None, "-"):
        _write(environment, Path(output), as_json)
    elif as_json:
        typer.echo(_json(environment))
    elif output == "-":
        typer.echo(dump(_all_objects(environment, application)), nl=False)
    else:
        _summary(environment)


def _all_objects(environment: RenderedEnvironment, application: str | None) -> Iterable[Object]:
    if application is None:
        yield from environment.bootstrap
    for _, item in environment.objects:
        yield item


def _json(environment: RenderedEnvironment) -> bytes:
    applications = [
        {
            "name": item.application.name,
            "wave": item.application.wave,
            "namespace": item.application.namespace,
            "notRendered": item.not_rendered,
            "repeated": item.repeated,
            "objects": item.objects,
        }
        for item in environment.applications
    ]
    bootstrap = {"objects": environment.bootstrap, "notRendered": environment.bootstrap_not_rendered}
    return orjson.dumps({"bootstrap": bootstrap, "applications": applications})


def _write(environment: RenderedEnvironment, target: Path, as_json: bool) -> None:
    """Write all files or none."""
    if target.exists():
        raise KfawsError(f"{target} exists: name a folder that does not")
    with whole_folder(target.absolute()) as partial:
        if as_json:
            (partial / "environment.json").write_bytes(_json(environment))
            return
        (partial / "bootstrap.yaml").write_text(dump(environment.bootstrap))
        for item in environment.applications:
            if not item.not_rendered:
                (partial / f"{item.application.name}.yaml").write_text(dump(item.objects))


def _summary(environment: RenderedEnvironment) -> None:
    width = max(map(len, ["application", *(item.application.name for item in environment.applications)]))
    print(f"{'wave':>4}  {'application':<{width}}  objects")
    print(f"{'':>4}  {'(by hand)':<{width}}  {len(environment.bootstrap):>7}")
    for missing in environment.bootstrap_not_rendered:
        print(f"not rendered: {missing}")
    reasons: dict[str, list[str]] = {}
    for item in environment.applications:
        counted = "-" if item.not_rendered else str(len(item.objects))
        note = f"  more than once: {', '.join(item.repeated)}" if item.repeated else ""
        print(f"{item.application.wave:>4}  {item.application.name:<{width}}  {counted:>7}{note}")
        if item.not_rendered:
            reasons.setdefault(item.not_rendered, []).append(item.application.name)
    for reason, names in reasons.items():
        print(f"not rendered: {', '.join(names)}: {reason}")
