"""CRDs that no Application applies: controllers install them when they start."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from kfaws.generator.check.finding import Skipped
from kfaws.generator.check.schemas.crds import CrdFolder, read_yaml
from kfaws.generator.model import Object, RenderedEnvironment
from kfaws.generator.render_cache import RenderCache, key_of
from kfaws.generator.upstream.errors import UpstreamError
from kfaws.generator.upstream.pins import pins
from kfaws.generator.upstream.remote import Remote, remote_of

CROSSPLANE = "crossplane"
CROSSPLANE_REPOSITORY = ("crossplane/crossplane", "cluster/crds")
AWS_PROVIDERS = ("crossplane-contrib/provider-upjet-aws", "package/crds")
AWS_PROVIDER_PACKAGE = "/provider-aws-"
AWS_FAMILY_PACKAGE = "/provider-family-aws"


class Resolver(Protocol):
    """What turns a reference to upstream into a folder; generator.upstream.Upstream is one."""

    def folder(self, remote: Remote) -> Path:
        """The folder, or UpstreamError."""


class _Wanted(NamedTuple):
    repository: str
    ref: str
    path: str
    made_by: str
    any_name: bool = False


class Outside(NamedTuple):
    """What an environment may find in its cluster instead of installing it."""

    answer: str
    """`external` in this answer says so."""
    repository: str
    path: str
    namespace: str
    """Its namespace, or the answer that names it."""


OUTSIDE = (
    Outside(
        "istio_source", "kubeflow/community-distribution", "common/istio/istio-crds/base", "istio-system"
    ),
    Outside(
        "cert_manager_source",
        "kubeflow/community-distribution",
        "common/cert-manager/base/upstream",
        "cert-manager",
    ),
    Outside("argo_cd_source", "argoproj/argo-cd", "manifests/crds", "argo_cd_namespace"),
)


def outside(answers: Mapping[str, Any]) -> Iterator[Outside]:
    """What the cluster has already."""
    yield from (part for part in OUTSIDE if answers.get(part.answer) == "external")


def outside_namespaces(answers: Mapping[str, Any]) -> dict[str, str]:
    """Namespaces of what the cluster has already, with the answer that says so."""
    return {str(answers.get(part.namespace, part.namespace)): part.answer for part in outside(answers)}


def crd_folders(
    environment: RenderedEnvironment,
    answers: Mapping[str, Any],
    resolver: Resolver,
    read: Callable[[bytes], list[Object]] = read_yaml,
) -> tuple[list[CrdFolder], list[Skipped]]:
    """The folders of CRDs that controllers install here, and what could not be had, with the reason."""
    folders, skipped = [], []
    git_base = str(answers.get("git_base") or "https://github.com")
    for wanted in dict.fromkeys([*_wanted(environment), *_outside(answers)]):
        try:
            folder = _folder(wanted, git_base, resolver)
            folders.append(CrdFolder(folder, wanted.made_by, read, wanted.any_name))
        except UpstreamError as error:
            skipped.append(Skipped(f"schemas of the kinds of {wanted.made_by}", str(error), hides_kinds=True))
    return folders, skipped


def cached_reader(cache: RenderCache) -> Callable[[bytes], list[Object]]:
    """Reads a file of CRDs; parses each content once in all runs."""

    def read(content: bytes) -> list[Object]:
        key = key_of(["crds", hashlib.sha256(content).hexdigest()])
        known = cache.read(key)
        if known is None:
            known = read_yaml(content)
            cache.write(key, known)
        return known

    return read


def _folder(wanted: _Wanted, git_base: str, resolver: Resolver) -> Path:
    remote = remote_of(f"{git_base}/{wanted.repository}", wanted.ref, wanted.path)
    if remote is None:
        raise UpstreamError(f"{git_base}/{wanted.repository} is no repository: correct the answer git_base")
    return resolver.folder(remote)


def _outside(answers: Mapping[str, Any]) -> Iterator[_Wanted]:
    for part in outside(answers):
        ref = next(pin.ref for (repository, _), pin in pins().items() if repository == part.repository)
        yield _Wanted(part.repository, ref, part.path, f"{part.answer}: external", any_name=True)


def crossplane_version(source: Object) -> str | None:
    """The git tag of Crossplane that a source installs, by chart or from git; None for other sources."""
    repository = str(source.get("repoURL") or "").removesuffix(".git")
    if source.get("chart") != CROSSPLANE and not repository.endswith(f"/{CROSSPLANE_REPOSITORY[0]}"):
        return None
    return f"v{str(source.get('targetRevision', '')).removeprefix('v')}"


def _wanted(environment: RenderedEnvironment) -> Iterator[_Wanted]:
    for rendered in environment.applications:
        version = crossplane_version(rendered.application.source)
        if version is not None:
            yield _Wanted(CROSSPLANE_REPOSITORY[0], version, CROSSPLANE_REPOSITORY[1], CROSSPLANE)
    for _, manifest in environment.objects:
        if manifest.get("kind") != "Provider" or "crossplane.io" not in str(manifest.get("apiVersion")):
            continue
        package, _, version = str((manifest.get("spec") or {}).get("package")).rpartition(":")
        if AWS_PROVIDER_PACKAGE in package or package.endswith(AWS_FAMILY_PACKAGE):
            yield _Wanted(AWS_PROVIDERS[0], version, AWS_PROVIDERS[1], "Crossplane's AWS providers")
