"""The load balancer, the hosts behind it and their names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.definitions.generated import Environment, generate

ALB = "alb.ingress.kubernetes.io/"


def settings(environment: Environment, claim: str, resource: str) -> dict[str, str]:
    """The load balancer's annotations of an Ingress, without their prefix."""
    found = environment.template(claim, resource)["metadata"]["annotations"]
    return {key.removeprefix(ALB): value for key, value in found.items()}


def test_the_load_balancer_is_hardened(walkthrough_environment: Environment) -> None:
    alb = settings(walkthrough_environment, "LoadBalancer", "apex")
    schema = walkthrough_environment.definitions["PublicEndpoint"]["spec"]["schema"]["spec"]
    assert json.loads(alb["listen-ports"]) == [{"HTTP": 80}, {"HTTPS": 443}]
    assert alb["ssl-redirect"] == "443"
    assert "TLS13" in schema["sslPolicy"]
    assert "routing.http.drop_invalid_header_fields.enabled=true" in alb["load-balancer-attributes"]
    assert "deletion_protection.enabled=" in alb["load-balancer-attributes"]
    # The gateway knows the signer of tokens by this name.
    assert alb["load-balancer-name"] == "kubeflow"


def test_who_may_reach_it_is_a_rule_of_its_security_group(walkthrough_environment: Environment) -> None:
    firewall = walkthrough_environment.template("LoadBalancer", "firewall")["spec"]
    assert {rule["ipRanges"] for rule in firewall["ingressRules"]} == {
        '${schema.spec.allowedCidrs.map(c, {"cidrIP": c})}'
    }
    assert (
        settings(walkthrough_environment, "LoadBalancer", "apex")["security-groups"]
        == "${firewall.status.id}"
    )


def test_one_ingress_says_what_holds_for_the_whole_load_balancer(
    walkthrough_environment: Environment,
) -> None:
    host = settings(walkthrough_environment, "PublicHost", "ingress")
    assert not {"scheme", "subnets", "security-groups", "load-balancer-name", "ssl-policy"} & set(host)
    assert host["group.name"] == settings(walkthrough_environment, "LoadBalancer", "apex")["group.name"]


def test_the_domain_leads_to_the_dashboard(walkthrough_environment: Environment) -> None:
    apex = walkthrough_environment.template("LoadBalancer", "apex")
    action = json.loads(apex["metadata"]["annotations"][f"{ALB}actions.to-dashboard"])
    assert action["redirectConfig"]["host"] == "kubeflow.platform.example.com"
    [rule] = apex["spec"]["rules"]
    assert rule["host"] == "platform.example.com"


def test_a_session_lasts_as_long_as_the_answer(walkthrough_environment: Environment) -> None:
    host = settings(walkthrough_environment, "PublicHost", "ingress")
    assert host["auth-session-timeout"] == str(12 * 3600)
    assert host["auth-on-unauthenticated-request"] == "authenticate"
    assert "email" in host["auth-scope"].split()


def test_the_certificate_waits_for_nothing_that_waits_for_it(walkthrough_environment: Environment) -> None:
    resources = walkthrough_environment.definitions["DomainCertificate"]["spec"]["resources"]
    by_id: dict[str, Any] = {r["id"]: r for r in resources}
    assert "readyWhen" not in by_id["certificate"]
    assert by_id["issued"]["readyWhen"] == ['${issued.status.?status.orValue("") == "ISSUED"}']


def test_name_servers_are_told_where_the_root_is_elsewhere(environments: dict[str, Environment]) -> None:
    told = environments["everything"].template("DomainZone", "toDo")
    delegation = environments["walkthrough"].template("DomainZone", "delegation")
    assert "nameServers" in told["data"]["nameServers"]
    assert delegation["spec"]["hostedZoneID"] == "Z0123456789ABCDEFGHIJ"


def test_given_zone_and_certificate_are_used(environments: dict[str, Environment]) -> None:
    resources = [r["id"] for r in environments["given"].definitions["PublicEndpoint"]["spec"]["resources"]]
    host = environments["given"].template("PublicEndpoint", "dashboard")["spec"]
    assert not {"zone", "certificate"} & set(resources)
    assert host["zoneId"] == "Z0123456789ABCDEFGHIK"
    assert host["certificateArn"].startswith("arn:aws:acm:us-west-2:")


@pytest.mark.parametrize(
    ("region", "zone"), [("us-west-2", "Z1H1FL5HABSF5"), ("eu-central-1", "Z215JYRZR1TBD5")]
)
def test_an_alias_names_the_zone_of_the_region(
    tmp_path: Path, walkthrough_environment: Environment, region: str, zone: str
) -> None:
    environment = walkthrough_environment
    if region != "us-west-2":
        subnets = [
            {
                "id": f"subnet-0a1b2c3d4e5f6000{n}",
                "zone": f"{region}{'ab'[n]}",
                "cidr": f"192.168.{32 * n}.0/19",
            }
            for n in range(2)
        ]
        answers = {
            "aws_region": region,
            "private_subnets": subnets,
            "alb_scheme": "internal",
            "public_subnets": [],
        }
        environment = generate(tmp_path, answers)
    assert environment.template("PublicHost", "record")["spec"]["aliasTarget"]["hostedZoneID"] == zone
