"""Images, secrets, consistency with the answers, retention, and our own workloads."""

from __future__ import annotations

import pytest

from tests.generator.check.environments import Environment

POD = """
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
    - name: a
      image: IMAGE
"""
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  text: |\n    VALUE\n"
DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("image", "rules"),
    [
        ("ghcr.io/kubeflow/a:v1.2.3", []),
        (f"ghcr.io/kubeflow/a@{DIGEST}", []),
        (f"ghcr.io/kubeflow/a:latest@{DIGEST}", []),
        ("registry.example.com:5000/a", ["image/untagged"]),
        ("busybox", ["image/untagged"]),
        ("ghcr.io/kubeflow/a:latest", ["image/mutable-tag"]),
        ("kubeflow/a:main", ["image/mutable-tag"]),
    ],
)
def test_images_of_containers(environment: Environment, image: str, rules: list[str]) -> None:
    environment.application("a", POD.replace("IMAGE", image))
    assert [found.rule for found in environment.findings("image/")] == rules


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"image": "kserve/art", "defaultImageVersion": "x"}', 1),
        ("executor: quay.io/argoproj/argoexec:latest", 1),
        ("see https://ghcr.io/kubeflow for more", 0),
        ("executor: quay.io/argoproj/argoexec:v3.7.3", 0),
    ],
)
def test_images_in_the_text_of_config_maps(environment: Environment, text: str, found: int) -> None:
    environment.application("a", CONFIG.replace("VALUE", f"{text}\n    more"))
    assert len(environment.texts("image/")) == found


def test_a_site_with_its_own_registry_pulls_from_nowhere_else(environment: Environment) -> None:
    environment.answers["image_registry"] = "registry.example.com/mirror"
    environment.application("a", POD.replace("IMAGE", "registry.example.com/mirror/a:1"))
    environment.application("b", POD.replace("IMAGE", "docker.io/library/b:1"))
    (text,) = environment.texts("image/outside-registry")
    assert "docker.io/library/b:1 is not from registry.example.com/mirror" in text


SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: VALUE}\n"
KEY_ID = "AKIA" + "IOSFODNN7EXAMPLE"
PRIVATE_KEY = "-----BEGIN RSA " + "PRIVATE KEY-----\n    MIIEpAIBAAKCAQEAabcdefgh"


@pytest.mark.parametrize(("value", "found"), [("hunter2", 1), ('""', 0), ('"${schema.spec.x}"', 0)])
def test_a_secret_with_a_value(environment: Environment, value: str, found: int) -> None:
    environment.application("a", SECRET.replace("VALUE", value))
    assert len(environment.texts("secret/secret-object")) == found


@pytest.mark.parametrize(("text", "what"), [(KEY_ID, "AWS access key id"), (PRIVATE_KEY, "private key")])
def test_secrets_in_text_of_objects_and_files(environment: Environment, text: str, what: str) -> None:
    environment.application("a", CONFIG.replace("VALUE", text))
    environment.write("notes/todo.md", text)
    found = environment.findings("secret/in-text")
    assert [entry.file for entry in found] == ["apps/a.yaml", "notes/todo.md"]
    assert all(what in entry.what for entry in found)


def test_a_literal_password(environment: Environment) -> None:
    pod = POD.replace("IMAGE", "a:1\n      env: [{name: DB_PASSWORD, value: hunter2}, {name: X, value: y}]")
    environment.application("a", pod)
    (text,) = environment.texts("secret/literal-value")
    assert "env DB_PASSWORD is a literal value" in text


@pytest.mark.parametrize(
    ("text", "rule", "what"),
    [
        ("arn:aws:iam::123456789012:role/a", "", ""),
        ("arn:aws:iam::210987654321:role/a", "consistency/arn", "account 210987654321"),
        ("arn:aws:rds:eu-west-1:123456789012:db:a", "consistency/arn", "region eu-west-1"),
        ("arn:aws-cn:s3:::kubeflow-artifacts-123456789012-us-west-2", "consistency/arn", "partition aws-cn"),
        ("arn:aws:s3:::other-bucket/*", "consistency/bucket", "bucket other-bucket"),
        ("s3://other-bucket/x", "consistency/bucket", "bucket other-bucket"),
        ("s3://kubeflow-artifacts-123456789012-us-west-2/x", "", ""),
        ("https://s3.eu-west-1.amazonaws.com", "consistency/region", "region eu-west-1"),
        ("https://api.platfrom.example.com", "consistency/nearly", "is nearly platform.example.com"),
        ("https://api.platform.example.com", "", ""),
    ],
)
def test_consistency(environment: Environment, text: str, rule: str, what: str) -> None:
    environment.application("a", CONFIG.replace("VALUE", text))
    found = environment.findings("consistency/")
    assert [entry.rule for entry in found] == ([rule] if rule else [])
    assert all(what in entry.what for entry in found)


def test_the_files_of_the_bootstrap_say_the_same(environment: Environment) -> None:
    environment.write(
        "bootstrap/README.md", "aws s3 rm s3://other-bucket/x\nhttps://sts.us-west-2.amazonaws.com\n"
    )
    environment.write("bootstrap/stack.yaml", "arn:aws:iam::210987654321:role/a\n")
    found = {(entry.file, entry.rule) for entry in environment.findings("consistency/")}
    assert found == {
        ("bootstrap/README.md", "consistency/bucket"),
        ("bootstrap/stack.yaml", "consistency/arn"),
    }


def test_ids_of_the_network_are_those_of_the_answers(environment: Environment) -> None:
    environment.answers["vpc_id"] = "vpc-0a1b2c3d4e5f60718"
    environment.application("a", CONFIG.replace("VALUE", "vpc-0a1b2c3d4e5f60718 vpc-0a1b2c3d4e5f60719"))
    (text,) = environment.texts("consistency/network")
    assert "names vpc-0a1b2c3d4e5f60719, which is in no answer" in text


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("bucketName", "another", "consistency/bucket"),
        ("region", "eu-west-1", "consistency/region"),
        ("bucketName", "kubeflow-artifacts-123456789012-us-west-2", ""),
    ],
)
def test_named_fields(environment: Environment, field: str, value: str, rule: str) -> None:
    environment.application(
        "a", f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{{field}: {value}}}"
    )
    assert {entry.rule for entry in environment.findings("consistency/")} == ({rule} if rule else set())


BUCKET = """
apiVersion: s3.services.k8s.aws/v1alpha1
kind: Bucket
metadata:
  name: a
  annotations: ANNOTATIONS
spec: {name: kubeflow-artifacts-123456789012-us-west-2}
"""
RETAIN = "services.k8s.aws/deletion-policy: retain"
KEPT = "argocd.argoproj.io/sync-options: 'Prune=false,Delete=false'"


@pytest.mark.parametrize(
    ("annotations", "rules"),
    [
        (f"{{{RETAIN}, {KEPT}}}", []),
        (f"{{{KEPT}}}", ["retention/no-retain"]),
        (f"{{{RETAIN}}}", ["retention/not-kept"]),
        (f"{{{RETAIN}, argocd.argoproj.io/sync-options: Prune=false}}", ["retention/not-kept"]),
    ],
)
def test_stateful_resources_are_retained(
    environment: Environment, annotations: str, rules: list[str]
) -> None:
    environment.application("a", BUCKET.replace("ANNOTATIONS", annotations))
    assert [found.rule for found in environment.findings("retention/")] == rules


@pytest.mark.parametrize(
    ("policies", "found"),
    [("[Observe, Create, Update]", 0), ("['*']", 1), ("[Create, Delete]", 1), ("[]", 1)],
)
def test_crossplane_may_not_delete(environment: Environment, policies: str, found: int) -> None:
    environment.application(
        "a",
        "apiVersion: fsx.aws.m.upbound.io/v1beta1\nkind: LustreFileSystem\n"
        f"metadata: {{name: a, annotations: {{{KEPT}}}}}\nspec: {{managementPolicies: {policies}}}",
    )
    assert len(environment.texts("retention/may-delete")) == found


@pytest.mark.parametrize(("value", "found"), [("true", 0), ("false", 1)])
def test_deletion_protection(environment: Environment, value: str, found: int) -> None:
    environment.application(
        "a",
        "apiVersion: rds.services.k8s.aws/v1alpha1\nkind: DBInstance\n"
        f"metadata: {{name: a, annotations: {{{KEPT}, {RETAIN}}}}}\nspec: {{deletionProtection: {value}}}",
    )
    assert len(environment.texts("retention/unprotected")) == found


SECURE = (
    "securityContext: {runAsNonRoot: true, allowPrivilegeEscalation: false,"
    " capabilities: {drop: [ALL]}, seccompProfile: {type: RuntimeDefault}}"
)


@pytest.mark.parametrize(
    ("context", "missing"),
    [
        (SECURE, ""),
        (SECURE.replace("runAsNonRoot: true, ", ""), "runAsNonRoot"),
        ("stdin: false", "RuntimeDefault"),
    ],
)
def test_our_own_workloads_are_secured(environment: Environment, context: str, missing: str) -> None:
    pod = POD.replace("metadata: {name: a}", "metadata:\n  name: a").replace("IMAGE", f"a:1\n      {context}")
    environment.write("a/pod.yaml", pod).application("a", pod)
    environment.application("upstream", POD.replace("IMAGE", "b:1").replace("name: a}", "name: b}"))
    found = environment.texts("workload/insecure-container")
    assert [missing in text for text in found] == ([True] if missing else [])


def test_namespaces_of_ours_have_a_pod_security_level_and_policies(environment: Environment) -> None:
    namespaces = (
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n---\n"
        "apiVersion: v1\nkind: Namespace\n"
        "metadata: {name: y, labels: {pod-security.kubernetes.io/enforce: restricted}}\n"
    )
    environment.application("namespaces", namespaces)
    environment.application("a", POD.replace("IMAGE", "a:1"), namespace="x")
    assert environment.texts("workload/no-pod-security") == ["namespace x has no pod security level"]
    assert environment.texts("workload/no-network-policy") == ["namespace x has no NetworkPolicy"]
