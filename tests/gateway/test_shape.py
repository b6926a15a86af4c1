"""What a generated gateway consists of, in each kind of environment that has one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from kfaws.generator.model import Object
from tests.gateway.conftest import MACHINE_CLIENT, USER_POOL
from tests.gateway.generated import Gateway, generate, made_by_kro, read_gateway
from tests.gateway.tokens import CLIENT, ISSUER

SELECTOR = {"app": "istio-ingressgateway", "istio": "ingressgateway"}
GOVCLOUD: dict[str, Any] = {
    "deployment_option": "cognito",
    "lustre_file_system": "none",
    "aws_region": "us-gov-west-1",
    "private_subnets": [
        {
            "id": f"subnet-0a1b2c3d4e5f6000{n}",
            "zone": f"us-gov-west-1{zone}",
            "cidr": f"192.168.{96 + 32 * n}.0/19",
        }
        for n, zone in enumerate("abc")
    ],
    "public_subnets": [],
    "alb_scheme": "internal",
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Gateway:
    """The walkthrough's environment, which has no machines."""
    return read_gateway(generate(tmp_path_factory.mktemp("plain"), {}))


@pytest.fixture(scope="module")
def govcloud(tmp_path_factory: pytest.TempPathFactory) -> Gateway:
    """An environment in GovCloud behind an internal load balancer."""
    return read_gateway(generate(tmp_path_factory.mktemp("govcloud"), GOVCLOUD))


def kinds(objects: list[Object]) -> list[tuple[str, str]]:
    return sorted((o["kind"], o["metadata"]["name"]) for o in objects)


def test_the_parts_of_a_gateway(plain: Gateway) -> None:
    assert kinds(plain.static) == [
        ("AuthorizationPolicy", "admit-verified"),
        ("DestinationRule", "alb-signing-keys"),
        ("EnvoyFilter", "verify-identity"),
        ("NetworkPolicy", "load-balancer-only"),
        ("ServiceEntry", "alb-signing-keys"),
    ]
    assert kinds(made_by_kro(plain, USER_POOL)) == [("EnvoyFilter", "gateway-settings")]
    assert {o["metadata"]["namespace"] for o in plain.static} == {"istio-system"}


def test_machines_add_their_host_and_nothing_else_does(plain: Gateway, gateway: Gateway) -> None:
    added = set(kinds(gateway.static + made_by_kro(gateway, USER_POOL)))
    assert ("EnvoyFilter", "gateway-settings") in added
    added -= set(kinds(plain.static + made_by_kro(plain, USER_POOL)))
    assert added == {
        ("EnvoyFilter", "machine-identity"),
        ("EnvoyFilter", "gateway-machine-settings"),
        ("RequestAuthentication", "gateway-machines"),
        ("AuthorizationPolicy", "gateway-admit-machines"),
    }
    assert "machineHost" not in plain.claim["spec"]


def test_every_part_is_for_the_ingress_gateway(objects: list[Object]) -> None:
    for found in objects:
        spec = found["spec"]
        match found["kind"]:
            case "EnvoyFilter":
                assert spec["workloadSelector"]["labels"] == SELECTOR
            case "AuthorizationPolicy" | "RequestAuthentication":
                assert spec["selector"]["matchLabels"] == SELECTOR
            case "NetworkPolicy":
                assert spec["podSelector"]["matchLabels"] == SELECTOR


def test_the_filter_is_the_first_and_holds_its_program(gateway: Gateway, repository: Path) -> None:
    for name in ("verify-identity", "machine-identity"):
        [patch] = gateway.named("EnvoyFilter", name)["spec"]["configPatches"]
        source = patch["patch"]["value"]["typed_config"]["default_source_code"]["inline_string"]
        assert source == (repository / f"kubeflow/gateway-authentication/{name}.lua").read_text()
    [patch] = gateway.named("EnvoyFilter", "verify-identity")["spec"]["configPatches"]
    assert patch["patch"]["operation"] == "INSERT_FIRST"


def test_every_policy_asks_for_something_that_only_the_filter_says(objects: list[Object]) -> None:
    policies = [o for o in objects if o["kind"] == "AuthorizationPolicy"]
    assert len(policies) == 2
    for rule in (rule for policy in policies for rule in policy["spec"]["rules"]):
        keys = {when["key"]: when["values"] for when in rule["when"]}
        marks = [f"experimental.envoy.filters.http.lua[{mark}]" for mark in ("verified", "machine")]
        assert [keys[mark] for mark in marks if mark in keys] == [["true"]]


def test_the_policy_of_machines_names_host_issuer_client_and_use(objects: list[Object]) -> None:
    [policy] = [o for o in objects if o["metadata"]["name"] == "gateway-admit-machines"]
    [rule] = policy["spec"]["rules"]
    assert rule["to"] == [
        {"operation": {"hosts": ["api.platform.example.com", "api.platform.example.com:*"]}}
    ]
    assert {when["key"]: when["values"] for when in rule["when"]} == {
        "experimental.envoy.filters.http.lua[machine]": ["true"],
        "request.auth.claims[iss]": [ISSUER],
        "request.auth.claims[token_use]": ["access"],
        "request.auth.claims[client_id]": [MACHINE_CLIENT],
    }
    assert CLIENT not in str(policy)


def settings_of(objects: list[Object], name: str) -> dict[str, Any]:
    patches = [p for o in objects if o["kind"] == "EnvoyFilter" for p in o["spec"]["configPatches"]]
    values = [p["patch"]["value"] for p in patches if p["applyTo"] == "HTTP_ROUTE"]
    [settings] = [s for value in values for n, s in value["metadata"]["filter_metadata"].items() if n == name]
    read: dict[str, Any] = settings
    return read


def test_a_program_is_given_every_setting_that_it_reads(gateway: Gateway, objects: list[Object]) -> None:
    program = str(gateway.named("EnvoyFilter", "verify-identity"))
    read = set(re.findall(r'setting\(handle, "(\w+)"\)|metadata\(\):get\("(\w+)"\)', program))
    read = {name for pair in read for name in pair if name}
    assert read == set(settings_of(objects, "envoy.filters.http.lua"))
    read = set(re.findall(r'settings:get\("(\w+)"\)', str(gateway.named("EnvoyFilter", "machine-identity"))))
    assert read == set(settings_of(objects, "kubeflow.machine_identity"))


@pytest.mark.parametrize(
    ("environment", "host", "path", "signer"),
    [
        (
            "plain",
            "public-keys.auth.elb.us-west-2.amazonaws.com",
            "/",
            "arn:aws:elasticloadbalancing:us-west-2",
        ),
        (
            "govcloud",
            "s3-us-gov-west-1.amazonaws.com",
            "/aws-elb-public-keys-prod-us-gov-west-1/",
            "arn:aws-us-gov:elasticloadbalancing:us-gov-west-1",
        ),
    ],
)
def test_keys_come_from_the_regions_own_host_over_verified_tls(
    request: pytest.FixtureRequest, environment: str, host: str, path: str, signer: str
) -> None:
    gateway: Gateway = request.getfixturevalue(environment)
    settings = settings_of(made_by_kro(gateway, USER_POOL), "envoy.filters.http.lua")
    assert settings["key_cluster"] == f"outbound|443||{host}"
    assert (settings["key_host"], settings["key_path"]) == (host, path)
    assert settings["signer_prefix"] == f"{signer}:123456789012:loadbalancer/app/kubeflow/"
    assert gateway.named("ServiceEntry", "alb-signing-keys")["spec"]["hosts"] == [host]
    assert gateway.named("DestinationRule", "alb-signing-keys")["spec"]["trafficPolicy"]["tls"] == {
        "mode": "SIMPLE",
        "sni": host,
        "caCertificates": "system",
        "subjectAltNames": [host],
    }


def test_only_the_load_balancers_subnets_reach_the_gateway(plain: Gateway, govcloud: Gateway) -> None:
    def sources(gateway: Gateway) -> list[str]:
        [rule] = gateway.named("NetworkPolicy", "load-balancer-only")["spec"]["ingress"]
        assert [port["port"] for port in rule["ports"]] == [8080, 15021]
        return [source["ipBlock"]["cidr"] for source in rule["from"]]

    assert sources(plain) == ["192.168.0.0/19", "192.168.32.0/19", "192.168.64.0/19"]
    assert sources(govcloud) == [subnet["cidr"] for subnet in GOVCLOUD["private_subnets"]]
