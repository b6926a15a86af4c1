"""kro definitions: templates, expressions, claims and claims within claims."""

from __future__ import annotations

import pytest

from tests.generator.check.environments import Environment

CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: databases.aws.example.com}
spec:
  group: aws.example.com
  scope: Namespaced
  names: {kind: Instance, plural: instances}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                size: {type: integer, minimum: 20}
                tags: {type: array, items: {type: object, properties: {key: {type: string}}}}
            status:
              type: object
              properties:
                endpoint: {type: object, properties: {address: {type: string}, port: {type: integer}}}
                conditions: {type: array, items: {type: object, properties: {type: {type: string}}}}
---
apiVersion: v1
kind: Namespace
metadata: {name: kubeflow}
"""

DEFINITION = """
apiVersion: kro.run/v1alpha1
kind: ResourceGraphDefinition
metadata: {name: database}
spec:
  schema:
    apiVersion: v1alpha1
    group: claims.example.com
    kind: Database
    spec:
      size: integer | default=20
      enabled: boolean | default=true
      names: '[]string | default=["a","b"]'
    status:
      host: ${instance.status.endpoint.address}
  resources:
    - id: instance
      readyWhen:
        - ${instance.status.?conditions.orValue([]).exists(c, c.type == "Ready")}
      template:
        apiVersion: aws.example.com/v1
        kind: Instance
        metadata: {name: "${schema.metadata.name}"}
        spec:
          size: ${schema.spec.size}
          tags:
            - key: ${schema.spec.names[0]}
    - id: endpoint
      includeWhen: ["${schema.spec.enabled}"]
      template:
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: endpoint, namespace: kubeflow}
        data:
          host: ${instance.status.endpoint.address}
          port: ${string(instance.status.endpoint.port)}
    - id: each
      forEach:
        - name: ${schema.spec.names}
      template:
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: "each-${name}"}
"""

CLAIM = """
apiVersion: claims.example.com/v1alpha1
kind: Database
metadata: {name: kubeflow}
spec: {SPEC}
"""


def with_definition(
    environment: Environment, old: str = "", new: str = "", spec: str = "size: 50"
) -> Environment:
    assert old in DEFINITION
    environment.application("kinds", CRD, wave=1)
    environment.application("definitions", DEFINITION.replace(old, new) if old else DEFINITION, wave=2)
    return environment.application("claims", CLAIM.replace("SPEC", spec), wave=3)


def test_a_right_definition_has_no_finding(environment: Environment) -> None:
    with_definition(environment)
    assert environment.texts("definition/") == []
    assert environment.texts("schema/") == []


@pytest.mark.parametrize(
    ("old", "new", "rule", "text"),
    [
        ("- key: ${", "- kye: ${", "schema/unknown-field", "spec.tags[0].kye: did you mean key?"),
        ("${schema.spec.size}", "${schema.spec.sise}", "definition/unknown-field", "did you mean size?"),
        (
            "host: ${instance.status.endpoint.address}\n          port",
            "host: ${instance.status.endpont.address}\n          port",
            "definition/unknown-field",
            "reads status.endpont, which Instance does not have: did you mean endpoint?",
        ),
        (
            "host: ${instance.status.endpoint.address}\n  resources",
            "host: ${instanc.status.endpoint.address}\n  resources",
            "definition/unknown-resource",
            "status.host: ${instanc.status.endpoint.address} reads instanc",
        ),
        ("${string(instance", "${string((instance", "definition/not-cel", "is not CEL"),
        ("kind: Instance", "kind: Instanz", "schema/unknown-kind", "did you mean Instance?"),
        ("integer | default=20", "integr | default=20", "definition/schema", "unknown type 'integr'"),
        (
            '["${schema.spec.enabled}"]',
            '["yes-${schema.spec.enabled}"]',
            "definition/condition",
            "not one expression",
        ),
        (
            "size: ${schema.spec.size}",
            "size: ${size(endpoint.data.host)}",
            "definition/cycle",
            "waits for itself",
        ),
    ],
)
def test_a_broken_definition(environment: Environment, old: str, new: str, rule: str, text: str) -> None:
    with_definition(environment, old, new)
    assert any(text in found for found in environment.texts(rule)), environment.report().findings


@pytest.mark.parametrize(
    ("spec", "rule", "text"),
    [
        ("sise: 50", "schema/unknown-field", "spec.sise: did you mean size?"),
        ("size: large", "schema/invalid-value", "spec.size"),
    ],
)
def test_a_broken_claim(environment: Environment, spec: str, rule: str, text: str) -> None:
    with_definition(environment, spec=spec)
    (found,) = [found for found in environment.findings(rule) if found.object.startswith("Database/")]
    assert text in found.what


def test_a_claims_value_that_the_resource_refuses_is_found_in_what_kro_makes(
    environment: Environment,
) -> None:
    with_definition(environment, spec="size: 5")
    (found,) = [f for f in environment.findings("schema/invalid-value") if f.object.startswith("Instance/")]
    assert found.object == "Instance/kubeflow/kubeflow"
    assert "spec.size: 5 is less than the minimum of 20" in found.what


def test_claims_become_objects_with_their_values(environment: Environment) -> None:
    world = with_definition(environment, spec="size: 50").world()
    instance = world.inventory.get("aws.example.com", "Instance", "kubeflow", "kubeflow")
    assert instance is not None
    assert instance.manifest["spec"] == {"size": 50, "tags": [{"key": "a"}]}
    assert sorted(world.inventory.names("", "ConfigMap")) == ["each-a", "each-b", "endpoint"]


def test_what_a_condition_leaves_out_is_not_made(environment: Environment) -> None:
    world = with_definition(environment, spec="enabled: false").world()
    assert "endpoint" not in world.inventory.names("", "ConfigMap")


OUTER = """
apiVersion: kro.run/v1alpha1
kind: ResourceGraphDefinition
metadata: {name: outer}
spec:
  schema: {apiVersion: v1alpha1, group: claims.example.com, kind: Outer, spec: {}}
  resources:
    - id: network
      externalRef: {apiVersion: v1, kind: ConfigMap, metadata: {name: network}}
    - id: inner
      template:
        apiVersion: claims.example.com/v1alpha1
        kind: Inner
        metadata: {name: inner}
    - id: user
      template:
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: user}
        data:
          secret: ${inner.status.secretName}
          subnet: ${network.data.subnets.split(",")[1]}
---
apiVersion: kro.run/v1alpha1
kind: ResourceGraphDefinition
metadata: {name: inner}
spec:
  schema:
    apiVersion: v1alpha1
    group: claims.example.com
    kind: Inner
    spec: {}
    status: {secretName: "${secret.metadata.name}"}
  resources:
    - id: secret
      template: {apiVersion: v1, kind: Secret, metadata: {name: "${schema.metadata.name}-secret"}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: network}
data: {subnets: "a,b"}
---
apiVersion: claims.example.com/v1alpha1
kind: Outer
metadata: {name: x}
"""


def test_claims_within_claims_give_their_status_and_externals_their_data(environment: Environment) -> None:
    world = environment.application("a", OUTER).world()
    user = world.inventory.get("", "ConfigMap", "kubeflow", "user")
    assert user is not None
    assert user.manifest["data"] == {"secret": "inner-secret", "subnet": "b"}
    assert world.inventory.get("", "Secret", "kubeflow", "inner-secret") is not None


def test_a_key_that_an_external_config_map_does_not_have(environment: Environment) -> None:
    environment.application("a", OUTER.replace("network.data.subnets", "network.data.subnetz"))
    (text,) = environment.texts("reference/missing-key")
    assert "reads key subnetz of ConfigMap/kubeflow/network, which has subnets" in text
