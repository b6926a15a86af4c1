"""ACK's names of fields."""

from __future__ import annotations

import pytest

from kfaws.harness.crds.names import ack_name


@pytest.mark.parametrize(
    ("member", "field"),
    [
        ("KmsKeyId", "kmsKeyID"),
        ("KMSMasterKeyID", "kmsMasterKeyID"),
        ("DBInstanceIdentifier", "dbInstanceIdentifier"),
        ("DbiResourceId", "dbiResourceID"),
        ("VpcSecurityGroupIds", "vpcSecurityGroupIDs"),
        ("MultiAZ", "multiAZ"),
        ("EnableIAMDatabaseAuthentication", "enableIAMDatabaseAuthentication"),
        ("CACertificateIdentifier", "caCertificateIdentifier"),
        ("CAIdentifier", "cAIdentifier"),
        ("Ipv6Ranges", "ipv6Ranges"),
        ("CidrIpv6", "cidrIPv6"),
        ("NativeBackup", "nativeBackup"),
        ("SSEAlgorithm", "sseAlgorithm"),
        ("ID", "id"),
        ("URI", "uRI"),
        ("Type", "type_"),
        ("clusterName", "clusterName"),
    ],
)
def test_a_member_has_the_name_that_ack_gives_it(member: str, field: str) -> None:
    assert ack_name(member) == field
