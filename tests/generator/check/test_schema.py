"""Objects against Kubernetes' schemas and against CRDs."""

from __future__ import annotations

from pathlib import Path

import pytest

from kfaws.generator.check import check
from kfaws.generator.check.finding import Skipped
from kfaws.generator.check.schemas.crds import CrdFolder
from kfaws.generator.errors import KfawsError
from tests.generator.check.environments import Environment

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec:
  replicas: REPLICAS
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}}
    spec:
      containers:
        - name: a
          image: example.com/a:1
          FIELD: {limits: {cpu: QUANTITY}}
"""

CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec:
  group: example.com
  scope: Cluster
  names: {kind: Thing, plural: things}
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
              required: [mode, size]
              properties:
                mode: {type: string, enum: [fast, slow], default: fast}
                size: {type: integer, minimum: 0, exclusiveMinimum: true}
                port: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}
                free: {type: object, x-kubernetes-preserve-unknown-fields: true}
                labels: {type: object, additionalProperties: {type: string}}
                maybe: {type: string, nullable: true}
                object: {type: object, x-kubernetes-embedded-resource: true, properties: {spec: {}}}
"""


def thing(spec: str) -> str:
    return f"{CRD}\n---\napiVersion: example.com/v1\nkind: Thing\nmetadata: {{name: a}}\nspec: {spec}\n"


def deployment(replicas: str = "1", field: str = "resources", quantity: str = "100m") -> str:
    text = DEPLOYMENT.replace("REPLICAS", replicas).replace("FIELD", field)
    return text.replace("QUANTITY", quantity)


def test_right_objects_have_no_finding(environment: Environment) -> None:
    environment.application("a", deployment())
    everything = "{size: 1, port: http, free: {x: [1]}, labels: {a: b}, maybe: null, object: {kind: X}}"
    environment.application("b", thing(everything))
    assert environment.texts("schema/") == []


def test_an_unknown_field_deep_inside_is_named_with_what_was_meant(environment: Environment) -> None:
    environment.application("a", deployment(field="resorces"))
    (text,) = environment.texts("schema/unknown-field")
    assert "spec.template.spec.containers[0].resorces: did you mean resources?" in text


@pytest.mark.parametrize(
    ("changes", "where"),
    [({"replicas": "two"}, "spec.replicas"), ({"quantity": "100x"}, "limits.cpu")],
)
def test_a_value_of_the_wrong_type(environment: Environment, changes: dict[str, str], where: str) -> None:
    environment.application("a", deployment(**changes))
    assert where in environment.texts("schema/invalid-value")[0]


@pytest.mark.parametrize(
    ("spec", "where"),
    [
        ("{size: 0}", "spec.size"),
        ("{size: 1, mode: quick}", '"quick" is not one of "fast" or "slow"'),
        ("{mode: fast}", '"size" is a required property'),
        ("{size: 1, port: 1.5}", "spec.port"),
        ("{size: 1, labels: {a: 1}}", "spec.labels.a"),
    ],
)
def test_a_custom_resource_that_its_crd_refuses(environment: Environment, spec: str, where: str) -> None:
    environment.application("a", thing(spec))
    (text,) = environment.texts("schema/invalid-value")
    assert where in text


@pytest.mark.parametrize("spec", ["{size: 1, sise: 2}", "{size: 1, object: {spec: a, other: b}}"])
def test_a_field_that_a_crd_does_not_declare(environment: Environment, spec: str) -> None:
    environment.application("a", thing(spec))
    assert len(environment.texts("schema/unknown-field")) == 1


@pytest.mark.parametrize(
    ("api_version", "kind", "hint"),
    [
        ("apps/v1", "Deploymnt", "did you mean Deployment?"),
        ("apps/v1beta1", "Deployment", "no schema for apps/v1beta1 Deployment"),
        ("example.com/v2", "Thing", "version v2 is not served; served: v1"),
        ("nowhere.example.com/v1", "Thing", "no schema for nowhere.example.com/v1 Thing"),
    ],
)
def test_an_unknown_kind(environment: Environment, api_version: str, kind: str, hint: str) -> None:
    environment.application(
        "a", f"{CRD}\n---\napiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: a}}\n"
    )
    (text,) = environment.texts("schema/unknown-kind")
    assert hint in text


def test_an_unknown_kind_whose_crd_could_not_be_had_is_skipped_with_a_reason(
    environment: Environment,
) -> None:
    environment.application("a", "apiVersion: x.example.com/v1\nkind: X\nmetadata: {name: a}\n")
    environment.application("b", "", not_rendered="upstream is out of reach")
    report = environment.report(Skipped("schemas of y", "out of reach", hides_kinds=True))
    assert not [found for found in report.findings if found.rule == "schema/unknown-kind"]
    assert "schema of x.example.com/v1 X" in [skipped.phase for skipped in report.skipped]
    assert "upstream is out of reach" in [skipped.reason for skipped in report.skipped]


def test_crds_of_a_folder_are_read_when_their_kind_is_in_use(
    environment: Environment, tmp_path: Path
) -> None:
    folder = tmp_path / "crds"
    folder.mkdir()
    (folder / "example.com_things.yaml").write_text(CRD)
    (folder / "example.com_others.yaml").write_text("a: b: broken, and never read")
    environment.crd_folders = [CrdFolder(folder, "a controller")]
    environment.application("a", thing("{size: 1}").split("---")[1])
    assert environment.texts("schema/") == []
    assert environment.world().schemas.namespaced("example.com", "Thing") is False


def test_a_custom_group_that_ends_like_kubernetes_own_has_the_scope_of_its_crd(
    environment: Environment,
) -> None:
    environment.application("a", CRD.replace("example.com", "controller.k8s.io"))
    assert environment.world().schemas.namespaced("controller.k8s.io", "Thing") is False
    assert environment.world().schemas.namespaced("events.k8s.io", "Event") is True


def test_a_kubernetes_version_without_schemas_says_which_there_are(environment: Environment) -> None:
    environment.answers["kubernetes_version"] = "1.99"
    with pytest.raises(KfawsError, match=r"no Kubernetes schemas for version 1\.99.*1\.35"):
        environment.world()


def test_a_folder_without_answers_is_no_repository(tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    rendered = environment.rendered()
    (tmp_path / ".copier-answers.yml").unlink()
    with pytest.raises(KfawsError, match="give the folder of a generated repository"):
        check(rendered)


@pytest.mark.parametrize(
    ("field", "entries", "found"),
    [
        ("env", "[{name: A, value: x}, {name: A, value: y}]", "env has A 2 times"),
        ("ports", "[{containerPort: 80}, {containerPort: 80, protocol: TCP}]", "ports has 80/TCP 2 times"),
        ("ports", "[{containerPort: 53}, {containerPort: 53, protocol: UDP}]", ""),
    ],
)
def test_two_entries_of_one_key(environment: Environment, field: str, entries: str, found: str) -> None:
    container = f"{{name: a, image: 'a:1', {field}: {entries}}}"
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{containers: [{container}]}}"
    environment.application("a", pod)
    assert [found in text for text in environment.texts("duplicate/entry")] == ([True] if found else [])
