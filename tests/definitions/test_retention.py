"""A claim, a definition or kro that goes takes nothing with it that keeps data."""

from __future__ import annotations

from tests.definitions.generated import Environment, statements

KEPT_BY_ACK = {
    "Alias",
    "Bucket",
    "DBInstance",
    "DBParameterGroup",
    "DBSubnetGroup",
    "FileSystem",
    "HostedZone",
    "Key",
    "LogGroup",
    "MountTarget",
}


def test_ack_keeps_what_keeps_data(environment: Environment) -> None:
    for claim, template in environment.templates():
        if (
            template["apiVersion"].split("/")[0].endswith("services.k8s.aws")
            and template["kind"] in KEPT_BY_ACK
        ):
            annotations = template["metadata"].get("annotations", {})
            assert annotations.get("services.k8s.aws/deletion-policy") == "retain", (claim, template["kind"])


def test_a_firewall_stays_as_long_as_what_it_is_in_front_of(walkthrough_environment: Environment) -> None:
    for claim in ("Database", "SharedFileSystem", "LustreFileSystem"):
        firewall = walkthrough_environment.template(claim, "firewall")
        assert firewall["metadata"]["annotations"]["services.k8s.aws/deletion-policy"] == "retain"


def test_crossplane_may_not_delete(environment: Environment) -> None:
    for claim, template in environment.templates():
        if ".upbound.io" in template["apiVersion"]:
            policies = template["spec"].get("managementPolicies", ["*"])
            assert not {"*", "Delete"} & set(policies), (claim, template["kind"])


def test_a_secret_stays_in_secrets_manager(environment: Environment) -> None:
    for claim, template in environment.templates():
        if template["kind"] == "PushSecret":
            assert template["spec"].get("deletionPolicy", "None") == "None", claim


def test_argo_cd_keeps_definitions_and_claims(environment: Environment) -> None:
    for kept in [*environment.definitions.values(), *environment.read("claims")]:
        options = kept["metadata"]["annotations"]["argocd.argoproj.io/sync-options"]
        assert set(options.split(",")) == {"Prune=false", "Delete=false"}, kept["metadata"]["name"]


def test_the_end_of_the_application_is_not_the_end_of_its_teams(walkthrough_environment: Environment) -> None:
    [team] = walkthrough_environment.read("profiles")
    assert team["metadata"]["annotations"]["argocd.argoproj.io/sync-options"] == "Delete=false"


def test_no_role_may_delete_what_keeps_data(environment: Environment) -> None:
    forbidden = {
        "cognito-idp:AdminDeleteUser",
        "cognito-idp:DeleteUserPool",
        "elasticfilesystem:DeleteFileSystem",
        "kms:ScheduleKeyDeletion",
        "logs:DeleteLogGroup",
        "rds:DeleteDBInstance",
        "route53:DeleteHostedZone",
        "s3:DeleteBucket",
        "secretsmanager:DeleteSecret",
    }
    for name, role in environment.roles.items():
        for statement in statements(role):
            assert not forbidden & set(statement["Action"]), name
            if "fsx:DeleteFileSystem" in statement["Action"]:
                assert statement["Condition"] == {"Null": {"aws:ResourceTag/CSIVolumeName": "false"}}
