"""Breaks: what roles may do."""

from tests.mutants.mutant import BUCKET, Mutant

MUTANTS = (
    Mutant(
        "missing IAM action of an ACK controller",
        "platform/roles/ack-rds.yaml",
        '"rds:ModifyDBInstance"',
        '"rds:StartDBInstance"',
        "access/missing-action",
        "role kubeflow-ack-rds does not allow rds:ModifyDBInstance, which ack-rds needs for kind DBInstance",
    ),
    Mutant(
        "missing IAM action of Crossplane",
        "platform/roles/crossplane.yaml",
        "cognito-idp:CreateUserPoolClient",
        "cognito-idp:DeleteUserPoolClient",
        "access/missing-action",
        "does not allow cognito-idp:CreateUserPoolClient, which crossplane needs for kind UserPoolClient",
    ),
    Mutant(
        "database of another name in a policy",
        "platform/roles/ack-rds.yaml",
        ':db:kubeflow"',
        ':db:kubeflw"',
        "access/missing-resource",
        "role kubeflow-ack-rds does not allow rds:CreateDBInstance on"
        " arn:aws:rds:us-west-2:123456789012:db:kubeflow",
    ),
    Mutant(
        "secret that External Secrets may not read",
        "platform/roles/external-secrets.yaml",
        ":secret:rds-secret-??????",
        ":secret:database-secret-??????",
        "access/missing-resource",
        "does not allow secretsmanager:GetSecretValue on",
    ),
    Mutant(
        "boundary that leaves a service out",
        "bootstrap/cloudformation.yaml",
        "              - rds:*\n",
        "",
        "access/beyond-boundary",
        "role kubeflow-ack-rds's boundary does not allow rds:CreateDBInstance",
    ),
    Mutant(
        "role without the boundary",
        "platform/roles/pipelines-ui.yaml",
        "  permissionsBoundary: arn:aws:iam::123456789012:policy/kubeflow-boundary\n",
        "",
        "access/no-boundary",
        "role kubeflow-pipelines-ui has no permissionsBoundary",
    ),
    Mutant(
        "everything allowed on everything",
        "platform/roles/pipelines.yaml",
        '"Action": ["s3:GetBucketLocation", "s3:ListBucket"],\n'
        f'            "Resource": "arn:aws:s3:::{BUCKET}"',
        '"Action": "*",\n            "Resource": "*"',
        "iam/everything",
        "allows * on every resource",
    ),
    Mutant(
        "misspelt IAM action",
        "platform/roles/log-collector.yaml",
        '"logs:DescribeLogStreams"',
        '"logs:DescribeLogStream"',
        "iam/unknown-action",
        "there is no action logs:DescribeLogStream: did you mean logs:describelogstreams?",
    ),
    Mutant(
        "policy that does not parse",
        "platform/roles/pipelines-ui.yaml",
        '        "Statement": [\n',
        '        "Statement": [,\n',
        "iam/unreadable",
        "it is no JSON",
    ),
)
