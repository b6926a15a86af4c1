"""What moto lacks or does otherwise, asked for as controllers do."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.harness.standins.aws.conftest import Client

ROLE = "arn:aws:iam::123456789012:role/some"


def test_pod_identity_associations_live_as_in_eks(client: Client) -> None:
    eks = client("eks")
    names = {"clusterName": "example", "namespace": "team", "serviceAccount": "worker"}
    made = eks.create_pod_identity_association(**names, roleArn=ROLE, tags={"a": "1"})["association"]
    with pytest.raises(eks.exceptions.ResourceInUseException):
        eks.create_pod_identity_association(**names, roleArn=ROLE)
    one = {"clusterName": "example", "associationId": made["associationId"]}
    eks.update_pod_identity_association(**one, roleArn=f"{ROLE}-other")
    arn = made["associationArn"]
    eks.tag_resource(resourceArn=arn, tags={"b": "2"})
    eks.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert eks.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}
    assert eks.describe_pod_identity_association(**one)["association"]["roleArn"] == f"{ROLE}-other"
    eks.delete_pod_identity_association(**one)
    with pytest.raises(eks.exceptions.ResourceNotFoundException):
        eks.describe_pod_identity_association(**one)


def test_a_file_system_has_a_backup_policy(client: Client) -> None:
    efs = client("efs")
    name = efs.create_file_system(CreationToken="backup")["FileSystemId"]
    assert efs.describe_backup_policy(FileSystemId=name)["BackupPolicy"]["Status"] == "DISABLED"
    efs.put_backup_policy(FileSystemId=name, BackupPolicy={"Status": "ENABLED"})
    assert efs.describe_backup_policy(FileSystemId=name)["BackupPolicy"]["Status"] == "ENABLED"
    with pytest.raises(efs.exceptions.FileSystemNotFound):
        efs.describe_backup_policy(FileSystemId="fs-00000000000000000")


def test_a_bucket_is_linked_to_a_file_system_once(client: Client) -> None:
    fsx = client("fsx")
    asked: dict[str, Any] = {
        "FileSystemId": "fs-0123456789abcdef0",
        "FileSystemPath": "/data",
        "DataRepositoryPath": "s3://bucket/data",
        "S3": {"AutoImportPolicy": {"Events": ["NEW"]}},
        "ClientRequestToken": "once",
    }
    made = fsx.create_data_repository_association(**asked)["Association"]
    assert fsx.create_data_repository_association(**asked)["Association"] == made
    name = made["AssociationId"]
    changed: Any = {"AutoImportPolicy": {"Events": ["NEW", "CHANGED"]}}
    fsx.update_data_repository_association(AssociationId=name, S3=changed)
    filters: Any = [{"Name": "file-system-id", "Values": ["fs-0123456789abcdef0"]}]
    (found,) = fsx.describe_data_repository_associations(Filters=filters)["Associations"]
    assert found["S3"] == changed
    fsx.delete_data_repository_association(AssociationId=name)
    with pytest.raises(fsx.exceptions.DataRepositoryAssociationNotFound):
        fsx.describe_data_repository_associations(AssociationIds=[name])


def test_a_user_pool_has_tags_and_its_resource_servers_change(client: Client) -> None:
    cognito = client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="people", UserPoolTags={"a": "1"})["UserPool"]
    cognito.tag_resource(ResourceArn=pool["Arn"], Tags={"b": "2"})
    cognito.untag_resource(ResourceArn=pool["Arn"], TagKeys=["a"])
    assert cognito.list_tags_for_resource(ResourceArn=pool["Arn"])["Tags"] == {"b": "2"}
    server = {"UserPoolId": pool["Id"], "Identifier": "api"}
    cognito.create_resource_server(**server, Name="API")
    scopes: Any = [{"ScopeName": "run", "ScopeDescription": "run pipelines"}]
    cognito.update_resource_server(**server, Name="API", Scopes=scopes)
    assert cognito.describe_resource_server(**server)["ResourceServer"]["Scopes"] == scopes


def test_a_changed_subnet_group_stays(client: Client) -> None:
    rds = client("rds")
    group = {"DBSubnetGroupName": "group", "SubnetIds": ["subnet-0a1b2c3d4e5f60001"]}
    rds.create_db_subnet_group(**group, DBSubnetGroupDescription="first")
    rds.modify_db_subnet_group(**group, DBSubnetGroupDescription="second")
    (found,) = rds.describe_db_subnet_groups(DBSubnetGroupName="group")["DBSubnetGroups"]
    assert found["DBSubnetGroupDescription"] == "second"


def status(client: Client, arn: str) -> str:
    found: str = client("acm").describe_certificate(CertificateArn=arn)["Certificate"]["Status"]
    return found


def records(client: Client, zone: str, name: str, kind: str, value: str) -> None:
    change: Any = {
        "Action": "UPSERT",
        "ResourceRecordSet": {
            "Name": name,
            "Type": kind,
            "TTL": 60,
            "ResourceRecords": [{"Value": value}],
        },
    }
    client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})


def test_a_certificate_is_issued_once_the_world_finds_its_record(client: Client) -> None:
    domain = "platform.example.com"
    arn = client("acm").request_certificate(DomainName=domain, ValidationMethod="DNS")["CertificateArn"]
    assert status(client, arn) == "PENDING_VALIDATION"
    (option,) = client("acm").describe_certificate(CertificateArn=arn)["Certificate"][
        "DomainValidationOptions"
    ]
    zone = client("route53").create_hosted_zone(Name=domain, CallerReference="x")["HostedZone"]["Id"]
    record = option["ResourceRecord"]
    records(client, zone, record["Name"], "CNAME", record["Value"])
    assert status(client, arn) == "PENDING_VALIDATION", "the parent zone does not name the zone yet"
    records(client, "Z0123456789ABCDEFGHIJ", domain, "NS", "ns-1.example.net")
    assert status(client, arn) == "ISSUED"


def test_a_refusal_is_what_the_client_expects(client: Client) -> None:
    with pytest.raises(ClientError, match="No association a-nothing found"):
        client("eks").describe_pod_identity_association(clusterName="example", associationId="a-nothing")
