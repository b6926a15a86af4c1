"""What `kfaws new --cluster` reads of an account: a cluster, its network, zones, certificates, user pools."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from botocore.exceptions import ClientError

from kfaws.generator.doctor.site import Account

Described = Mapping[str, Any]
"""What a describe or list call returns of one thing."""


@dataclass(frozen=True)
class Zone:
    """A public hosted zone."""

    id: str
    name: str
    """Without the dot at its end."""


@dataclass(frozen=True)
class Certificate:
    """An issued certificate."""

    arn: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class UserPool:
    """A Cognito user pool, with its app clients as name by id."""

    id: str
    name: str
    clients: Mapping[str, str]


def describe(error: Exception) -> str:
    """What AWS said, in one line."""
    if isinstance(error, ClientError):
        return f"{error.operation_name}: {error.response['Error'].get('Message') or error}"
    return str(error)


def read_cluster(account: Account, name: str) -> dict[str, Any]:
    """Answers that follow from an EKS cluster and whose it is; what the cluster lacks is left out."""
    cluster = account.client("eks").describe_cluster(name=name)["cluster"]
    network = cluster["resourcesVpcConfig"]
    issuer = cluster.get("identity", {}).get("oidc", {}).get("issuer", "")
    found = {
        "aws_account_id": account.client("sts").get_caller_identity()["Account"],
        "aws_region": account.region,
        "cluster_source": "external",
        "cluster_name": name,
        "kubernetes_version": cluster["version"],
        "cluster_security_group_id": network.get("clusterSecurityGroupId"),
        "oidc_issuer": issuer.removeprefix("https://"),
        **_read_network(account, network["vpcId"]),
    }
    return {key: value for key, value in found.items() if value}


def _read_network(account: Account, vpc_id: str) -> dict[str, Any]:
    of_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    cidr = account.client("ec2").describe_vpcs(VpcIds=[vpc_id])["Vpcs"][0]["CidrBlock"]
    tables = account.pages("ec2", "describe_route_tables", "RouteTables", Filters=of_vpc)
    subnets = [
        subnet
        for subnet in account.pages("ec2", "describe_subnets", "Subnets", Filters=of_vpc)
        if _is_usable(subnet, account.region, cidr)
    ]
    public = [subnet for subnet in subnets if is_public(subnet["SubnetId"], tables)]
    private = [subnet for subnet in subnets if subnet not in public]
    return {
        "vpc_id": vpc_id,
        "vpc_cidr": cidr,
        "private_subnets": one_a_zone(private, "kubernetes.io/role/internal-elb"),
        "public_subnets": one_a_zone(public, "kubernetes.io/role/elb"),
    }


def _is_usable(subnet: Described, region: str, cidr: str) -> bool:
    """Whether RDS, EFS and the ALB take it: no local zone, no secondary block of the VPC."""
    in_region = re.fullmatch(rf"{region}[a-z]", subnet["AvailabilityZone"]) is not None
    return in_region and IPv4Network(subnet["CidrBlock"]).subnet_of(IPv4Network(cidr))


def is_public(subnet_id: str, tables: Iterable[Described]) -> bool:
    """Whether a subnet's own route table, else the VPC's main one, leads to an internet gateway."""
    main: Described = {}
    for table in tables:
        for association in table.get("Associations", []):
            if association.get("SubnetId") == subnet_id:
                return _leads_outside(table)
            if association.get("Main"):
                main = table
    return _leads_outside(main)


def _leads_outside(table: Described) -> bool:
    return any(route.get("GatewayId", "").startswith("igw-") for route in table.get("Routes", []))


def one_a_zone(subnets: Iterable[Described], role_tag: str) -> list[dict[str, str]]:
    """One subnet in each zone, as EFS and the ALB want it: one with the load balancer's tag before others."""

    def rank(subnet: Described) -> tuple[str, bool, str]:
        tags = {tag["Key"] for tag in subnet.get("Tags", [])}
        return subnet["AvailabilityZone"], role_tag not in tags, subnet["SubnetId"]

    chosen: dict[str, dict[str, str]] = {}
    for subnet in sorted(subnets, key=rank):
        zone = subnet["AvailabilityZone"]
        chosen.setdefault(zone, {"id": subnet["SubnetId"], "zone": zone, "cidr": subnet["CidrBlock"]})
    return list(chosen.values())


def read_zones(account: Account) -> list[Zone]:
    """Public hosted zones, which belong to no region."""
    return [
        Zone(zone["Id"].removeprefix("/hostedzone/"), zone["Name"].removesuffix("."))
        for zone in account.pages("route53", "list_hosted_zones", "HostedZones")
        if not zone["Config"]["PrivateZone"]
    ]


def read_certificates(account: Account) -> list[Certificate]:
    """Issued certificates of the region."""
    issued = account.pages(
        "acm", "list_certificates", "CertificateSummaryList", CertificateStatuses=["ISSUED"]
    )
    return [
        Certificate(
            certificate["CertificateArn"],
            tuple(
                dict.fromkeys(
                    [certificate["DomainName"], *certificate.get("SubjectAlternativeNameSummaries", [])]
                )
            ),
        )
        for certificate in issued
    ]


def read_user_pools(account: Account) -> list[UserPool]:
    """User pools of the region, each with its app clients."""
    return [
        UserPool(pool["Id"], pool["Name"], _read_clients(account, pool["Id"]))
        for pool in account.pages("cognito-idp", "list_user_pools", "UserPools", MaxResults=60)
    ]


def _read_clients(account: Account, pool: str) -> dict[str, str]:
    clients = account.pages("cognito-idp", "list_user_pool_clients", "UserPoolClients", UserPoolId=pool)
    return {client["ClientId"]: client["ClientName"] for client in clients}
