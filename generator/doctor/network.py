"""The network: VPC, subnets, zones, the tags an ALB looks for, and the way out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from kfaws.generator.doctor.report import Line, judge, missing, ok, unknown
from kfaws.generator.doctor.site import Site, answer, code_of

PUBLIC_TAG = "kubernetes.io/role/elb"
PRIVATE_TAG = "kubernetes.io/role/internal-elb"
FREE_ADDRESSES = 16
"""Addresses that a subnet should have left: an ALB wants 8, RDS, mount targets and pods the rest."""


def check_vpc(site: Site) -> Iterator[Line]:
    """The VPC exists, has the CIDR of the answers and resolves host names (EFS and RDS need that)."""
    if "vpc_id" not in site.answers:
        return
    vpc_id, ec2 = site.answers["vpc_id"], site.account.client("ec2")
    try:
        vpc = ec2.describe_vpcs(VpcIds=[vpc_id])["Vpcs"][0]
    except ClientError as error:
        if code_of(error) != "InvalidVpcID.NotFound":
            raise
        yield missing("VPC", f"{vpc_id} is not in {site.region}", site.aws("ec2", "describe-vpcs"))
        return
    blocks = [block["CidrBlock"] for block in vpc.get("CidrBlockAssociationSet", [])] or [vpc["CidrBlock"]]
    wanted = site.answers["vpc_cidr"]
    yield judge(
        "VPC",
        wanted in blocks,
        f"{vpc_id}, {wanted}" if wanted in blocks else f"{vpc_id} is {blocks[0]}; the answers say {wanted}",
        answer("vpc_cidr", blocks[0]),
    )
    for attribute, key, option in (
        ("enableDnsSupport", "EnableDnsSupport", "--enable-dns-support"),
        ("enableDnsHostnames", "EnableDnsHostnames", "--enable-dns-hostnames"),
    ):
        on = ec2.describe_vpc_attribute(VpcId=vpc_id, Attribute=attribute)[key]["Value"]
        yield judge(
            f"VPC {attribute}",
            on,
            "on" if on else "off: RDS, EFS and FSx names would not resolve",
            site.aws("ec2", "modify-vpc-attribute", "--vpc-id", vpc_id, option),
        )


def check_subnets(site: Site) -> Iterator[Line]:
    """Every subnet of the answers exists, in that VPC and zone, with addresses left."""
    wanted = [*site.answers.get("private_subnets", []), *site.answers.get("public_subnets", [])]
    found = _subnets(site)
    for subnet in wanted:
        yield _subnet(site, subnet, found.get(subnet["id"]))
    if wanted:
        zones = {
            found[s["id"]]["AvailabilityZone"] for s in site.answers["private_subnets"] if s["id"] in found
        }
        yield judge(
            "Zones of the private subnets",
            len(zones) > 1,
            ", ".join(sorted(zones)) or "none",
            site.aws("ec2", "describe-subnets", "--filters", f"Name=vpc-id,Values={site.answers['vpc_id']}"),
        )


def check_load_balancer_subnets(site: Site) -> Iterator[Line]:
    """Subnets for load balancers carry AWS's tag.

    The environment's own Ingress names its subnets; whatever else makes a load balancer looks for the tag.
    """
    if not site.answers.has_endpoint or "vpc_id" not in site.answers:
        return
    internal = site.answers["alb_scheme"] == "internal"
    tag = PRIVATE_TAG if internal else PUBLIC_TAG
    subnets = site.answers["private_subnets" if internal else "public_subnets"]
    found = _subnets(site)
    untagged = [
        s["id"] for s in subnets if {"Key": tag, "Value": "1"} not in found.get(s["id"], {}).get("Tags", [])
    ]
    yield judge(
        "Tags of the ALB's subnets",
        bool(subnets) and not untagged,
        f"{tag}=1 on {len(subnets)}" if not untagged else f"{tag}=1 is not on {', '.join(untagged)}",
        site.aws("ec2", "create-tags", "--resources", *untagged, "--tags", f"Key={tag},Value=1"),
    )


def check_routes(site: Site) -> Iterator[Line]:
    """Public subnets route to an internet gateway, private ones to some way out."""
    if "vpc_id" not in site.answers:
        return
    tables = site.account.pages(
        "ec2", "describe_route_tables", "RouteTables",
        Filters=[{"Name": "vpc-id", "Values": [site.answers["vpc_id"]]}],
    )  # fmt: skip
    look = site.aws(
        "ec2", "describe-route-tables", "--filters", f"Name=vpc-id,Values={site.answers['vpc_id']}"
    )
    closed = [
        s["id"] for s in site.answers.get("public_subnets", []) if not _way_out(tables, s["id"], "igw-")
    ]
    if site.answers.get("public_subnets"):
        yield judge(
            "Routes of the public subnets",
            not closed,
            "to an internet gateway" if not closed else f"no internet gateway for {', '.join(closed)}",
            look,
        )
    shut = [s["id"] for s in site.answers["private_subnets"] if not _way_out(tables, s["id"], "")]
    if shut:
        # A site without internet is legitimate: its own mirrors and VPC endpoints take its place.
        yield unknown(
            "Routes of the private subnets",
            f"no default route for {', '.join(shut)}: images, git and AWS need endpoints or mirrors",
            look,
        )
    else:
        yield ok("Routes of the private subnets", "have a default route")


def check_security_group(site: Site) -> Iterator[Line]:
    """The nodes' security group exists in the VPC."""
    group = site.answers.get("cluster_security_group_id")
    if group is None:
        return
    topic = "Security group of the nodes"
    own = (site.cluster or {}).get("resourcesVpcConfig", {}).get("clusterSecurityGroupId")
    remedy = answer("cluster_security_group_id", own or "<the nodes' group>")
    try:
        found = site.account.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    except ClientError as error:
        if not code_of(error).startswith(("InvalidGroup", "InvalidSecurityGroup")):
            raise
        yield missing(topic, f"{group} does not exist", remedy)
        return
    inside = found["VpcId"] == site.answers.get("vpc_id", found["VpcId"])
    yield judge(topic, inside, group if inside else f"{group} is in {found['VpcId']}", remedy)


def _subnets(site: Site) -> dict[str, Any]:
    """Return the VPC's subnets by id."""
    if "vpc_id" not in site.answers:
        return {}
    filters = [{"Name": "vpc-id", "Values": [site.answers["vpc_id"]]}]
    found = site.account.pages("ec2", "describe_subnets", "Subnets", Filters=filters)
    return {subnet["SubnetId"]: subnet for subnet in found}


def _subnet(site: Site, wanted: dict[str, str], found: dict[str, Any] | None) -> Line:
    topic = f"Subnet {wanted['id']}"
    look = site.aws("ec2", "describe-subnets", "--subnet-ids", wanted["id"])
    if found is None:
        return missing(topic, f"is not in {site.answers['vpc_id']}", look)
    zone, free = found["AvailabilityZone"], found["AvailableIpAddressCount"]
    if zone != wanted["zone"] or found["CidrBlock"] != wanted["cidr"]:
        return missing(
            topic,
            f"is {found['CidrBlock']} in {zone}; the answers say {wanted['cidr']} in {wanted['zone']}",
            look,
        )
    return judge(topic, free >= FREE_ADDRESSES, f"{zone}, {free} addresses free", look)


def _way_out(tables: list[dict[str, Any]], subnet: str, target: str) -> bool:
    """Say whether a subnet's default route leads to a target whose id starts with `target`."""
    own = [t for t in tables if any(a.get("SubnetId") == subnet for a in t["Associations"])]
    main = [t for t in tables if any(a.get("Main") for a in t["Associations"])]
    for table in own or main:
        for route in table["Routes"]:
            ends = [str(v) for k, v in route.items() if k.endswith("Id")]
            if route.get("DestinationCidrBlock") == "0.0.0.0/0" and any(e.startswith(target) for e in ends):
                return True
    return False
