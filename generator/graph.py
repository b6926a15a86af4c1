"""The architecture of an environment as a mermaid flowchart, drawn from its rendered objects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from kfaws.generator.model import Object, RenderedEnvironment

AWS_OF_GROUP = {
    "rds.services.k8s.aws": ("rds", "RDS"),
    "s3.services.k8s.aws": ("s3", "S3"),
    "efs.services.k8s.aws": ("efs", "EFS"),
    "fsx.aws.m.upbound.io": ("fsx", "FSx for Lustre"),
    "cognitoidp.aws.m.upbound.io": ("cognito", "Cognito"),
    "acm.services.k8s.aws": ("acm", "ACM"),
    "route53.services.k8s.aws": ("route53", "Route 53"),
    "kms.services.k8s.aws": ("kms", "KMS"),
    "cloudwatchlogs.services.k8s.aws": ("cloudwatch", "CloudWatch Logs"),
}
"""The AWS service behind each API group of ACK and Crossplane that definitions use."""


@dataclass(frozen=True)
class Edge:
    """An arrow, with the words on it."""

    source: str
    target: str
    label: str = ""


class Facts:
    """What the rendered objects say about an environment's parts."""

    def __init__(self, environment: RenderedEnvironment) -> None:
        self.objects = [(owner.application, item) for owner, item in environment.objects]
        self.applications = {owner.application.name for owner in environment.applications}
        self.kubeflow = sorted(
            owner.application.name
            for owner in environment.applications
            if owner.application.project == "kubeflow"
            and (owner.not_rendered or any(item["kind"] == "Deployment" for item in owner.objects))
        )
        self.templates = [
            resource["template"]
            for item in self.of_kind("ResourceGraphDefinition")
            for resource in item["spec"].get("resources", [])
            if "template" in resource
        ]
        self.groups = {template["apiVersion"].partition("/")[0] for template in self.templates}

    def of_kind(self, kind: str) -> list[Object]:
        """Every object of one kind."""
        return [item for _, item in self.objects if item["kind"] == kind]

    def has(self, kind: str, name: str = "") -> bool:
        """Whether a kind, or one object of it, is rendered."""
        return any(not name or item["metadata"]["name"] == name for item in self.of_kind(kind))

    def makes(self, kind: str) -> bool:
        """Whether a definition makes objects of a kind."""
        return any(template["kind"] == kind for template in self.templates)

    def speak_of(self, text: str) -> list[str]:
        """Kubeflow's Applications whose workloads name a text."""
        return sorted(
            {
                application.name
                for application, item in self.objects
                if application.name in self.kubeflow
                and item["kind"] == "Deployment"
                and text in json.dumps(item)
            }
        )


def mermaid(environment: RenderedEnvironment) -> str:
    """The flowchart: nodes of AWS and of the cluster, then the arrows, in a fixed order."""
    facts = Facts(environment)
    edges = [*_login(facts), *_data(facts), *_claims(facts)]
    lines = ["flowchart LR", "  browser([browser])"]
    lines += _box("aws", "AWS", _aws(edges))
    lines += _box("kubeflow", "Kubeflow", {name: name for name in facts.kubeflow})
    lines += [f"  {edge.source} {_arrow(edge)} {edge.target}" for edge in dict.fromkeys(edges)]
    return "\n".join(lines) + "\n"


def _box(name: str, title: str, nodes: dict[str, str]) -> list[str]:
    if not nodes:
        return []
    inside = [f"    {node}[{title_of}]" for node, title_of in nodes.items()]
    return [f"  subgraph {name} [{title}]", *inside, "  end"]


def _arrow(edge: Edge) -> str:
    return f"-- {edge.label} -->" if edge.label else "-->"


def _aws(edges: list[Edge]) -> dict[str, str]:
    """The services that an arrow touches, with their names."""
    touched = {name for edge in edges for name in (edge.source, edge.target)}
    names = {**dict(AWS_OF_GROUP.values()), "alb": "ALB", "secretsmanager": "Secrets Manager"}
    return {name: title for name, title in sorted(names.items()) if name in touched}


def _login(facts: Facts) -> Iterator[Edge]:
    if facts.makes("Ingress"):
        yield Edge("browser", "route53")
        yield Edge("route53", "alb")
        yield Edge("alb", "gateway", "token" if "gateway-authentication" in facts.applications else "")
    else:
        yield Edge("browser", "gateway", "port-forward")
    if "gateway-authentication" in facts.applications:
        yield Edge("alb", "cognito", "log-in")
    if "oauth2-proxy" in facts.applications:
        yield Edge("gateway", "oauth2-proxy", "log-in")
        yield Edge("oauth2-proxy", "dex" if "dex" in facts.applications else "cognito")
    yield Edge("gateway", "kubeflow", "kubeflow-userid")


def _data(facts: Facts) -> Iterator[Edge]:
    for name in facts.speak_of("database-endpoint"):
        yield Edge(name, "rds", "metadata")
    if "database-users" in facts.applications:
        yield Edge("database-users", "rds", "schemas and users")
    for name in facts.speak_of(".amazonaws.com"):
        yield Edge(name, "s3", "artifacts")
    classes = {item.get("provisioner") for item in [*facts.of_kind("StorageClass"), *facts.templates]}
    for driver, service in (("efs.csi.aws.com", "efs"), ("fsx.csi.aws.com", "fsx")):
        if driver in classes:
            yield Edge("teams", service, "volumes")
    if any("provider" in store["spec"] for store in facts.of_kind("ClusterSecretStore")):
        yield Edge("external-secrets", "secretsmanager", "passwords")
    if "log-collector" in facts.applications:
        yield Edge("log-collector", "cloudwatch", "pod logs")


def _claims(facts: Facts) -> Iterator[Edge]:
    yield Edge("argo-cd", "claims", "syncs")
    yield Edge("argo-cd", "kubeflow", "syncs")
    for group, (service, _) in AWS_OF_GROUP.items():
        if group in facts.groups:
            controller = "crossplane" if group.endswith(".upbound.io") else "ack"
            yield Edge("claims", controller, "kro")
            yield Edge(controller, service)
