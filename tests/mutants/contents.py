"""Breaks: images, secrets, retention and security."""

from tests.mutants.mutant import Mutant

SECRET_KEY_ID = "AKIA" + "IOSFODNN7EXAMPLE"

MUTANTS = (
    Mutant(
        "image that is `latest`",
        "platform/log-collector/daemonset.yaml",
        "aws-for-fluent-bit:3.4.15",
        "aws-for-fluent-bit:latest",
        "image/mutable-tag",
        "aws-for-fluent-bit:latest has the tag latest, which moves",
    ),
    Mutant(
        "image without a tag",
        "kubeflow/database-users/job.yaml",
        "docker.io/library/mysql:8.4.6",
        "docker.io/library/mysql",
        "image/untagged",
        "docker.io/library/mysql has neither tag nor digest",
    ),
    Mutant(
        "secret in git",
        "kubeflow/database-users/administrator.yaml",
        "",
        "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: database-backup\n"
        "stringData:\n  password: hunter2\n",
        "secret/secret-object",
        "stringData.password of a Secret has a value in git",
    ),
    Mutant(
        "access key in a note",
        "local/notes.md",
        "",
        f"The key is {SECRET_KEY_ID}.\n",
        "secret/in-text",
        "holds an AWS access key id",
    ),
    Mutant(
        "password as a literal",
        "kubeflow/katib/database.yaml",
        "            - name: KATIB_MYSQL_DB_HOST\n",
        "            - name: ADMIN_PASSWORD\n              value: hunter2\n"
        "            - name: KATIB_MYSQL_DB_HOST\n",
        "secret/literal-value",
        "env ADMIN_PASSWORD is a literal value",
    ),
    Mutant(
        "deletion policy removed",
        "platform/definitions/database.yaml",
        "services.k8s.aws/deletion-policy: retain",
        "services.k8s.aws/deletion-policy: delete",
        "retention/no-retain",
        "DBInstance/kubeflow-claims/database has no deletion policy retain",
        everywhere=True,
    ),
    Mutant(
        "claim that Argo CD may prune",
        "claims/database.yaml",
        "argocd.argoproj.io/sync-options: Prune=false,Delete=false",
        "argocd.argoproj.io/sync-options: Prune=false",
        "retention/not-kept",
        "Database without Prune=false and Delete=false",
    ),
    Mutant(
        "user pool that Crossplane may delete",
        "platform/definitions/user-pool.yaml",
        "managementPolicies: [Observe, Create, Update, LateInitialize]",
        "managementPolicies: ['*']",
        "retention/may-delete",
        "UserPool/kubeflow-claims/user-pool may delete what it stands for",
    ),
    Mutant(
        "deletion protection off",
        "claims/database.yaml",
        "spec:",
        "spec:\n  deletionProtection: false",
        "retention/unprotected",
        "has deletionProtection False",
    ),
    Mutant(
        "our own container as root",
        "kubeflow/database-users/job.yaml",
        "        runAsNonRoot: true\n",
        "",
        "workload/insecure-container",
        "container mysql lacks runAsNonRoot: true",
    ),
    Mutant(
        "namespace without a pod security level",
        "platform/namespaces/crossplane.yaml",
        "pod-security.kubernetes.io/enforce:",
        "pod-security.kubernetes.io/warn-only:",
        "workload/no-pod-security",
        "namespace crossplane-system has no pod security level",
    ),
)
