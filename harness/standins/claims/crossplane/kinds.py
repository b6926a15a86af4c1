"""The kinds of Crossplane's AWS providers that this stand-in knows."""

from __future__ import annotations

from kfaws.harness.standins.claims.crossplane.cognito import (
    IdentityProvider,
    ResourceServer,
    User,
    UserPool,
    UserPoolClient,
    UserPoolDomain,
)
from kfaws.harness.standins.claims.crossplane.fsx import DataRepositoryAssociation, LustreFileSystem
from kfaws.harness.standins.claims.crossplane.managed import Managed

DOMAIN = "aws.m.upbound.io"
VERSION = "v1beta1"

KINDS: dict[tuple[str, str], Managed] = {
    ("cognitoidp", "IdentityProvider"): IdentityProvider(),
    ("cognitoidp", "ResourceServer"): ResourceServer(),
    ("cognitoidp", "User"): User(),
    ("cognitoidp", "UserPool"): UserPool(),
    ("cognitoidp", "UserPoolClient"): UserPoolClient(),
    ("cognitoidp", "UserPoolDomain"): UserPoolDomain(),
    ("fsx", "DataRepositoryAssociation"): DataRepositoryAssociation(),
    ("fsx", "LustreFileSystem"): LustreFileSystem(),
}
"""By the first word of the group, and the kind."""
