"""Small environments, made of objects written in a test, and what is found in them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from kfaws.generator.check import Finding, Report, check
from kfaws.generator.check.finding import Skipped
from kfaws.generator.check.schemas.crds import CrdFolder
from kfaws.generator.check.world import World
from kfaws.generator.model import Application, Object, RenderedApplication, RenderedEnvironment
from kfaws.generator.scope import Scopes

ANSWERS = {
    "kubernetes_version": "1.35",
    "aws_account_id": "123456789012",
    "aws_region": "us-west-2",
    "cluster_name": "kube-eks-cluster",
    "bucket_name": "kubeflow-artifacts-123456789012-us-west-2",
    "domain": "platform.example.com",
    "environment_name": "kubeflow",
}
ARGO_CD: Object = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "argocd"}}
CLUSTER_WIDE = {
    "aws.m.upbound.io": ["ClusterProviderConfig"],
    "external-secrets.io": ["ClusterSecretStore"],
    "kubeflow.org": ["Profile"],
}
NOT_TESTED = re.compile(r"no schema for (argoproj\.io|kro\.run)/|AppProject/argocd/default")


@dataclass
class Environment:
    """Grows by `application`, then tells what is found."""

    folder: Path
    answers: dict[str, Any] = field(default_factory=lambda: dict(ANSWERS))
    bootstrap: list[Object] = field(default_factory=lambda: [dict(ARGO_CD)])
    applications: list[RenderedApplication] = field(default_factory=list)
    crd_folders: list[CrdFolder] = field(default_factory=list)

    def application(
        self, name: str, text: str, *, wave: int = 10, namespace: str = "kubeflow", **more: Any
    ) -> Environment:
        """Add an Application with the objects of a YAML text."""
        manifest = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": name, "namespace": "argocd"},
            "spec": {"project": "default", "source": {"repoURL": "https://example.com/x.git", "path": name}},
        }
        application = Application(name, "default", wave, namespace, manifest, Path("apps") / f"{name}.yaml")
        objects = [entry for entry in yaml.safe_load_all(text) if entry]
        settled, repeated = Scopes(objects, CLUSTER_WIDE).settle(objects, namespace)
        self.applications.append(
            RenderedApplication(application, tuple(settled), repeated=tuple(repeated), **more)
        )
        return self

    def write(self, name: str, text: str) -> Environment:
        """Add a file to the repository."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return self

    def rendered(self) -> RenderedEnvironment:
        """The environment as `kfaws render` would give it."""
        self.write(".copier-answers.yml", yaml.safe_dump(self.answers))
        return RenderedEnvironment(self.folder, tuple(self.bootstrap), tuple(self.applications))

    def world(self) -> World:
        """The environment, indexed."""
        return World(self.rendered(), self.crd_folders)

    def report(self, *skipped: Skipped) -> Report:
        """What a check says."""
        return check(self.rendered(), self.crd_folders, skipped)

    def findings(self, rule: str) -> list[Finding]:
        """Findings of one rule, or of a family when it ends in a slash.

        Argo CD's and kro's own kinds have no CRD here, and there is no AppProject: no test is about that.
        """
        found = [entry for entry in self.report().findings if entry.rule == rule or _of(rule, entry)]
        return [entry for entry in found if not NOT_TESTED.search(entry.what)]

    def texts(self, rule: str) -> list[str]:
        """What the findings of a rule say."""
        return [found.what for found in self.findings(rule)]


def _of(rule: str, found: Finding) -> bool:
    return rule.endswith("/") and found.rule.startswith(rule)
