"""A whole cluster: what is looked at, and in which order it is told."""

from __future__ import annotations

from typing import Any

import pytest

from kfaws.generator.model import Object
from kfaws.harness.kube import ClusterError, Kind
from kfaws.harness.standins.claims.ack import conditions as ack
from kfaws.harness.waiting import Seen, looking
from tests.harness.waiting.objects import NOW, FakeCluster, ago, condition, item, of_ack

ZONE_SERVERS = ["ns-1.awsdns-01.org.", "ns-2.awsdns-02.com"]
SYNCED = condition(ack.SYNCED, "True")


@pytest.fixture(autouse=True)
def it_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "now", lambda: NOW)


def look(*items: Object, **options: Any) -> Seen:
    return looking.look(FakeCluster(*items), "argocd", **options)


def application(sync: str, health: str, **status: Any) -> Object:
    content = {"sync": {"status": sync}, "health": {"status": health}, **status}
    return item("argoproj.io/v1alpha1", "Application", status=content)


def zone(**status: Any) -> Object:
    return of_ack("HostedZone.route53", SYNCED, spec={"name": "a.example.com."}, status=status)


def certificate(domain: str = "kubeflow.a.example.com") -> Object:
    status = {"status": "PENDING_VALIDATION"}
    return of_ack("Certificate.acm", SYNCED, spec={"domainName": domain}, status=status)


def pod(**status: Any) -> Object:
    return item("v1", "Pod", status=status)


def test_an_environment_that_is_done_waits_for_nothing() -> None:
    seen = look(
        application("Synced", "Healthy"),
        of_ack("DBInstance.rds", SYNCED),
        item("networking.k8s.io/v1", "Ingress", status={"loadBalancer": {"ingress": [{"hostname": "a"}]}}),
        pod(phase="Succeeded", conditions=[condition("Ready", "False", reason="PodCompleted")]),
        pod(phase="Running", conditions=[condition("Ready", "True")]),
    )
    assert seen == Seen((), ())


def test_causes_come_before_what_they_keep() -> None:
    definition = item(
        "kro.run/v1alpha1",
        "ResourceGraphDefinition",
        spec={"schema": {"group": "claims.example.com", "apiVersion": "v1alpha1", "kind": "Database"}},
        status={"state": "Active"},
    )
    seen = look(
        application("Synced", "Progressing"),
        item("claims.example.com/v1alpha1", "Database", status={"state": "IN_PROGRESS"}),
        definition,
        item("external-secrets.io/v1alpha1", "PushSecret"),
        of_ack("DBInstance.rds", condition(ack.SYNCED, "False")),
    )
    assert [one.kind for one in seen.waiting] == ["DBInstance", "PushSecret", "Database", "Application"]


def test_an_application_says_what_argo_cd_says() -> None:
    running = {"phase": "Running", "message": "waiting for healthy state", "startedAt": ago(4)}
    (found,) = look(application("OutOfSync", "Missing", operationState=running)).waiting
    assert (found.state, found.says, found.seconds) == ("OutOfSync Missing", "waiting for healthy state", 240)
    unhealthy = application("Synced", "Degraded")
    unhealthy["status"]["health"]["lastTransitionTime"] = ago(2)
    assert look(unhealthy).waiting[0].seconds == 120


def test_a_definition_that_kro_refused_is_named() -> None:
    refused = condition("GraphAccepted", "False", message="undeclared reference to 'zne'", reason="Invalid")
    definition = item(
        "kro.run/v1alpha1",
        "ResourceGraphDefinition",
        spec={"schema": {"apiVersion": "v1alpha1", "kind": "Zone"}},
        status={"state": "Inactive", "conditions": [refused]},
    )
    (found,) = look(definition).waiting
    assert (found.state, found.says) == ("Inactive", "undeclared reference to 'zne'")


@pytest.mark.parametrize(("made", "late"), [(3, False), (6, True)])
def test_an_ingress_waits_for_its_address(made: float, late: bool) -> None:
    (found,) = look(item("networking.k8s.io/v1", "Ingress", made, status={"loadBalancer": {}})).waiting
    assert (found.state, found.late) == ("no address", late)


def test_a_pod_says_why_its_container_waits() -> None:
    why = {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}
    unready = condition("Ready", "False", 7, "containers with unready status: [a]", "ContainersNotReady")
    (found,) = look(
        pod(phase="Pending", conditions=[unready], containerStatuses=[{"state": {"waiting": why}}])
    ).waiting
    assert (found.state, found.seconds) == ("ImagePullBackOff", 420)
    assert found.says == "Back-off pulling image | containers with unready status: [a]"


def test_a_certificate_names_the_name_servers_that_its_parent_needs() -> None:
    there = zone(delegationSet={"nameServers": ZONE_SERVERS})
    mine, other = look(certificate(), certificate("b.example.com"), there).waiting
    assert (
        "NS record of a.example.com at its parent to: ns-1.awsdns-01.org ns-2.awsdns-02.com" in mine.blocked
    )
    assert "awsdns" not in other.blocked


def test_a_zone_whose_parent_gives_others_is_waited_for_in_vain() -> None:
    there = zone(delegationSet={"nameServers": ZONE_SERVERS})
    found, waits = look(certificate(), there, name_servers=lambda _: {"ns1.registrar.example"}).waiting
    assert (found.kind, found.state, found.final) == ("HostedZone", "not delegated", True)
    assert "ns1.registrar.example" in found.says
    assert "ns-1.awsdns-01.org" in found.blocked
    assert "ns-1.awsdns-01.org" in waits.blocked


def test_nobody_is_told_to_set_what_a_record_of_the_cluster_sets() -> None:
    there = zone(delegationSet={"nameServers": ZONE_SERVERS})
    record = of_ack("RecordSet.route53", SYNCED, spec={"name": "a.example.com.", "recordType": "NS"})
    found, waits = look(certificate(), there, record, name_servers=lambda _: set()).waiting
    assert (found.state, found.final) == ("not delegated", False)
    assert "RecordSet of the cluster" in found.blocked
    assert "awsdns" not in waits.blocked


def test_a_delegated_zone_and_a_private_one_are_not_mentioned() -> None:
    there = zone(delegationSet={"nameServers": ZONE_SERVERS})
    assert not look(there, name_servers=lambda _: {"ns-2.awsdns-02.com"}).waiting
    there["spec"]["hostedZoneConfig"] = {"privateZone": True}
    assert not look(there, name_servers=lambda _: set()).waiting


def test_a_parent_that_cannot_be_asked_is_no_reason_to_fail() -> None:
    def away(_: str) -> set[str]:
        raise OSError("no route")

    there = zone(delegationSet={"nameServers": ZONE_SERVERS})
    (found,) = look(there, name_servers=away).waiting
    assert (found.state, found.final) == ("delegation unknown", False)
    assert "no route" in found.says


def test_kinds_that_one_may_not_see_are_named() -> None:
    pods = Kind("v1", "Pod")
    seen = looking.look(FakeCluster(application("Synced", "Degraded"), forbidden=pods), "argocd")
    assert seen.hidden == ("Pod of v1",)
    assert len(seen.waiting) == 1


def test_a_cluster_that_is_away_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> list[Kind]:
        raise ClusterError("the API server does not answer")

    cluster = FakeCluster()
    monkeypatch.setattr(cluster, "kinds", away)
    with pytest.raises(ClusterError, match="does not answer"):
        looking.look(cluster, "argocd")
