"""The stack of bootstrap: its boundary lets every role do what its policies say, and nothing delete data."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

from kfaws.generator.run import run
from tests.template.generated import GOVCLOUD, WALKTHROUGH, generate

PARTS = ("bootstrap", "platform/roles", "platform/definitions")
ISSUER = "oidc.eks.us-west-2.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
OPTIONS: dict[str, dict[str, Any]] = {
    "walkthrough": WALKTHROUGH,
    "everything": WALKTHROUGH
    | {
        "collect_metrics": True,
        "bucket_encryption": "aws:kms",
        "cognito_domain_type": "custom",
        "social_providers": [{"provider": "Google", "secret": "corporate/google"}],
    },
    "irsa": WALKTHROUGH | {"credentials": "irsa", "oidc_issuer": ISSUER},
    "govcloud": GOVCLOUD,
}
POLICY_CHARACTERS = 6144
DATA = (
    "cognito-idp:DeleteUserPool",
    "elasticfilesystem:DeleteFileSystem",
    "kms:ScheduleKeyDeletion",
    "logs:DeleteLogGroup",
    "rds:DeleteDBInstance",
    "route53:DeleteHostedZone",
    "s3:DeleteBucket",
    "secretsmanager:DeleteSecret",
)

Manifest = dict[str, Any]


class CloudFormation(yaml.SafeLoader):
    """Reads `!Ref X` as `X`."""


CloudFormation.add_multi_constructor("!", lambda loader, _, node: loader.construct_scalar(node))


@pytest.fixture(scope="module", params=OPTIONS)
def generated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp(request.param), PARTS, OPTIONS[request.param])


def stack(generated: Path) -> dict[str, Manifest]:
    text = (generated / "bootstrap" / "cloudformation.yaml").read_text()
    resources: dict[str, Manifest] = yaml.load(text, CloudFormation)["Resources"]
    return resources


def boundary(generated: Path) -> list[Manifest]:
    statements: list[Manifest] = stack(generated)["Boundary"]["Properties"]["PolicyDocument"]["Statement"]
    return statements


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def roles(generated: Path) -> Iterator[Manifest]:
    """Every role that ACK's IAM controller is asked for, those of teams included."""
    for file in sorted((generated / "platform" / "roles").glob("*.yaml")):
        yield from (o for o in yaml.safe_load_all(file.read_text()) if o and o["kind"] == "Role")
    text = (generated / "platform" / "definitions" / "team-role.yaml").read_text()
    bucket = re.search(r'bucket: string \| default="([^"]+)"', text)
    assert bucket
    definition = yaml.safe_load(text.replace("${schema.spec.bucket}", bucket[1]))
    templates = (resource["template"] for resource in definition["spec"]["resources"])
    yield from (template for template in templates if template["kind"] == "Role")


def asked(role: Manifest) -> Iterator[tuple[str, str]]:
    """Every pair of action and resource that a role's policies allow."""
    for text in role["spec"].get("inlinePolicies", {}).values():
        for statement in json.loads(text)["Statement"]:
            for action in listed(statement["Action"]):
                yield from ((action, resource) for resource in listed(statement["Resource"]))


def allowed(statements: list[Manifest], effect: str, action: str, resource: str) -> bool:
    return any(
        statement["Effect"] == effect
        and any(fnmatchcase(action, pattern) for pattern in listed(statement["Action"]))
        and any(fnmatchcase(resource, pattern) for pattern in listed(statement["Resource"]))
        for statement in statements
    )


def test_every_role_can_do_within_the_boundary_what_its_policies_say(generated: Path) -> None:
    statements = boundary(generated)
    asked_for = {(role["metadata"]["name"], *pair) for role in roles(generated) for pair in asked(role)}
    assert asked_for
    beyond = {entry for entry in asked_for if not allowed(statements, "Allow", *entry[1:])}
    assert not beyond


def test_no_role_is_denied_what_its_policies_say(generated: Path) -> None:
    statements = boundary(generated)
    denied = {
        (role["metadata"]["name"], *pair)
        for role in roles(generated)
        for pair in asked(role)
        if allowed(statements, "Deny", *pair)
    }
    assert not denied


@pytest.mark.parametrize("action", DATA)
def test_nothing_within_the_boundary_deletes_data(generated: Path, action: str) -> None:
    assert allowed(boundary(generated), "Deny", action, "*")


@pytest.mark.parametrize("action", ["iam:CreateRole", "iam:PassRole", "iam:PutRolePolicy", "sts:AssumeRole"])
def test_nothing_within_the_boundary_makes_or_takes_other_roles(generated: Path, action: str) -> None:
    assert not allowed(boundary(generated), "Allow", action, "arn:aws:iam::123456789012:role/kubeflow-other")


def test_the_boundary_is_no_longer_than_aws_takes(generated: Path) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": boundary(generated)}, separators=(",", ":"))
    assert len(document) <= POLICY_CHARACTERS


def test_cloudformation_takes_the_stack(generated: Path) -> None:
    run([Path(sys.executable).with_name("cfn-lint"), generated / "bootstrap" / "cloudformation.yaml"])


def test_every_role_has_the_boundary_and_this_stack_makes_it(generated: Path) -> None:
    name = stack(generated)["Boundary"]["Properties"]["ManagedPolicyName"]
    assert all(role["spec"]["permissionsBoundary"].endswith(f":policy/{name}") for role in roles(generated))


def test_the_first_role_changes_roles_only_within_the_boundary(generated: Path) -> None:
    policy = stack(generated)["AckIamRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    writes = ("iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:PutRolePermissionsBoundary")
    for statement in policy:
        if statement["Effect"] == "Allow" and set(writes) & set(listed(statement["Action"])):
            assert statement["Condition"] == {"StringEquals": {"iam:PermissionsBoundary": "Boundary"}}
    own = "arn:aws:iam::123456789012:role/kubeflow-ack-iam"
    denials = [statement for statement in policy if statement["Effect"] == "Deny"]
    assert any(statement["Resource"][0].endswith(own.rpartition(":")[2]) for statement in denials)


def test_the_first_roles_trust_their_own_service_account_alone(generated: Path) -> None:
    for name, resource in stack(generated).items():
        if resource["Type"] == "AWS::IAM::Role":
            account = {"AckIamRole": "ack-iam-controller", "AckEksRole": "ack-eks-controller"}[name]
            conditions = resource["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]
            assert any(value.endswith(account) for value in conditions["StringEquals"].values())
