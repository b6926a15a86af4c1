"""A repository to the objects that Argo CD would apply: cached, in parallel, by the real programs."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kfaws.generator.building import Builder, Outcome
from kfaws.generator.errors import KfawsError
from kfaws.generator.model import Application, Object, RenderedApplication, RenderedEnvironment
from kfaws.generator.progress import Reporter
from kfaws.generator.repository import Repository
from kfaws.generator.scope import Scopes
from kfaws.generator.sources import Source, source_of
from kfaws.generator.upstream.errors import UpstreamError
from kfaws.generator.upstream.resolver import Upstream

BOOTSTRAP = (Path("bootstrap/argocd"), Path("bootstrap/root"))
APPLICATIONS = Path("apps")
NOT_RENDERED = Path(__file__).parent / "not_rendered.yaml"
WAVE = "argocd.argoproj.io/sync-wave"


def render(
    folder: Path, reporter: Reporter, only: str | None = None, upstream: Upstream | None = None
) -> RenderedEnvironment:
    """Render the whole environment, or with `only` keep one Application of it.

    A caller that needs `upstream` for more gives its own: what failed once is then not tried again.
    Raises KfawsError when a source is wrong; what upstream cannot give here is said in `not_rendered`.
    """
    with _collector_off():
        builder = Builder(Repository(folder), upstream or Upstream(reporter.say), reporter)
        return _Renderer(builder).environment(only)


@contextmanager
def _collector_off() -> Iterator[None]:
    """Hundreds of thousands of objects that all stay: the cycle collector would walk them again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Renderer:
    def __init__(self, builder: Builder) -> None:
        self._repository = builder.repository
        self._builder = builder

    def environment(self, only: str | None) -> RenderedEnvironment:
        """Applications first, for they say what else there is."""
        listed = self._builder.build([self._applied_by_hand(APPLICATIONS)], "reading apps/")[0]
        _raise_failures([(str(APPLICATIONS), listed)], None)
        manifests = [item for item in listed.objects if item["kind"] == "Application"]
        applications = [_application(manifest, self._repository) for manifest in manifests]
        positions = self._repository.positions(APPLICATIONS)
        applications.sort(key=lambda application: positions.get(application.file.name, len(positions)))
        if only and only not in {application.name for application in applications}:
            choices = ", ".join(application.name for application in applications)
            raise KfawsError(f"there is no Application {only}: choose one of {choices}")
        by_hand = [
            self._applied_by_hand(path) for path in BOOTSTRAP if (self._repository.folder / path).is_dir()
        ]
        sources = [_source_or_reason(application, self._repository) for application in applications]
        outcomes = self._builder.build([*by_hand, *sources], "rendering")
        bootstrap, rendered = outcomes[: len(by_hand)], outcomes[len(by_hand) :]
        names = [source.name for source in by_hand] + [application.name for application in applications]
        _raise_failures(list(zip(names, outcomes, strict=True)), only)
        scopes = Scopes((item for outcome in outcomes for item in outcome.objects), not_rendered_scopes())
        kept = [_settled(*pair, scopes) for pair in zip(applications, rendered, strict=True)]
        return RenderedEnvironment(
            folder=self._repository.folder,
            bootstrap=tuple(item for outcome in bootstrap for item in outcome.objects),
            bootstrap_not_rendered=tuple(
                f"{source.name}: {outcome.not_rendered}"
                for source, outcome in zip(by_hand, bootstrap, strict=True)
                if outcome.not_rendered
            ),
            applications=tuple(item for item in kept if only in (None, item.application.name)),
        )

    def _applied_by_hand(self, folder: Path) -> Source:
        return Source(str(folder), folder, None, {}, "", self._repository.kubernetes_version)


def _application(manifest: Object, repository: Repository) -> Application:
    metadata, spec = manifest["metadata"], manifest["spec"]
    return Application(
        name=metadata["name"],
        project=spec["project"],
        wave=int(metadata.get("annotations", {}).get(WAVE, "0")),
        namespace=spec["destination"].get("namespace"),
        manifest=manifest,
        file=repository.declaring_file(APPLICATIONS, metadata["name"]),
    )


def _source_or_reason(application: Application, repository: Repository) -> Source | str:
    try:
        return source_of(application.manifest, repository)
    except UpstreamError as error:
        return str(error)


def _raise_failures(named: list[tuple[str, Outcome]], only: str | None) -> None:
    failures = [(name, o.failed) for name, o in named if o.failed and only in (None, name)]
    if failures:
        name, error = failures[0]
        others = (
            f" (and {len(failures) - 1} more: {', '.join(n for n, _ in failures[1:])})"
            if failures[1:]
            else ""
        )
        raise KfawsError(f"{name} cannot be rendered: {error}{others}") from error


def _settled(application: Application, outcome: Outcome, scopes: Scopes) -> RenderedApplication:
    objects, repeated = scopes.settle(outcome.objects, application.namespace)
    listed = not_rendered_list().get(application.name)
    # With upstream at hand a listed Application is rendered like any other.
    reason = str(listed["reason"]) if listed and outcome.not_rendered else outcome.not_rendered
    return RenderedApplication(application, tuple(objects), reason, tuple(repeated))


@cache
def not_rendered_list() -> dict[str, dict[str, Any]]:
    """The reviewed list of Applications that are not rendered here: `reason` and `cluster_scoped` kinds."""
    listed: dict[str, dict[str, Any]] = yaml.load(NOT_RENDERED.read_bytes(), Loader=yaml.CSafeLoader)
    return listed


def not_rendered_scopes() -> dict[str, list[str]]:
    """The cluster-wide kinds, by API group, that Applications of that list bring."""
    scopes: dict[str, list[str]] = {}
    for entry in not_rendered_list().values():
        for group, kinds in entry.get("cluster_scoped", {}).items():
            scopes.setdefault(group, []).extend(kinds)
    return scopes
