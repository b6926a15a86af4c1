"""Sync order, writers and projects."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.generator.check.environments import Environment

CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Thing, plural: things}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
"""
THING = "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a}\n"
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: kubeflow, labels: {injected: 'yes'}}\n"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: data}\ndata: {a: b}\n"
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: controller}
spec:
  selector: {matchLabels: {app: hook}}
  template:
    metadata: {labels: {app: hook}}
    spec:
      serviceAccountName: controller
      containers: [{name: a, image: "example.com/a:1", envFrom: [{configMapRef: {name: data}}]}]
"""
WEBHOOK = """
apiVersion: v1
kind: Service
metadata: {name: hook}
spec: {selector: {app: hook}, ports: [{port: 443}]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: hook}
webhooks:
  - name: things.example.com
    failurePolicy: POLICY
    clientConfig: {service: {name: hook, namespace: kubeflow}}
    namespaceSelector: {matchLabels: {injected: "yes"}}
    rules: [{apiGroups: [example.com], apiVersions: [v1], resources: [things], operations: [CREATE]}]
"""


def apply(environment: Environment, *parts: tuple[str, int, str]) -> Environment:
    for name, wave, text in parts:
        environment.application(name, text, wave=wave)
    return environment


@pytest.mark.parametrize(("wave", "found"), [(1, 0), (10, 1), (20, 1)])
def test_a_crd_comes_a_wave_before_its_objects(environment: Environment, wave: int, found: int) -> None:
    apply(environment, ("ns", 0, NAMESPACE), ("kinds", wave, CRD), ("things", 10, THING))
    assert len(environment.texts("order/crd-after-object")) == found


def test_a_crd_in_the_same_application_is_applied_first(environment: Environment) -> None:
    apply(environment, ("ns", 0, NAMESPACE), ("things", 10, f"{CRD}---\n{THING}"))
    assert environment.texts("order/") == []


def test_a_crd_with_a_later_wave_in_the_same_application(environment: Environment) -> None:
    late = CRD.replace(
        "{name: things.example.com}", "{name: t, annotations: {argocd.argoproj.io/sync-wave: '1'}}"
    )
    apply(environment, ("ns", 0, NAMESPACE), ("things", 10, f"{late}---\n{THING}"))
    (text,) = environment.texts("order/crd-after-object")
    assert "own wave 1" in text


@pytest.mark.parametrize(("wave", "found"), [(0, 0), (10, 1)])
def test_a_namespace_comes_before_what_lives_in_it(environment: Environment, wave: int, found: int) -> None:
    apply(environment, ("ns", wave, NAMESPACE), ("config", 10, CONFIG))
    assert len(environment.texts("order/namespace-after-object")) == found


@pytest.mark.parametrize(("policy", "wave", "found"), [("Fail", 5, 0), ("Fail", 10, 1), ("Ignore", 10, 0)])
def test_a_webhook_that_fails_closed_answers_before_what_it_admits(
    environment: Environment, policy: str, wave: int, found: int
) -> None:
    hook = f"{DEPLOYMENT}---\n{WEBHOOK.replace('POLICY', policy)}"
    apply(environment, ("ns", 0, NAMESPACE), ("kinds", 1, CRD), ("hook", wave, hook), ("things", 10, THING))
    assert len(environment.texts("order/webhook-after-object")) == found


def test_a_webhook_of_other_namespaces_does_not_count(environment: Environment) -> None:
    hook = f"{DEPLOYMENT}---\n{WEBHOOK.replace('POLICY', 'Fail')}"
    plain = NAMESPACE.replace("yes", "no")
    apply(environment, ("ns", 0, plain), ("kinds", 1, CRD), ("hook", 10, hook), ("things", 10, THING))
    assert environment.texts("order/webhook-after-object") == []


@pytest.mark.parametrize(("wave", "found"), [(10, 0), (11, 1)])
def test_data_comes_no_later_than_its_user(environment: Environment, wave: int, found: int) -> None:
    apply(environment, ("ns", 0, NAMESPACE), ("data", wave, CONFIG), ("user", 10, DEPLOYMENT))
    assert len(environment.texts("order/data-after-user")) == found


def test_a_hook_needs_what_is_there_before_it(environment: Environment) -> None:
    hook = yaml.safe_load(DEPLOYMENT)
    hook["metadata"]["annotations"] = {"argocd.argoproj.io/hook": "PreSync"}
    apply(environment, ("ns", 0, NAMESPACE), ("user", 10, f"{CONFIG}---\n{yaml.safe_dump(hook)}"))
    (text,) = environment.texts("order/data-after-user")
    assert "a PreSync hook" in text


@pytest.mark.parametrize(("wave", "found"), [(5, 0), (10, 1)])
def test_an_identity_comes_before_its_pods(environment: Environment, wave: int, found: int) -> None:
    association = (
        "apiVersion: eks.services.k8s.aws/v1alpha1\nkind: PodIdentityAssociation\nmetadata: {name: a}\n"
        "spec: {namespace: kubeflow, serviceAccount: controller, roleARN: 'arn:aws:iam::123456789012:role/a'}"
    )
    apply(environment, ("ns", 0, NAMESPACE), ("roles", wave, association), ("user", 10, DEPLOYMENT))
    assert len(environment.texts("order/identity-after-user")) == found


def test_argo_cd_must_wait_for_the_health_of_applications(environment: Environment) -> None:
    environment.bootstrap.append(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "argocd-cm"}, "data": {}}
    )
    assert len(environment.texts("order/application-health")) == 1


def test_two_applications_write_one_object(environment: Environment) -> None:
    apply(environment, ("a", 10, CONFIG), ("b", 10, CONFIG))
    (text,) = environment.texts("writer/two-writers")
    assert "written by Application a and by Application b" in text


def test_one_application_has_an_object_twice(environment: Environment) -> None:
    apply(environment, ("a", 10, f"{CONFIG}---\n{CONFIG}"))
    (text,) = environment.texts("writer/two-writers")
    assert "has ConfigMap kubeflow/data more than once" in text


@pytest.mark.parametrize(("policy", "found"), [("Owner", 1), ("Merge", 0)])
def test_a_secret_that_external_secrets_writes_too(environment: Environment, policy: str, found: int) -> None:
    apply(
        environment,
        ("a", 10, "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: b}\n"),
        (
            "b",
            10,
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: e}\n"
            f"spec: {{target: {{name: s, creationPolicy: {policy}}}}}\n",
        ),
    )
    assert len(environment.texts("writer/two-writers")) == found


PROJECT: dict[str, Any] = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "AppProject",
    "metadata": {"name": "default", "namespace": "argocd"},
    "spec": {
        "sourceRepos": ["https://example.com/*"],
        "destinations": [{"namespace": "kubeflow", "server": "*"}],
        "clusterResourceWhitelist": [{"group": "", "kind": "Namespace"}],
        "namespaceResourceWhitelist": [{"group": "", "kind": "ConfigMap"}],
    },
}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({}, ""),
        ({"sourceRepos": ["https://other.example.com/*"]}, "project/forbidden-source"),
        ({"destinations": []}, "project/forbidden-namespace"),
        ({"clusterResourceWhitelist": []}, "project/forbidden-kind"),
        ({"namespaceResourceWhitelist": [{"group": "apps", "kind": "*"}]}, "project/forbidden-kind"),
        ({"clusterResourceBlacklist": [{"group": "*", "kind": "Namespace"}]}, "project/forbidden-kind"),
        ({"clusterResourceWhitelist": [{"group": "*", "kind": "*"}]}, "project/too-wide"),
        ({"sourceRepos": ["*"]}, "project/too-wide"),
    ],
)
def test_projects(environment: Environment, change: dict[str, Any], rule: str) -> None:
    environment.bootstrap.append({**PROJECT, "spec": {**PROJECT["spec"], **change}})
    apply(environment, ("a", 10, f"{NAMESPACE}---\n{CONFIG}"))
    assert {found.rule for found in environment.findings("project/")} == ({rule} if rule else set())
