"""Environments that between them have every part of the claim API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.definitions.generated import Environment, generate

CERTIFICATE = "12345678-1234-1234-1234-123456789012"
ANSWERS: dict[str, dict[str, Any]] = {
    "walkthrough": {},
    "everything": {
        "root_zone": "elsewhere",
        "cognito_domain_type": "custom",
        "bucket_encryption": "aws:kms",
        "credentials": "irsa",
        "oidc_issuer": "oidc.eks.us-west-2.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF",
        "machine_clients": [{"name": "ci", "principal": "ci@example.com"}],
        "social_providers": [{"provider": "Google", "secret": "kubeflow/google"}],
        "saml_providers": [{"name": "Old", "metadata_url": "https://saml.example.com/metadata"}],
        "collect_metrics": True,
    },
    "oauth2-proxy": {"login": "cognito-oidc", "public_endpoint": True},
    "given": {
        "user_pool_source": "external",
        "user_pool_id": "us-west-2_AbCdEfGhI",
        "user_pool_client_id": "1h57kf5cpq17m0eml12example",
        "database_source": "external",
        "database_host": "db.example.com",
        "bucket_source": "external",
        "shared_file_system": "external",
        "efs_file_system_id": "fs-0123456789abcdef0",
        "lustre_file_system": "external",
        "fsx_file_system": {
            "id": "fs-0123456789abcdef1",
            "dns_name": "fs-0123456789abcdef1.fsx.us-west-2.amazonaws.com",
            "mount_name": "abcdef",
            "capacity_gb": 1200,
        },
        "zone_source": "external",
        "zone_id": "Z0123456789ABCDEFGHIK",
        "certificate_source": "external",
        "certificate_arn": f"arn:aws:acm:us-west-2:123456789012:certificate/{CERTIFICATE}",
    },
    "vanilla": {
        "deployment_option": "vanilla",
        "shared_file_system": "none",
        "lustre_file_system": "none",
    },
}


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Environment]:
    """All of them, by name."""
    return {name: generate(tmp_path_factory.mktemp(name), answers) for name, answers in ANSWERS.items()}


@pytest.fixture(scope="session", params=ANSWERS)
def environment(request: pytest.FixtureRequest, environments: dict[str, Environment]) -> Environment:
    """Each of them."""
    return environments[request.param]


@pytest.fixture(scope="session")
def walkthrough_environment(environments: dict[str, Environment]) -> Environment:
    """The walkthrough's."""
    return environments["walkthrough"]


@pytest.fixture(scope="session")
def everything(environments: dict[str, Environment]) -> Environment:
    """The one with a custom log-in domain, machines, identity providers, a KMS key and IRSA."""
    return environments["everything"]
