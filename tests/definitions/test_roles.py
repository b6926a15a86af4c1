"""Each role can do what it is for, by whom it is for, and within the boundary."""

from __future__ import annotations

import json
from functools import cache

from botocore.session import get_session

from tests.definitions.generated import Environment, statements

SERVICES = {
    "acm": "acm",
    "cloudfront": "cloudfront",
    "cloudwatch": "cloudwatch",
    "cognito-idp": "cognito-idp",
    "ec2": "ec2",
    "elasticfilesystem": "efs",
    "elasticloadbalancing": "elbv2",
    "fsx": "fsx",
    "iam": "iam",
    "kms": "kms",
    "logs": "logs",
    "rds": "rds",
    "route53": "route53",
    "secretsmanager": "secretsmanager",
    "shield": "shield",
    "wafv2": "wafv2",
}
# Permissions that are no operations.
NO_OPERATION = {"elasticloadbalancing:SetWebACL"}
# What AWS lets nobody narrow down, because it only looks or because the thing has no ARN yet.
NOT_NARROWER = {
    "acm:ListCertificates",
    "acm:RequestCertificate",
    "cloudwatch:PutMetricData",
    "cognito-idp:CreateUserPool",
    "cognito-idp:DescribeUserPoolDomain",
    "elasticloadbalancing:Describe",
    "ec2:Describe",
    "ec2:GetSecurityGroupsForVpc",
    "kms:CreateKey",
    "kms:ListAliases",
    "rds:DescribeEngineDefaultParameters",
    "route53:CreateHostedZone",
    "route53:List",
    "s3:ListAllMyBuckets",
    "shield:GetSubscriptionState",
}


@cache
def operations(service: str) -> set[str]:
    """A service's operations, in lower case."""
    return {name.lower() for name in get_session().get_service_model(service).operation_names}


def test_every_action_exists(environment: Environment) -> None:
    for name, role in environment.roles.items():
        for action in [a for s in statements(role) for a in s["Action"]]:
            prefix, _, operation = action.partition(":")
            # S3's permissions have names of their own.
            if prefix != "s3" and action not in NO_OPERATION:
                assert operation.lower() in operations(SERVICES[prefix]), (name, action)


def test_no_action_and_no_resource_is_everything(environment: Environment) -> None:
    for name, role in environment.roles.items():
        for statement in statements(role):
            for action in statement["Action"]:
                assert "*" not in action, (name, action)
                if "*" in statement["Resource"]:
                    assert action.startswith(tuple(NOT_NARROWER)), (name, action)


def test_every_role_is_within_the_boundary_and_named_after_the_environment(environment: Environment) -> None:
    for name, role in environment.roles.items():
        assert role["spec"]["permissionsBoundary"] == "arn:aws:iam::123456789012:policy/kubeflow-boundary"
        assert role["spec"]["name"] == f"kubeflow-{name}"


def test_policies_fit_into_a_role(environment: Environment) -> None:
    for name, role in environment.roles.items():
        assert sum(len("".join(p.split())) for p in role["spec"]["inlinePolicies"].values()) <= 10_240, name


def test_with_pod_identity_a_role_is_for_its_association(walkthrough_environment: Environment) -> None:
    built = walkthrough_environment.built("platform/roles")
    associations = {o["metadata"]["name"]: o["spec"] for o in built if o["kind"] == "PodIdentityAssociation"}
    assert set(associations) == set(walkthrough_environment.roles)
    for name, role in walkthrough_environment.roles.items():
        [trust] = json.loads(role["spec"]["assumeRolePolicyDocument"])["Statement"]
        assert trust["Principal"] == {"Service": "pods.eks.amazonaws.com"}
        assert trust["Condition"]["StringEquals"] == {
            "aws:RequestTag/eks-cluster-name": "kube-eks-cluster",
            "aws:RequestTag/kubernetes-namespace": associations[name]["namespace"],
            "aws:RequestTag/kubernetes-service-account": associations[name]["serviceAccount"],
        }
        assert associations[name]["roleRef"] == {"from": {"name": name}}


def test_with_irsa_a_role_is_for_one_service_account(everything: Environment) -> None:
    assert not [o for o in everything.built("platform/roles") if o["kind"] == "PodIdentityAssociation"]
    for role in everything.roles.values():
        [trust] = json.loads(role["spec"]["assumeRolePolicyDocument"])["Statement"]
        issuer = "oidc.eks.us-west-2.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
        assert trust["Principal"]["Federated"].endswith(f"oidc-provider/{issuer}")
        assert trust["Condition"]["StringEquals"][f"{issuer}:aud"] == "sts.amazonaws.com"
        assert trust["Condition"]["StringEquals"][f"{issuer}:sub"].startswith("system:serviceaccount:")


def test_secrets_that_the_answers_name_can_be_read(everything: Environment) -> None:
    readable = {r for s in statements(everything.roles["external-secrets"]) for r in s["Resource"]}
    assert "arn:aws:secretsmanager:us-west-2:123456789012:secret:kubeflow/google-??????" in readable


def test_the_artifact_key_goes_with_the_artifacts(everything: Environment) -> None:
    for name in ("pipelines", "pipelines-ui"):
        assert "kms:Decrypt" in {a for s in statements(everything.roles[name]) for a in s["Action"]}, name
