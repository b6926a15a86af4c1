"""A rendered repository: Applications, and for each the objects that Argo CD would apply."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Object = dict[str, Any]
"""One Kubernetes object as parsed YAML."""


@dataclass(frozen=True)
class Application:
    """One Argo CD Application, as `kustomize build apps/` yields it."""

    name: str
    project: str
    wave: int
    namespace: str | None
    """Destination namespace of objects that name none."""
    manifest: Object
    """The whole Application object."""
    file: Path
    """The file that declares it, relative to the repository."""

    @property
    def source(self) -> Object:
        """The `spec.source` of the Application."""
        source: Object = self.manifest["spec"]["source"]
        return source


@dataclass(frozen=True)
class RenderedApplication:
    """An Application with the objects that it would apply, or the reason why they cannot be rendered here."""

    application: Application
    objects: tuple[Object, ...] = ()
    not_rendered: str | None = None
    repeated: tuple[str, ...] = ()
    """Objects that the source has more than once; Argo CD applies the last and warns."""


@dataclass(frozen=True)
class RenderedEnvironment:
    """Everything that would be in the cluster after bootstrap and sync."""

    folder: Path
    bootstrap: tuple[Object, ...]
    """Objects of `bootstrap/argocd` and `bootstrap/root`."""
    applications: tuple[RenderedApplication, ...] = field(default=())
    """In the order of apps/kustomization.yaml."""
    bootstrap_not_rendered: tuple[str, ...] = ()
    """The parts of `bootstrap` that cannot be rendered here, each with its reason."""

    @property
    def objects(self) -> list[tuple[RenderedApplication, Object]]:
        """Every object with the Application that owns it, in sync order."""
        return [(a, o) for a in self.applications for o in a.objects]
