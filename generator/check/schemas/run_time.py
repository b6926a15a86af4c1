"""CRDs that no Application applies: controllers install them when they start."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

from kfaws.generator.check.finding import Skipped
from kfaws.generator.check.schemas.crds import CrdFolder, read_yaml
from kfaws.generator.model import Object, RenderedEnvironment
from kfaws.generator.render_cache import RenderCache, key_of
from kfaws.generator.upstream.errors import UpstreamError
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


def crd_folders(
    environment: RenderedEnvironment,
    git_base: str,
    resolver: Resolver,
    read: Callable[[bytes], list[Object]] = read_yaml,
) -> tuple[list[CrdFolder], list[Skipped]]:
    """The folders of CRDs that controllers install here, and what could not be had, with the reason."""
    folders, skipped = [], []
    for wanted in dict.fromkeys(_wanted(environment)):
        try:
            folders.append(CrdFolder(_folder(wanted, git_base, resolver), wanted.made_by, read))
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
