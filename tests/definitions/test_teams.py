"""A team's rights, its role and its volumes."""

from __future__ import annotations

import json
from pathlib import Path

from tests.definitions.generated import Environment, generate, statements


def test_members_are_bound_as_kfam_would_do_it(walkthrough_environment: Environment) -> None:
    binding = walkthrough_environment.template("TeamProfile", "bindings")
    policy = walkthrough_environment.template("TeamProfile", "policies")
    assert binding["metadata"] == policy["metadata"]
    assert binding["metadata"]["name"].startswith("user-")
    assert "-clusterrole-" in binding["metadata"]["name"]
    assert set(binding["metadata"]["annotations"]) == {"user", "role"}
    [rule] = policy["spec"]["rules"]
    [header] = rule["when"]
    assert header["key"] == "request.headers[kubeflow-userid]"
    # The header is believed of the gateway and of the pipelines' pages only.
    assert [p.rpartition("/")[2] for p in rule["from"][0]["source"]["principals"]] == [
        "istio-ingressgateway-service-account",
        "ml-pipeline-ui",
    ]


def test_a_role_reaches_its_own_folder_only(walkthrough_environment: Environment) -> None:
    role = walkthrough_environment.template("TeamRole", "role")
    bucket = "arn:aws:s3:::${schema.spec.bucket}"
    for statement in statements(role):
        if statement["Action"] == ["s3:ListBucket"]:
            assert statement["Condition"] == {
                "StringLike": {"s3:prefix": "profiles/${schema.metadata.name}/*"}
            }
        elif statement["Action"] != ["s3:GetBucketLocation"]:
            assert statement["Resource"] == [f"{bucket}/profiles/${{schema.metadata.name}}/*"]


def test_a_role_is_for_the_editor_of_its_namespace(environments: dict[str, Environment]) -> None:
    for name in ("walkthrough", "everything"):
        role = environments[name].template("TeamRole", "role")
        trust = role["spec"]["assumeRolePolicyDocument"]
        assert "${schema.metadata.name}" in trust
        assert "default-editor" in trust
        json.loads(trust)
    association = environments["walkthrough"].template("TeamRole", "association")["spec"]
    assert (association["namespace"], association["serviceAccount"]) == (
        "${schema.metadata.name}",
        "default-editor",
    )


def test_without_aws_a_team_has_no_role_and_no_volumes(environments: dict[str, Environment]) -> None:
    resources = {r["id"] for r in environments["vanilla"].definitions["TeamProfile"]["spec"]["resources"]}
    assert not {"role", "volumes"} & resources
    assert environments["vanilla"].roles == {}


def test_training_data_is_read_only_unless_asked(walkthrough_environment: Environment) -> None:
    volume = walkthrough_environment.template("TeamVolumes", "trainingVolume")
    schema = walkthrough_environment.definitions["TeamProfile"]["spec"]["schema"]["spec"]
    assert volume["spec"]["mountOptions"].endswith(': ["flock", "ro"]}')
    assert 'default="read"' in schema["trainingData"]


def test_every_volume_is_a_folder_of_its_own(environments: dict[str, Environment]) -> None:
    claimed = environments["walkthrough"].template("SharedFileSystem", "storageClass")
    [given] = [o for o in environments["given"].built("platform/environment") if o["kind"] == "StorageClass"]
    for storage_class in (claimed, given):
        parameters = storage_class["parameters"]
        assert storage_class["metadata"]["name"] == "efs"
        assert parameters["ensureUniqueDirectory"] == "true"
        assert ".PVC.namespace" in parameters["subPathPattern"]


def test_a_team_is_one_file(tmp_path: Path) -> None:
    teams = [
        {"name": "vision", "owner": "owner@example.com"},
        {"name": "speech", "owner": "owner@example.com", "cpu": "4"},
    ]
    environment = generate(tmp_path, {"profiles": teams})
    files = sorted(file.name for file in (environment.folder / "profiles").iterdir())
    assert files == ["README.md", "speech.yaml", "vision.yaml"]
    speech, vision = environment.read("profiles")
    assert speech["spec"] == {"owner": "owner@example.com", "quota": {"cpu": "4"}}
    assert vision["spec"] == {"owner": "owner@example.com"}
