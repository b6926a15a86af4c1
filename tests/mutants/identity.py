"""Breaks: ServiceAccounts and roles."""

from tests.mutants.mutant import Mutant

MUTANTS = (
    Mutant(
        "association with the wrong ServiceAccount",
        "platform/roles/pipelines.yaml",
        "serviceAccount: ml-pipeline",
        "serviceAccount: ml-pipelines",
        "identity/no-service-account",
        "ServiceAccount kubeflow/ml-pipelines gets role kubeflow-pipelines, and nothing makes that",
    ),
    Mutant(
        "association with another ServiceAccount that exists",
        "platform/roles/pipelines.yaml",
        "serviceAccount: ml-pipeline",
        "serviceAccount: argo",
        "identity/trust",
        "role kubeflow-pipelines does not trust ServiceAccount kubeflow/argo",
    ),
    Mutant(
        "trust in the wrong namespace",
        "platform/roles/external-secrets.yaml",
        'kubernetes-namespace": "external-secrets"',
        'kubernetes-namespace": "kubeflow"',
        "identity/trust",
        "role kubeflow-external-secrets does not trust ServiceAccount external-secrets/external-secrets",
    ),
    Mutant(
        "association with a role that does not exist",
        "platform/roles/log-collector.yaml",
        "      name: log-collector",
        "      name: logs-collector",
        "identity/no-role",
        "gets role logs-collector, which nothing makes",
    ),
    Mutant(
        "association with another cluster",
        "platform/roles/ack-rds.yaml",
        "clusterName: kube-eks-cluster",
        "clusterName: kube-eks-clusters",
        "identity/wrong-cluster",
        "the answers say kube-eks-cluster",
    ),
    Mutant(
        "role removed that a controller needs",
        "platform/roles/kustomization.yaml",
        "  - load-balancer-controller.yaml\n",
        "",
        "identity/missing",
        "it is load-balancer-controller, which calls AWS",
    ),
)
