"""Room in the account: what the environment adds must fit under the service quotas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kfaws.generator.doctor.report import Line, judge
from kfaws.generator.doctor.site import Answers, Site

BASE_ROLES = 12
"""Roles of bootstrap, controllers and Kubeflow itself; each profile adds one."""


@dataclass(frozen=True)
class Quota:
    """One quota, how much of it is used, and how much this environment adds."""

    topic: str
    service: str
    code: str
    adds: Callable[[Answers], int]
    used: Callable[[Site], int]
    everywhere: bool = False
    """Whether the quota is one for the account, kept in the partition's first region."""


def _load_balancers(site: Site) -> int:
    found = site.account.pages("elbv2", "describe_load_balancers", "LoadBalancers")
    return sum(balancer["Type"] == "application" for balancer in found)


def _roles(site: Site) -> int:
    return int(site.account.client("iam").get_account_summary()["SummaryMap"]["Roles"])


def _roles_added(answers: Answers) -> int:
    return BASE_ROLES + len(answers.get("profiles", [])) if answers.uses_aws else 0


QUOTAS = (
    Quota(
        "Quota of RDS instances", "rds", "L-7B6409FD",
        lambda answers: int(answers.creates("database_source")),
        lambda site: len(site.account.pages("rds", "describe_db_instances", "DBInstances")),
    ),
    Quota(
        "Quota of load balancers", "elasticloadbalancing", "L-53DA6B97",
        lambda answers: int(answers.has_endpoint), _load_balancers,
    ),
    Quota(
        "Quota of EFS file systems", "elasticfilesystem", "L-848C634D",
        lambda answers: int(answers.creates("shared_file_system")),
        lambda site: len(site.account.pages("efs", "describe_file_systems", "FileSystems")),
    ),
    Quota(
        "Quota of VPCs", "vpc", "L-F678F1CE",
        lambda answers: int(answers.creates("vpc_source")),
        lambda site: len(site.account.pages("ec2", "describe_vpcs", "Vpcs")),
    ),
    Quota(
        "Quota of elastic IPs", "ec2", "L-0263D0A3",
        lambda answers: int(answers.creates("vpc_source")),
        lambda site: len(site.account.client("ec2").describe_addresses()["Addresses"]),
    ),
    Quota("Quota of IAM roles", "iam", "L-FE177D64", _roles_added, _roles, everywhere=True),
)  # fmt: skip


def check_quotas(site: Site) -> Iterator[Line]:
    """Each quota leaves room for what this environment makes."""
    for quota in QUOTAS:
        adds = quota.adds(site.answers)
        if adds:
            yield _judge(site, quota, adds)


def _judge(site: Site, quota: Quota, adds: int) -> Line:
    region = _first_region(site.region) if quota.everywhere else site.region
    client = site.account.client("service-quotas", region)
    limit = int(client.get_service_quota(ServiceCode=quota.service, QuotaCode=quota.code)["Quota"]["Value"])
    used = quota.used(site)
    return judge(
        quota.topic,
        used + adds <= limit,
        f"{used} of {limit} used, {adds} more needed",
        f"aws service-quotas request-service-quota-increase --service-code {quota.service}"
        f" --quota-code {quota.code} --desired-value {used + adds} --region {region}",
    )


def _first_region(region: str) -> str:
    """Return the region in which a partition keeps what belongs to no region."""
    if region.startswith("us-gov-"):
        return "us-gov-west-1"
    return "cn-northwest-1" if region.startswith("cn-") else "us-east-1"
