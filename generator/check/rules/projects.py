"""AppProjects: each permits what its Applications apply, and is no open door."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from kfaws.generator.check.finding import Breach, Rule
from kfaws.generator.check.inventory import Item
from kfaws.generator.check.kinds import Key
from kfaws.generator.check.world import World

FORBIDDEN_KIND = Rule(
    "project/forbidden-kind",
    "Argo CD refuses to sync an Application with an object that its AppProject does not permit",
    "add the kind to the AppProject in bootstrap, or move the object",
)
FORBIDDEN_NAMESPACE = Rule(
    "project/forbidden-namespace",
    "Argo CD refuses to sync an object into a namespace that the AppProject does not name",
    "add the namespace to the AppProject's destinations, or move the object",
)
FORBIDDEN_SOURCE = Rule(
    "project/forbidden-source",
    "Argo CD refuses an Application whose repository its AppProject does not name",
    "add the repository to the AppProject's sourceRepos",
)
TOO_WIDE = Rule(
    "project/too-wide",
    "a project that permits everything protects nothing: one merged pull request owns the cluster",
    "name the groups and kinds that the layer's Applications need",
)
Entries = list[dict[str, Any]]


def check(world: World) -> Iterator[Breach]:
    """Every Application against its project, and every project by itself."""
    projects = {item.key.name: item for item in world.inventory.of("argoproj.io", "AppProject")}
    for project in projects.values():
        yield from _width(project)
    for rendered in world.environment.applications:
        of_application = projects.get(rendered.application.project)
        if of_application is not None:
            spec = of_application.manifest.get("spec") or {}
            yield from _sources(world, rendered.application.manifest, spec)
    for item in world.inventory.items:
        if item.rendered and item.application is not None:
            of_item = projects.get(item.application.project)
            if of_item is not None:
                yield from _object(item, of_item)


def _width(project: Item) -> Iterator[Breach]:
    spec = project.manifest.get("spec") or {}
    if any(entry.get("group") == "*" and entry.get("kind") == "*" for entry in _entries(spec, "cluster")):
        yield TOO_WIDE.found(project, "permits every cluster-scoped kind", hint="clusterResourceWhitelist")
    if "*" in (spec.get("sourceRepos") or ()):
        yield TOO_WIDE.found(project, "permits every source repository", hint="sourceRepos")


def _entries(spec: dict[str, Any], scope: str, color: str = "White") -> Entries:
    return spec.get(f"{scope}Resource{color}list") or []


def _sources(world: World, application: dict[str, Any], spec: dict[str, Any]) -> Iterator[Breach]:
    declared = application.get("spec") or {}
    sources = declared.get("sources") or [declared.get("source") or {}]
    item = world.inventory.get(
        "argoproj.io",
        "Application",
        (application.get("metadata") or {}).get("namespace") or "",
        application["metadata"]["name"],
    )
    for source in sources:
        repository = str(source.get("repoURL") or "")
        if not _matches(repository, spec.get("sourceRepos") or ()):
            what = f"source {repository} is not among sourceRepos of AppProject {declared.get('project')}"
            yield FORBIDDEN_SOURCE.found(item, what, hint=repository)


def _matches(value: str, patterns: Iterable[str]) -> bool:
    """Argo CD's globs; a pattern that begins with `!` excludes."""
    patterns = list(patterns)
    if any(fnmatchcase(value, pattern[1:]) for pattern in patterns if pattern.startswith("!")):
        return False
    return any(fnmatchcase(value, pattern) for pattern in patterns)


def _object(item: Item, project: Item) -> Iterator[Breach]:
    spec = project.manifest.get("spec") or {}
    key = item.key
    if not _permits(key, spec):
        what = f"AppProject {project.key.name} does not permit {_kind(key)}"
        yield FORBIDDEN_KIND.found(item, what, remedy=f"permit {_kind(key)} in AppProject {project.key.name}")
    namespaces = [str(entry.get("namespace") or "") for entry in spec.get("destinations") or ()]
    if key.namespace and "${" not in key.namespace and not _matches(key.namespace, namespaces):
        what = f"AppProject {project.key.name} does not permit namespace {key.namespace}"
        yield FORBIDDEN_NAMESPACE.found(item, what, hint=key.namespace)


def _kind(key: Key) -> str:
    return f"{key.kind}.{key.group}" if key.group else key.kind


def _permits(key: Key, spec: dict[str, Any]) -> bool:
    """As Argo CD: cluster-scoped kinds must be listed, namespaced ones are listed or no list is given."""
    namespaced = bool(key.namespace)
    scope = "namespace" if namespaced else "cluster"
    if _listed(key, _entries(spec, scope, "Black")):
        return False
    if namespaced and "namespaceResourceWhitelist" not in spec:
        return True
    return _listed(key, _entries(spec, scope))


def _listed(key: Key, entries: Entries) -> bool:
    return any(
        fnmatchcase(key.group, str(entry.get("group") or ""))
        and fnmatchcase(key.kind, str(entry.get("kind") or ""))
        for entry in entries
    )
