"""Who is asking: the account, the region, and what that identity may do."""

from __future__ import annotations

from collections.abc import Iterator

from botocore.exceptions import BotoCoreError, ClientError

from kfaws.generator.doctor.report import Line, judge, missing, ok
from kfaws.generator.doctor.site import Site, code_of

BOOTSTRAP_ACTIONS = (
    "cloudformation:CreateChangeSet",
    "cloudformation:DescribeChangeSet",
    "cloudformation:DescribeStacks",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:GetTemplateSummary",
    "eks:DescribeCluster",
    "iam:CreatePolicy",
    "iam:CreateRole",
    "iam:PutRolePolicy",
)
"""What `aws cloudformation deploy` needs for the bootstrap stack."""
ASSOCIATION_ACTIONS = ("eks:CreatePodIdentityAssociation", "iam:PassRole")
"""What it needs as well where pods get their roles by association."""


def check_account(site: Site) -> Iterator[Line]:
    """The credentials work and belong to the environment's account."""
    wanted = site.answers["aws_account_id"]
    try:
        identity = site.account.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        yield missing("Credentials", f"AWS accepts none: {error}", "aws configure sso")
        return
    found = identity["Account"]
    yield judge(
        "Account",
        found == wanted,
        f"{identity['Arn']}"
        if found == wanted
        else f"{identity['Arn']}, but the answers say account {wanted}",
        "export AWS_PROFILE=<a profile of account " + wanted + ">",
    )


def check_region(site: Site) -> Iterator[Line]:
    """The shell's region is the environment's, and the account has it switched on."""
    shell = site.account.session.region_name
    yield judge(
        "Region of this shell",
        shell == site.region,
        f"{shell or 'none'}; the answers say {site.region}" if shell != site.region else site.region,
        f"export AWS_REGION={site.region}",
    )
    found = site.account.client("ec2").describe_regions(AllRegions=True, RegionNames=[site.region])["Regions"]
    status = found[0]["OptInStatus"] if found else "unknown to AWS"
    yield judge(
        "Region of the account",
        status in ("opt-in-not-required", "opted-in"),
        f"{site.region}: {status}",
        f"aws account enable-region --region-name {site.region}",
    )


def check_permissions(site: Site) -> Iterator[Line]:
    """The identity may create the bootstrap stack, as far as IAM's simulation can tell."""
    if not site.answers.uses_aws:
        return
    topic = "Permissions for bootstrap"
    arn = site.account.client("sts").get_caller_identity()["Arn"]
    if arn.endswith(":root"):
        yield ok(topic, "the account's root user may do everything")
        return
    principal = _principal(site, arn)
    by_association = site.answers.get("credentials") == "pod-identity"
    actions = [*BOOTSTRAP_ACTIONS, *(ASSOCIATION_ACTIONS if by_association else ())]
    results = site.account.client("iam").simulate_principal_policy(
        PolicySourceArn=principal, ActionNames=actions
    )["EvaluationResults"]
    denied = sorted(r["EvalActionName"] for r in results if r["EvalDecision"] != "allowed")
    yield judge(
        topic,
        not denied,
        f"{principal} lacks {', '.join(denied)}" if denied else f"{principal} may create the stack",
        f"ask for {', '.join(denied)}, or run bootstrap's step 0 as somebody who has them",
    )


def _principal(site: Site, arn: str) -> str:
    """Return the IAM identity behind an STS one; a role's path is not in the session's ARN."""
    prefix, _, rest = arn.partition(":assumed-role/")
    if not rest:
        return arn.replace(":sts:", ":iam:", 1)
    role = rest.split("/")[0]
    try:
        return str(site.account.client("iam").get_role(RoleName=role)["Role"]["Arn"])
    except ClientError as error:
        if code_of(error) != "NoSuchEntity":
            raise
    return f"{prefix.replace(':sts:', ':iam:', 1)}:role/{role}"
