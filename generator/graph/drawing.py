"""Facts to a flowchart: the nodes, the boxes around them and the arrows, always in the same order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kfaws.generator.check.world import World
from kfaws.generator.graph.facts import EFS_DRIVER, Facts
from kfaws.generator.model import RenderedEnvironment

BOX = ('["', '"]')
STORE = ('[("', '")]')
Label = Callable[[Facts], str | None]
"""Gives the text of a node, or None where an environment does not have it."""
Presence = Callable[[Facts], bool]


@dataclass(frozen=True)
class Node:
    """One part of the architecture."""

    name: str
    label: Label
    shape: tuple[str, str] = BOX


@dataclass(frozen=True)
class Edge:
    """An arrow; it is drawn where both its ends are and its own condition holds."""

    source: str
    target: str
    text: str = ""
    present: Presence = lambda facts: True

    def line(self) -> str:
        """The arrow in mermaid."""
        arrow = f"-- {self.text} -->" if self.text else "-->"
        return f"  {self.source} {arrow} {self.target}"


def mermaid(environment: RenderedEnvironment) -> str:
    """The flowchart of an environment."""
    return "\n".join(_lines(Facts(World(environment)))) + "\n"


def _application(text: str, *names: str) -> Label:
    return lambda facts: text if facts.has_application(*names) else None


def _store(text: str, present: Presence) -> Label:
    return lambda facts: text if present(facts) else None


def _named(service: str, find: Callable[[Facts], str | None]) -> Label:
    def label(facts: Facts) -> str | None:
        name = find(facts)
        return f"{service}<br>{name}" if name else None

    return label


def _database(facts: Facts) -> str | None:
    made = facts.spec("rds.services.k8s.aws", "DBInstance", "dbInstanceIdentifier")
    given = facts.data("database-endpoint", "host")
    if made:
        return f"RDS for MySQL<br>{made}"
    return f"MySQL<br>{given}" if given else None


def _pool(facts: Facts) -> str | None:
    return facts.spec("claims.kubeflow-aws.dev", "UserPool", "name") or facts.data("user-pool", "id")


def _has_efs(facts: Facts) -> bool:
    return EFS_DRIVER in facts.provisioners or facts.first("efs.services.k8s.aws", "FileSystem") is not None


def _has_fsx(facts: Facts) -> bool:
    claimed = facts.first("fsx.aws.m.upbound.io", "LustreFileSystem") is not None
    return claimed or facts.data("lustre-file-system", "fileSystemId") is not None


def _in_database(application: str) -> Presence:
    return lambda facts: _database(facts) is not None and facts.mentions(application, "database-endpoint")


def _in_bucket(facts: Facts) -> bool:
    return facts.bucket is not None and facts.mentions("pipelines", facts.bucket)


def _own_store(facts: Facts) -> bool:
    return facts.has_application("pipelines") and not _in_bucket(facts)


def _own_database(application: str) -> Presence:
    return lambda facts: facts.has_application(application) and not _in_database(application)(facts)


AWS = (
    Node("dns", _named("Route 53", lambda facts: facts.dashboard_host)),
    Node("certificate", lambda facts: "ACM certificate" if facts.ingresses else None),
    Node("alb", _named("ALB", lambda facts: facts.ingress_says("load-balancer-name"))),
    Node("pool", _named("Cognito", _pool)),
    Node("database", _database, STORE),
    Node("bucket", _named("S3", lambda facts: facts.bucket), STORE),
    Node("key", _store("KMS key", lambda facts: facts.first("kms.services.k8s.aws", "Key") is not None)),
    Node("efs", _store("EFS", _has_efs), STORE),
    Node("fsx", _store("FSx for Lustre", _has_fsx), STORE),
    Node("secrets", _application("Secrets Manager", "secret-stores")),
    Node("logs", _application("CloudWatch Logs", "log-collector")),
    Node("metrics", _application("CloudWatch metrics", "metrics-collector")),
)
CONTROLLERS = (
    Node("kro", _application("kro", "kro")),
    Node("ack", _application("ACK", "ack-iam")),
    Node("crossplane", _application("Crossplane", "crossplane")),
    Node("external-secrets", _application("External Secrets", "external-secrets")),
    Node(
        "load-balancer-controller", _application("Load Balancer Controller", "aws-load-balancer-controller")
    ),
    Node("efs-driver", _application("EFS CSI driver", "efs-csi-driver")),
    Node("fsx-driver", _application("FSx CSI driver", "fsx-csi-driver")),
    Node("cert-manager", _application("cert-manager", "cert-manager")),
    Node("device-plugin", _application("NVIDIA device plugin", "device-plugin")),
    Node("log-collector", _application("Log collector", "log-collector")),
    Node("metrics-collector", _application("Metrics collector", "metrics-collector")),
)
ENTRANCE = (
    Node("gateway", lambda facts: "Istio ingress gateway"),
    Node("oauth2-proxy", _application("oauth2-proxy", "oauth2-proxy")),
    Node("dex", _application("Dex", "dex")),
)
KUBEFLOW = (
    Node("dashboard", _application("Dashboard", "central-dashboard")),
    Node("pipelines", _application("Pipelines", "pipelines")),
    Node("katib", _application("Katib", "katib")),
    Node("notebooks", _application("Notebooks", "notebook-controller")),
    Node("volumes", _application("Volumes", "volumes-web-app")),
    Node("tensorboards", _application("TensorBoards", "tensorboard-controller")),
    Node("trainer", _application("Trainer", "trainer")),
    Node("training-operator", _application("Training Operator", "training-operator")),
    Node("kserve", _application("KServe", "kserve")),
    Node("spark", _application("Spark", "spark-operator")),
    Node("mysql", _store("MySQL", _own_database("pipelines")), STORE),
    Node("katib-mysql", _store("MySQL of Katib", _own_database("katib")), STORE),
    Node("seaweedfs", _store("SeaweedFS", _own_store), STORE),
)
EDGES = (
    Edge("people", "dns"),
    Edge("people", "gateway", "port-forward", lambda facts: not facts.ingresses),
    Edge("dns", "alb"),
    Edge("certificate", "alb"),
    Edge("alb", "pool", "log-in", lambda facts: facts.ingress_says("auth-type") == "cognito"),
    Edge("alb", "gateway"),
    Edge("gateway", "oauth2-proxy", "log-in"),
    Edge("oauth2-proxy", "pool"),
    Edge("oauth2-proxy", "dex"),
    Edge("gateway", "kubeflow"),
    Edge("kubeflow", "teams"),
    Edge("pipelines", "database", "metadata", _in_database("pipelines")),
    Edge("pipelines", "mysql", "metadata"),
    Edge("katib", "database", "metadata", _in_database("katib")),
    Edge("katib", "katib-mysql", "metadata"),
    Edge("pipelines", "bucket", "artifacts", _in_bucket),
    Edge("pipelines", "seaweedfs", "artifacts"),
    Edge("teams", "bucket", "artifacts", lambda facts: facts.defines("default-editor") or _in_bucket(facts)),
    Edge("teams", "efs", "shared volume", lambda facts: facts.defines('"storageClassName":"efs"')),
    Edge("teams", "fsx", "training data", lambda facts: facts.defines("fsx.csi.aws.com")),
    Edge("fsx", "bucket", "linked to", lambda facts: facts.defines("DataRepositoryAssociation")),
    Edge("key", "bucket"),
    Edge("git", "argo-cd"),
    Edge("argo-cd", "controllers"),
    Edge("argo-cd", "kubeflow"),
    Edge("kro", "teams"),
    Edge("kro", "ack"),
    Edge("kro", "crossplane"),
    Edge("ack", "aws", "makes"),
    Edge("crossplane", "pool", "makes", lambda facts: "pool" not in facts.external),
    Edge("crossplane", "fsx", "makes", lambda facts: "fsx" not in facts.external),
    Edge("external-secrets", "secrets"),
    Edge("load-balancer-controller", "alb"),
    Edge("efs-driver", "efs"),
    Edge("fsx-driver", "fsx"),
    Edge("log-collector", "logs"),
    Edge("metrics-collector", "metrics"),
)


def _lines(facts: Facts) -> Iterator[str]:
    answers = facts.answers
    aws, controllers, entrance, kubeflow = (
        [(node, text) for node in nodes if (text := node.label(facts))]
        for nodes in (AWS, CONTROLLERS, ENTRANCE, KUBEFLOW)
    )
    yield "flowchart LR"
    yield '  people(["People"])'
    yield '  git[("Git repository")]'
    yield from _box("aws", f"AWS {answers['aws_account_id']}, {answers['aws_region']}", aws, "  ")
    yield f'  subgraph cluster ["EKS cluster {answers["cluster_name"]}"]'
    yield '    argo-cd["Argo CD"]'
    yield from _box("controllers", "Controllers", controllers, "    ")
    yield from _box("entrance", "Way in", entrance, "    ")
    yield from _box("kubeflow", "Kubeflow", kubeflow, "    ")
    yield '    teams["Profiles"]'
    yield "  end"
    drawn = {node.name for node, _ in [*aws, *controllers, *entrance, *kubeflow]}
    ends = (
        drawn | {"people", "git", "argo-cd", "teams", "controllers", "kubeflow"} | ({"aws"} if aws else set())
    )
    yield from (edge.line() for edge in EDGES if {edge.source, edge.target} <= ends and edge.present(facts))
    there_before = [name for name in facts.external if name in drawn]
    if there_before:
        yield "  classDef external stroke-dasharray: 5 5"
        yield f"  class {','.join(there_before)} external"


def _box(name: str, title: str, nodes: list[tuple[Node, str]], indent: str) -> Iterator[str]:
    if nodes:
        yield f'{indent}subgraph {name} ["{title}"]'
        yield from (f"{indent}  {node.name}{node.shape[0]}{text}{node.shape[1]}" for node, text in nodes)
        yield f"{indent}end"
