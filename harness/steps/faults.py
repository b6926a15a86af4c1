"""Steps of what goes wrong."""

from __future__ import annotations

from pytest_bdd import given, parsers, then, when

from kfaws.harness.kube import Kind
from kfaws.harness.polling import Done, Pending, eventually
from kfaws.harness.steps.editing import break_manifest, raise_retention, repair_manifest
from kfaws.harness.targets import Target

SEEN_WITHIN = 60.0
HEALED_WITHIN = 180.0
HALF = 0.5
Inventory = dict[str, list[str]]


@given("what is in AWS is written down", target_fixture="inventory")
def inventory_of(target: Target) -> Inventory:
    """The names of all that must neither be lost nor made twice."""
    return _inventory(target)


@then("AWS holds the same as before")
def inventory_is_the_same(target: Target, inventory: Inventory) -> None:
    """Kind by kind, name by name."""
    after = _inventory(target)
    changed = {kind: (names, after[kind]) for kind, names in inventory.items() if names != after[kind]}
    assert not changed, f"before and after: {changed}"


def _inventory(target: Target) -> Inventory:
    aws = target.aws
    zones = aws("route53").list_hosted_zones()["HostedZones"]
    return {
        "databases": _names(aws("rds").describe_db_instances()["DBInstances"], "DBInstanceIdentifier"),
        "buckets": _names(aws("s3").list_buckets()["Buckets"], "Name"),
        "user pools": _names(aws("cognito-idp").list_user_pools(MaxResults=60)["UserPools"], "Id"),
        "file systems": _names(aws("efs").describe_file_systems()["FileSystems"], "FileSystemId"),
        "Lustre": _names(aws("fsx").describe_file_systems()["FileSystems"], "FileSystemId"),
        "roles": _names(aws("iam").list_roles()["Roles"], "RoleName"),
        "zones": _names(zones, "Name"),
        "certificates": _names(aws("acm").list_certificates()["CertificateSummaryList"], "CertificateArn"),
        "load balancers": _names(aws("elbv2").describe_load_balancers()["LoadBalancers"], "LoadBalancerArn"),
        "secrets": _names(aws("secretsmanager").list_secrets()["SecretList"], "Name"),
    }


def _names(found: list[dict[str, str]], key: str) -> list[str]:
    return sorted(one[key] for one in found)


@when(parsers.parse("the program {program} is ended at once"))
def program_is_ended(target: Target, program: str) -> None:
    """As if the machine had taken it."""
    target.kill(program)


@when(parsers.parse("half of all calls to AWS are answered with {answer} for {seconds:d} seconds"))
def aws_fails(target: Target, answer: str, seconds: int) -> None:
    """`throttling` or `error`."""
    target.fail_aws(answer, (), HALF, seconds)


@when("the backup retention of the database is raised in git", target_fixture="days")
def retention_is_raised(target: Target) -> int:
    """By one day; gives the new number."""
    days = raise_retention(target.folder)
    target.push()
    return days


@then("the database keeps its backups as long as git says")
def retention_is_as_in_git(target: Target, days: int) -> None:
    """RDS says so."""

    def look() -> Done[None] | Pending:
        (instance,) = target.aws("rds").describe_db_instances()["DBInstances"]
        found = instance["BackupRetentionPeriod"]
        return Done(None) if found == days else Pending(f"{found} days")

    eventually(f"backups are kept {days} days", look, HEALED_WITHIN)


@when("a manifest of the namespaces is broken in git")
def manifest_is_broken(target: Target) -> None:
    """With a line that is no YAML."""
    break_manifest(target.folder)
    target.push()


@then(parsers.parse("Argo CD says what is wrong with {application}"))
def argo_cd_says_why(target: Target, application: str) -> None:
    """In the Application's condition."""

    def look() -> Done[None] | Pending:
        (row,) = [row for row in target.applications() if row.name == application]
        says = "failed to generate manifest" in row.note
        return Done(None) if says else Pending(f"{row.sync} {row.health} {row.note}")

    eventually(f"Argo CD complains about {application}", look, SEEN_WITHIN)


@then("the namespaces are still there")
def namespaces_are_there(target: Target) -> None:
    """Nothing was pruned for a mistake."""
    for name in ("kubeflow-claims", "ack-system"):
        assert target.cluster.get(Kind("v1", "Namespace"), name), f"namespace {name} is gone"


@when("the manifest is repaired in git")
def manifest_is_repaired(target: Target) -> None:
    """The line is taken out."""
    repair_manifest(target.folder)
    target.push()
