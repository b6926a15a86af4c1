"""Breaks: sync waves, writers, projects and what Argo CD renders anew."""

from tests.mutants.mutant import Mutant, late

MUTANTS = (
    late(
        "CRD after its objects",
        "istio-crds",
        66,
        "order/crd-after-object",
        "its kind comes from CustomResourceDefinition/authorizationpolicies.security.istio.io in Application"
        " istio-crds (wave 66)",
    ),
    late(
        "definitions after claims",
        "definitions",
        50,
        "order/crd-after-object",
        "its kind comes from ResourceGraphDefinition/database in Application definitions (wave 50)",
    ),
    late(
        "namespaces after what lives in them",
        "namespaces",
        46,
        "order/namespace-after-object",
        "its namespace kubeflow-claims comes from Application namespaces (wave 46)",
    ),
    late(
        "webhook's controller after what it admits",
        "istio",
        75,
        "order/webhook-after-object",
        "its controller is in Application istio (wave 75)",
    ),
    late(
        "roles after the controllers that need them",
        "roles",
        21,
        "order/identity-after-user",
        "comes from Application roles (wave 21)",
    ),
    late(
        "database users after those who log in",
        "database-users",
        72,
        "order/data-after-user",
        "which comes from Application database-users (wave 72)",
    ),
    Mutant(
        "no health check for Applications",
        "bootstrap/argocd/settings/resource-customizations.yaml",
        "argoproj.io/Application",
        "argoproj.io/ApplicationSet",
        "order/application-health",
        "argocd-cm has no health check for Application",
        everywhere=True,
    ),
    Mutant(
        "two writers of one object",
        "platform/environment/network.yaml",
        "",
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: database-endpoint\n  namespace: kubeflow\n"
        "data:\n  host: mysql.example.com\n",
        "writer/two-writers",
        "ConfigMap/kubeflow/database-endpoint is written by Application environment and by kro for",
    ),
    Mutant(
        "secret that External Secrets writes too",
        "kubeflow/katib/kustomization.yaml",
        "",
        "secretGenerator:\n  - name: katib-database\n    namespace: kubeflow\n"
        "    literals: [username=katib]\n    options: {disableNameSuffixHash: true}\n",
        "writer/two-writers",
        "Secret/kubeflow/katib-database is written by Application katib and by ExternalSecret",
    ),
    Mutant(
        "AppProject that does not permit a kind",
        "bootstrap/root/projects/platform.yaml",
        "    - {group: storage.k8s.io, kind: CSIDriver}\n",
        "",
        "project/forbidden-kind",
        "AppProject platform does not permit CSIDriver.storage.k8s.io",
    ),
    Mutant(
        "AppProject that does not permit a namespace",
        "bootstrap/root/projects/platform.yaml",
        "    - {server: https://kubernetes.default.svc, namespace: amazon-cloudwatch}\n",
        "",
        "project/forbidden-namespace",
        "AppProject platform does not permit namespace amazon-cloudwatch",
    ),
    Mutant(
        "AppProject that does not permit a repository",
        "bootstrap/root/projects/platform.yaml",
        "    - https://github.com/kubernetes-sigs/kro.git\n",
        "",
        "project/forbidden-source",
        "kubernetes-sigs/kro.git is not among sourceRepos of AppProject platform",
    ),
    Mutant(
        "folder of an Application that no commit to it renders anew",
        "apps/shared-by-ack.yaml",
        ";/platform/ack/common",
        "",
        "refresh/unseen-folder",
        "manifest-generate-paths does not name platform/ack/common, which platform/ack/iam is built from",
    ),
    Mutant(
        "Application that every commit renders anew",
        "apps/defaults.yaml",
        "argocd.argoproj.io/manifest-generate-paths: .;/platform/conventions",
        "team: platform",
        "refresh/every-commit",
        "has no annotation argocd.argoproj.io/manifest-generate-paths",
    ),
)
