"""Breaks: places that disagree with the answers."""

from tests.mutants.mutant import BUCKET, Mutant

WRONG_BUCKET = "kubeflow-artefacts-123456789012-us-west-2"

MUTANTS = (
    Mutant(
        "wrong bucket name in one place",
        "kubeflow/pipelines/s3/bucket.yaml",
        f"bucketName: {BUCKET}",
        f"bucketName: {WRONG_BUCKET}",
        "consistency/bucket",
        f"names bucket {WRONG_BUCKET}, the answers say {BUCKET}",
    ),
    Mutant(
        "wrong bucket name in a policy",
        "platform/roles/pipelines-ui.yaml",
        f"arn:aws:s3:::{BUCKET}/profiles",
        f"arn:aws:s3:::{WRONG_BUCKET}/profiles",
        "consistency/bucket",
        f"ARN names bucket {WRONG_BUCKET}",
    ),
    Mutant(
        "wrong bucket name in the bootstrap",
        "bootstrap/cloudformation.yaml",
        f"arn:aws:s3:::{BUCKET}/*",
        f"arn:aws:s3:::{WRONG_BUCKET}/*",
        "consistency/bucket",
        f"ARN names bucket {WRONG_BUCKET}",
    ),
    Mutant(
        "subnet of another network",
        "platform/environment/network.yaml",
        "subnet-0a1b2c3d4e5f60002",
        "subnet-0a1b2c3d4e5f60022",
        "consistency/network",
        "names subnet-0a1b2c3d4e5f60022, which is in no answer",
    ),
    Mutant(
        "wrong account in an ARN",
        "platform/roles/ack-rds.yaml",
        "rds:us-west-2:123456789012:pg:kubeflow-*",
        "rds:us-west-2:123456789021:pg:kubeflow-*",
        "consistency/arn",
        "has account 123456789021, the answers say 123456789012",
    ),
    Mutant(
        "wrong region in an ARN",
        "platform/roles/log-collector.yaml",
        "logs:us-west-2:",
        "logs:us-east-2:",
        "consistency/arn",
        "has region us-east-2, the answers say us-west-2",
    ),
    Mutant(
        "wrong region of S3",
        "kubeflow/pipelines/s3/api-server.yaml",
        "s3.us-west-2.amazonaws.com",
        "s3.us-east-2.amazonaws.com",
        "consistency/region",
        "names region us-east-2, the answers say us-west-2",
    ),
    Mutant(
        "wrong domain in one place",
        "platform/definitions/public-endpoint.yaml",
        "host: kubeflow.platform.example.com",
        "host: kubeflow.platfrom.example.com",
        "consistency/nearly",
        "kubeflow.platfrom.example.com is nearly platform.example.com",
    ),
    Mutant(
        "boundary that nobody makes",
        "bootstrap/cloudformation.yaml",
        "ManagedPolicyName: kubeflow-boundary",
        "ManagedPolicyName: kubeflow-limit",
        "consistency/unknown-policy",
        "names policy kubeflow-boundary, which nothing makes",
    ),
)
