"""What Argo CD does with one source: kustomize, Helm or a folder of manifests."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kfaws.generator import charts, directories
from kfaws.generator.errors import KfawsError
from kfaws.generator.kustomization import kustomization_file
from kfaws.generator.manifests import parse_built
from kfaws.generator.model import Object
from kfaws.generator.programs import Program, helm
from kfaws.generator.repository import Repository
from kfaws.generator.run import run
from kfaws.generator.staging import Stage, read_reference
from kfaws.generator.upstream.errors import UpstreamError
from kfaws.generator.upstream.remote import Remote, remote_of
from kfaws.generator.upstream.resolver import Upstream


@dataclass(frozen=True)
class Source:
    """A folder to render: of the repository, or of an upstream one."""

    name: str
    """Of the Application; of the folder for what is applied by hand."""
    folder: Path
    """Relative to the repository, when `remote` is None."""
    remote: Remote | None
    options: dict[str, Any]
    """The Application's `spec.source`, empty for what is applied by hand."""
    namespace: str
    kube_version: str

    def inputs(self, repository: Repository, upstream: Upstream, kubectl: Program) -> Any:
        """All that the result depends on, for a cache key. Raises UpstreamError for a ref nobody knows."""
        parts: dict[str, Any] = {"name": self.name, "options": self.options, "namespace": self.namespace}
        parts["kubernetes"] = self.kube_version
        if self.remote:
            parts["upstream"] = [str(self.remote), upstream.identity(upstream.pin(self.remote))]
        else:
            closure = repository.closure(self.folder)
            parts["files"] = [repository.digest(folder) for folder in sorted(closure)]
            remotes = [read_reference(entry) for entries in closure.values() for entry in entries]
            parts["upstream"] = [[str(remote), upstream.identity(upstream.pin(remote))] for remote in remotes]
        # Which refs upstream repositories make of each other depends on all pins and on the whole mirror.
        parts["pins"] = upstream.digest if parts["upstream"] else ""
        parts["program"] = helm().identity if "helm" in self.options else kubectl.identity
        return parts

    def remotes(self, repository: Repository) -> list[Remote]:
        """Every upstream folder that the source names itself."""
        if self.remote:
            return [self.remote]
        return [
            read_reference(entry) for entries in repository.closure(self.folder).values() for entry in entries
        ]

    def build(self, stage: Stage, kubectl: Program) -> list[Object]:
        """Render it. Raises UpstreamError without upstream, KfawsError when the source is wrong."""
        folder = stage.upstream(self.remote) if self.remote else stage.folder(self.folder)
        if not folder.is_dir():
            raise KfawsError(f"the folder {self.folder} does not exist")
        if "helm" in self.options or (folder / "Chart.yaml").is_file():
            options = self.options.get("helm", {})
            return charts.template(folder, options, self.name, self.namespace, self.kube_version)
        if kustomization_file(folder) and "directory" not in self.options:
            if self.options.get("kustomize"):
                raise KfawsError("spec.source.kustomize is not supported: put it into the kustomization")
            # With Go's defaults a third of a build is garbage collection, which a short process need not do.
            environment = {"GOGC": "off", "GOMEMLIMIT": "400MiB", **os.environ}
            printed = run([kubectl.path, "kustomize", folder], env=environment).stdout.decode()
            return parse_built(printed, f"what kustomize made of {self.folder}")
        return directories.read(folder, self.options.get("directory", {}))


def source_of(manifest: Object, repository: Repository) -> Source:
    """The source of an Application. Raises UpstreamError for a source that cannot be rendered here."""
    spec = manifest["spec"]
    name, options = manifest["metadata"]["name"], spec.get("source")
    if options is None:
        raise KfawsError(f"Application {name} has no spec.source: several sources are not supported")
    if "chart" in options:
        raise UpstreamError(f"chart {options['chart']} is served by a chart repository, not by git")
    url, path = options["repoURL"], options.get("path", ".")
    remote = None
    if not repository.owns(url):
        remote = remote_of(url, options.get("targetRevision", "HEAD"), path)
        if remote is None:
            raise UpstreamError(f"{url} is not a repository as <base>/<owner>/<name>")
    return Source(
        name=name,
        folder=Path(path),
        remote=remote,
        options=options,
        namespace=spec["destination"].get("namespace") or "default",
        kube_version=repository.kubernetes_version,
    )
