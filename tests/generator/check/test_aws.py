"""AWS parameters, identity, IAM policies and what roles must reach."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kfaws.generator.check.aws.kinds import KINDS
from kfaws.generator.check.aws.limits import INSTANCE_CLASSES
from kfaws.generator.check.aws.models import service
from kfaws.generator.check.iam.access import arn_matches
from kfaws.generator.check.iam.actions import PROGRAMS, READ, known
from kfaws.generator.check.iam.documents import DocumentError, statements
from tests.generator.check.environments import Environment
from tests.generator.test_questions import table

INSTANCE = """
apiVersion: rds.services.k8s.aws/v1alpha1
kind: DBInstance
metadata: {name: a}
spec: {dbInstanceIdentifier: kubeflow, dbInstanceClass: db.t4g.medium, engine: mysql, CHANGE}
"""


def resource(group: str, kind: str, spec: str) -> str:
    return f"apiVersion: {group}/v1alpha1\nkind: {kind}\nmetadata: {{name: a}}\nspec: {spec}\n"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ("storageType: gp3", ""),
        ("storageType: gp4", "storageType is 'gp4'; AWS allows standard, gp2, gp3, io1, io2"),
        ("dbInstanceClass: db.t4g.medum", "did you mean db.t4g.medium?"),
        ("backupRetentionPeriod: 14", ""),
        ("monitoringInterval: 7", "monitoringInterval is 7"),
        ("allocatedStorage: '${schema.spec.size}'", ""),
    ],
)
def test_parameters_that_only_documentation_limits(environment: Environment, change: str, text: str) -> None:
    manifest = INSTANCE.replace("CHANGE", change)
    if "dbInstanceClass" in change:
        manifest = manifest.replace("dbInstanceClass: db.t4g.medium, ", "")
    environment.application("a", manifest)
    found = environment.texts("aws/parameter")
    assert [text in what for what in found] == ([True] if text else [])


@pytest.mark.parametrize(
    ("group", "kind", "spec", "text"),
    [
        (
            "s3",
            "Bucket",
            "{name: abc, versioning: {status: Enable}}",
            "versioning.status is 'Enable'; AWS allows Enabled",
        ),
        ("s3", "Bucket", "{name: abc, versioning: {status: Enabled}}", ""),
        (
            "s3",
            "Bucket",
            "{name: abc, encryption: {rules: [{applyServerSideEncryptionByDefault: {sseAlgorithm: AES}}]}}",
            "sseAlgorithm is 'AES'",
        ),
        ("efs", "FileSystem", "{throughputMode: fast}", "throughputMode is 'fast'; AWS allows bursting"),
        ("cloudwatchlogs", "LogGroup", "{name: /a, retentionDays: 31}", "retentionDays is 31"),
        ("cloudwatchlogs", "LogGroup", "{name: 'a b'}", "which AWS's pattern"),
        (
            "cognitoidentityprovider",
            "UserPool",
            "{name: a, mfaConfiguration: MAYBE}",
            "AWS allows OFF, ON, OPTIONAL",
        ),
        ("cognitoidentityprovider", "UserPool", "{}", "CreateUserPool needs PoolName"),
        (
            "iam",
            "Role",
            f"{{name: {'a' * 65}, assumeRolePolicyDocument: '{{}}'}}",
            "has 65 characters; AWS takes 1 to 64",
        ),
        ("route53", "RecordSet", "{name: a, recordType: CNAMES}", "recordType is 'CNAMES'"),
        (
            "eks",
            "PodIdentityAssociation",
            "{clusterName: a, namespace: b, serviceAccount: c}",
            "needs roleArn",
        ),
        (
            "eks",
            "PodIdentityAssociation",
            "{clusterName: a, namespace: b, serviceAccount: c, roleRef: {}}",
            "",
        ),
    ],
)
def test_parameters_against_botocore(
    environment: Environment, group: str, kind: str, spec: str, text: str
) -> None:
    environment.application("a", resource(f"{group}.services.k8s.aws", kind, spec))
    found = environment.texts("aws/parameter")
    assert [text in what for what in found] == ([True] if text else []), found


def test_crossplane_parameters(environment: Environment) -> None:
    spec = "{forProvider: {deploymentType: PERSISTENT_3, storageCapacity: 1200}}"
    environment.application("a", resource("fsx.aws.m.upbound.io", "LustreFileSystem", spec))
    (text,) = environment.texts("aws/parameter")
    assert "deploymentType is 'PERSISTENT_3'" in text


@pytest.mark.parametrize(
    ("name", "found"), [("kubeflow-artifacts", 0), ("Kubeflow", 1), ("a..b", 1), ("10.0.0.1", 1)]
)
def test_bucket_names(environment: Environment, name: str, found: int) -> None:
    environment.application("a", resource("s3.services.k8s.aws", "Bucket", f"{{name: {name}}}"))
    assert len(environment.texts("aws/name")) == found


def test_the_tables_name_operations_members_and_actions_that_exist() -> None:
    for kind in KINDS.values():
        for call in (kind.create, *kind.calls.values()):
            assert service(call.service).at(call.operation, call.path)
        members = service(kind.create.service).at(kind.create.operation, kind.create.path)["members"]
        assert {name for name in kind.names.values() if name} <= members.keys(), kind
    actions = [action for text in (*READ.values(), *PROGRAMS.values()) for action in text.split()]
    assert [action for action in actions if not known(action)] == []


def test_instance_classes_are_those_of_the_question() -> None:
    """The question's table is Jinja, the rule's is Python: one list in two languages."""
    assert table("classes", "storage") == INSTANCE_CLASSES


def trust(namespace: str = "kubeflow", account: str = "a") -> str:
    return json.dumps(
        {
            "Statement": {
                "Effect": "Allow",
                "Principal": {"Service": "pods.eks.amazonaws.com"},
                "Action": ["sts:AssumeRole", "sts:TagSession"],
                "Condition": {
                    "StringEquals": {
                        "aws:RequestTag/kubernetes-namespace": namespace,
                        "aws:RequestTag/kubernetes-service-account": account,
                    }
                },
            }
        }
    )


def web_trust(subject: str) -> str:
    return json.dumps(
        {
            "Statement": {
                "Effect": "Allow",
                "Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/oidc.example.com"},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": {"oidc.example.com:sub": subject}},
            }
        }
    )


def role(trust_policy: str, policy: Any = None, name: str = "kubeflow-a") -> str:
    inline = json.dumps({"p": policy if isinstance(policy, str) else json.dumps(policy)}) if policy else "{}"
    return (
        "apiVersion: iam.services.k8s.aws/v1alpha1\nkind: Role\nmetadata: {name: a}\n"
        f"spec:\n  name: {name}\n  assumeRolePolicyDocument: '{trust_policy}'\n  inlinePolicies: {inline}\n"
    )


def association(account: str = "a", of: str = "a", cluster: str = "kube-eks-cluster") -> str:
    role_of = f"roleRef: {{from: {{name: {of}}}}}"
    spec = f"{{clusterName: {cluster}, namespace: kubeflow, serviceAccount: {account}, {role_of}}}"
    return resource("eks.services.k8s.aws", "PodIdentityAssociation", spec)


ACCOUNTS = (
    "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n---\n"
    "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: b}\n---\n"
)


def test_a_right_identity_has_no_finding(environment: Environment) -> None:
    environment.application("a", "---\n".join([ACCOUNTS, role(trust()), association()]))
    assert environment.texts("identity/") == []


@pytest.mark.parametrize(
    ("parts", "rule", "text"),
    [
        ([role(trust()), association("z")], "identity/no-service-account", "kubeflow/z gets role kubeflow-a"),
        (
            [role(trust("kubeflow", "z")), association()],
            "identity/no-service-account",
            "trusts ServiceAccount kubeflow/z",
        ),
        ([role(trust()), association("b")], "identity/trust", "does not trust ServiceAccount kubeflow/b"),
        (
            [role(trust()), association(of="nobody")],
            "identity/no-role",
            "gets role nobody, which nothing makes",
        ),
        ([role(trust()), association(cluster="other")], "identity/wrong-cluster", "cluster other"),
        (
            [role(trust())],
            "identity/unused-role",
            "no ServiceAccount of this environment has role kubeflow-a",
        ),
        (
            [role(trust()), association(), association().replace("name: a}\nspec", "name: b}\nspec")],
            "identity/two-associations",
            "kubeflow/a has 2 associations",
        ),
        (
            [
                role(web_trust("system:serviceaccount:kubeflow:z")),
            ],
            "identity/no-service-account",
            "trusts ServiceAccount kubeflow/z",
        ),
    ],
)
def test_a_wrong_identity(environment: Environment, parts: list[str], rule: str, text: str) -> None:
    environment.application("a", "---\n".join([ACCOUNTS, *parts]))
    assert any(text in what for what in environment.texts(rule)), environment.texts("identity/")


@pytest.mark.parametrize(
    ("subject", "issuer", "found"),
    [
        ("kubeflow:a", "", 0),
        ("kubeflow:a", "oidc.example.com", 0),
        ("kubeflow:b", "", 1),
        ("kubeflow:a", "oidc.example.org", 1),
    ],
)
def test_irsa_trusts_the_annotated_account(
    environment: Environment, subject: str, issuer: str, found: int
) -> None:
    environment.answers["oidc_issuer"] = issuer
    annotated = ACCOUNTS.replace(
        "{name: a}",
        "{name: a, annotations: {eks.amazonaws.com/role-arn: 'arn:aws:iam::123456789012:role/kubeflow-a'}}",
    )
    environment.application("a", f"{annotated}{role(web_trust(f'system:serviceaccount:{subject}'))}")
    assert len(environment.texts("identity/trust")) == found


ACK_S3 = "public.ecr.aws/aws-controllers-k8s/s3-controller:1.10.0"


def controller(image: str) -> str:
    return (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: controller}\n"
        "spec:\n  template:\n    spec:\n      serviceAccountName: a\n"
        f"      containers: [{{name: c, image: '{image}'}}]\n"
    )


def test_a_program_that_calls_aws_without_a_role(environment: Environment) -> None:
    environment.application(
        "a",
        ACCOUNTS + controller("public.ecr.aws/eks/aws-load-balancer-controller:v3.2.2"),
    )
    (text,) = environment.texts("identity/missing")
    assert "load-balancer-controller, which calls AWS, and ServiceAccount kubeflow/a has no role" in text


def allow(action: Any, resources: Any = "*", **more: Any) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": action, "Resource": resources, **more}],
    }


@pytest.mark.parametrize(
    ("policy", "rule", "text"),
    [
        (allow("s3:GetObject", "arn:aws:s3:::a/*"), "", ""),
        ("not json", "iam/unreadable", "it is no JSON"),
        ({"Statement": [{"Effect": "Alow"}]}, "iam/unreadable", "Effect 'Alow'"),
        ({"Statement": [{"Effect": "Allow", "Actions": "a"}]}, "iam/unreadable", "unknown element Actions"),
        (allow("s3:GetObjct"), "iam/unknown-action", "did you mean s3:getobject?"),
        (allow("rds:Describe*"), "", ""),
        (allow("rds:Foo*"), "iam/unknown-action", "there is no action rds:Foo*"),
        (allow("*"), "iam/everything", "allows * on every resource"),
        (allow("s3:*"), "iam/everything", "allows s3:* on every resource"),
        (
            {"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]},
            "iam/inverted",
            "an Allow with NotAction",
        ),
    ],
)
def test_policies(environment: Environment, policy: Any, rule: str, text: str) -> None:
    environment.application("a", "---\n".join([ACCOUNTS, role(trust(), policy), association()]))
    found = environment.findings("iam/")
    assert {entry.rule for entry in found} == ({rule} if rule else set())
    assert all(text in entry.what for entry in found)


def test_a_document_with_expressions_in_it_is_read() -> None:
    (statement,) = statements('{"Statement": {"Effect": "Deny", "Action": "a:b", "Resource": "${x.y["z"]}"}}')
    assert not statement.allows
    with pytest.raises(DocumentError, match="no Statement"):
        statements("{}")


@pytest.mark.parametrize(
    ("pattern", "arn", "matches"),
    [
        ("arn:aws:s3:::a/*", "arn:aws:s3:::a/b/c", True),
        ("arn:aws:s3:::a", "arn:aws:s3:::ab", False),
        ("arn:secret:x-??????", "arn:secret:x-AbCdEf", True),
        ("arn:${AWS::Partition}:s3:::[a]", "arn:aws:s3:::[a]", True),
    ],
)
def test_resources_of_policies(pattern: str, arn: str, matches: bool) -> None:
    assert arn_matches(pattern, arn) is matches


BUCKET_ACTIONS = READ["s3.services.k8s.aws", "Bucket"].split()
STACK = """
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Boundary:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: boundary
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Action: ["s3:*"], Resource: "*"}]
"""


@pytest.mark.parametrize(
    ("actions", "resources", "boundary", "rule", "text"),
    [
        ([*BUCKET_ACTIONS, "s3:CreateBucket"], "arn:aws:s3:::kubeflow-*", "s3:*", "", ""),
        (BUCKET_ACTIONS, "*", "s3:*", "access/missing-action", "does not allow s3:CreateBucket"),
        (
            [*BUCKET_ACTIONS, "s3:CreateBucket"],
            "arn:aws:s3:::x",
            "s3:*",
            "access/missing-resource",
            "s3:CreateBucket on arn:aws:s3:::kubeflow",
        ),
        (
            [*BUCKET_ACTIONS, "s3:CreateBucket"],
            "*",
            "s3:Get*",
            "access/beyond-boundary",
            "boundary does not allow s3:CreateBucket",
        ),
    ],
)
def test_roles_reach_what_their_programs_call(
    environment: Environment, actions: list[str], resources: str, boundary: str, rule: str, text: str
) -> None:
    bucket = resource("s3.services.k8s.aws", "Bucket", "{name: kubeflow-artifacts-123456789012-us-west-2}")
    bounded = (
        role(trust(), allow(actions, resources))
        + "  permissionsBoundary: arn:aws:iam::123456789012:policy/boundary\n"
    )
    environment.write("bootstrap/stack.yaml", STACK.replace("s3:*", boundary))
    environment.application("a", "---\n".join([ACCOUNTS, bounded, association(), controller(ACK_S3), bucket]))
    found = environment.findings("access/")
    assert {entry.rule for entry in found} >= ({rule} if rule else set())
    assert any(text in entry.what for entry in found) == bool(rule)


def test_a_role_without_the_boundary_and_with_one_that_nobody_makes(environment: Environment) -> None:
    bounded = role(trust(), name="kubeflow-b").replace("name: a}", "name: b}")
    bounded += "  permissionsBoundary: arn:aws:iam::123456789012:policy/nobody\n"
    environment.application("a", "---\n".join([ACCOUNTS, role(trust()), bounded]))
    assert environment.texts("access/no-boundary") == ["role kubeflow-a has no permissionsBoundary"]
    assert environment.texts("consistency/unknown-policy") == [
        "role kubeflow-b names policy nobody, which nothing makes"
    ]
