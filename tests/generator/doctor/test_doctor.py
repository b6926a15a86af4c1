"""Each check both ways: ok in a ready account, missing (or unknown) once one thing is taken away."""

from __future__ import annotations

import json
from pathlib import Path

import boto3
import pytest

from kfaws.cli import run_reporting_errors
from kfaws.generator.doctor.checks import examine, run_check
from kfaws.generator.doctor.identity import check_permissions
from kfaws.generator.doctor.report import Line, Status, count
from kfaws.generator.doctor.site import Account
from tests.generator.doctor.breaks import CASES, Case, foreign_zone, no_route, not_delegated
from tests.generator.doctor.conftest import SiteOf
from tests.generator.doctor.servers import ApiServer
from tests.generator.doctor.world import World


def find(lines: list[Line], topic: str) -> list[Line]:
    return [line for line in lines if line.topic == topic]


def test_a_ready_account_has_nothing_missing(world: World, site_of: SiteOf) -> None:
    lines = list(examine(site_of(world)))

    assert [line for line in lines if line.status is not Status.OK] == []
    assert count(lines)[Status.OK] > 30


def test_existing_things_are_found(world: World, site_of: SiteOf, cluster: ApiServer) -> None:
    """An environment on which everything is brought along."""
    world.existing_everything(cluster)
    lines = list(examine(site_of(world)))

    assert [line for line in lines if line.status is not Status.OK] == []
    for topic in (
        "User pool",
        "App client",
        "Certificate",
        "Zone",
        "EFS file system",
        "Argo CD",
        "OIDC provider",
    ):
        assert [line.status for line in find(lines, topic)] == [Status.OK], topic


@pytest.mark.parametrize("name", CASES)
def test_a_missing_thing_is_named_with_its_remedy(
    name: str, world: World, site_of: SiteOf, cluster: ApiServer
) -> None:
    case: Case = CASES[name]
    case.fault(world, cluster)

    lines = run_check(case.check, site_of(world))

    told = [line for line in lines if kind(line.topic) == kind(case.topic) and line.status is not Status.OK]
    assert [line.status for line in told] == [Status.MISSING], lines
    assert case.found in told[0].found
    assert case.remedy in (told[0].remedy or "")


def kind(topic: str) -> str:
    """Return a topic without the name of the one subnet or secret that it speaks of."""
    return next((word for word in ("Subnet", "Secret") if topic.startswith(f"{word} ")), topic)


def test_every_topic_is_broken_once(world: World, site_of: SiteOf, cluster: ApiServer) -> None:
    """A line that is always ok says nothing."""
    topics = {kind(line.topic) for line in examine(site_of(world))}
    world.existing_everything(cluster)
    topics |= {kind(line.topic) for line in examine(site_of(world))}

    broken = {kind(case.topic) for case in CASES.values()}
    assert topics - broken == {"Routes of the private subnets"}, "which is ok or unknown, see below"


def test_private_subnets_without_a_route_are_for_the_site_to_judge(world: World, site_of: SiteOf) -> None:
    no_route(world, ApiServer())

    told = find(list(examine(site_of(world))), "Routes of the private subnets")

    assert [line.status for line in told] == [Status.UNKNOWN]
    assert "no default route" in told[0].found


def test_a_refused_call_is_unknown_and_names_the_right(world: World, site_of: SiteOf) -> None:
    world.overlay.refused = {"DescribeCluster", "HeadBucket"}

    lines = [line for line in examine(site_of(world)) if line.status is not Status.OK]

    assert {line.status for line in lines} == {Status.UNKNOWN}
    assert {line.remedy for line in lines} >= {"ask for the right to DescribeCluster"}


def test_associations_are_asked_for_only_where_there_are_any(world: World, site_of: SiteOf) -> None:
    world.overlay.denied = ["iam:PassRole"]
    (line,) = run_check(check_permissions, site_of(world))
    assert line.status is Status.MISSING

    world.answers["credentials"] = "irsa"
    (line,) = run_check(check_permissions, site_of(world))
    assert line.status is Status.OK


def test_other_credentials_end_the_report(world: World, site_of: SiteOf) -> None:
    world.answers["aws_account_id"] = "999999999999"

    lines = list(examine(site_of(world)))

    assert [line.topic for line in lines] == ["Account", "All else"]


def test_no_credentials(world: World, site_of: SiteOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    site = site_of(world)
    site.account = Account(boto3.Session(region_name="us-west-2"), "us-west-2")

    lines = list(examine(site))

    assert lines[0].topic == "Credentials"
    assert lines[0].status is Status.MISSING


def test_an_unreachable_cluster_is_unknown(world: World, site_of: SiteOf, cluster: ApiServer) -> None:
    cluster.refuses = True

    lines = [line for line in examine(site_of(world)) if line.status is not Status.OK]

    assert len(lines) == 3, "rights, StorageClass and seams"
    assert {line.status for line in lines} == {Status.UNKNOWN}


def test_name_servers_that_do_not_answer_are_unknown(world: World, site_of: SiteOf) -> None:
    site = site_of(world)
    site.resolver = ("127.0.0.1", 9)

    told = find(list(examine(site)), "Root zone's name servers")

    assert [line.status for line in told] == [Status.UNKNOWN]


def test_a_repository_that_cannot_be_read_is_unknown(world: World, site_of: SiteOf, tmp_path: Path) -> None:
    world.answers["gitops_repository"] = (tmp_path / "nowhere").as_uri()

    told = find(list(examine(site_of(world))), "Git repository")

    assert [line.status for line in told] == [Status.UNKNOWN]


def test_a_zone_that_the_sync_will_make_is_unknown(world: World, site_of: SiteOf) -> None:
    world.answers["root_zone"] = "elsewhere"

    told = find(list(examine(site_of(world))), "Zone")

    assert [line.status for line in told] == [Status.UNKNOWN]
    assert "nameServers" in (told[0].remedy or "")


def test_the_command_prints_json_and_exits_with_one_when_something_is_missing(
    world: World, site_of: SiteOf, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("kfaws.generator.commands.doctor.boto3.Session", lambda: world.seen_by_doctor.session)
    site = site_of(world)
    host, port = site.resolver or ("", 0)
    command = ["doctor", str(site.folder), "--resolver", f"{host}:{port}"]

    assert run_reporting_errors([*command, "--json"], debug=False) == 0
    lines = json.loads(capsys.readouterr().out)
    assert {line["status"] for line in lines} == {"ok"}
    assert set(lines[0]) == {"topic", "status", "found", "remedy"}

    foreign_zone(world, ApiServer())
    not_delegated(world, ApiServer())
    site_of(world)
    assert run_reporting_errors(command, debug=False) == 1
    shown = capsys.readouterr().out
    assert "missing  Root zone" in shown
    assert "mend it: copier update --defaults --data" in shown


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "give the folder of a generated repository"),
        ("a: [", "is not YAML"),
        ("[]", "holds no answers"),
    ],
)
def test_a_folder_that_is_no_environment(
    content: str | None, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / ".copier-answers.yml").write_text(content)

    assert run_reporting_errors(["doctor", str(tmp_path)], debug=False) == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
