"""Overlays of the three ways to log in: who may pass the gateway, whose tokens count, how a log-out ends."""

from __future__ import annotations

import tomllib
import urllib.parse
from pathlib import Path

import pytest
import yaml

from tests.template.conftest import Environments
from tests.template.overlays import Overlays

DEX, PROXY = "kubeflow/dex", "kubeflow/oauth2-proxy"
ISTIO, DASHBOARD = "platform/istio", "kubeflow/central-dashboard"
HOST = "kubeflow.platform.example.com"


@pytest.fixture
def alb(overlays: Environments) -> Overlays:
    """Cognito, asked by the load balancer."""
    return overlays("cognito-rds-s3")


@pytest.fixture
def oidc(overlays: Environments) -> Overlays:
    """Cognito behind oauth2-proxy."""
    return overlays("cognito-oidc")


@pytest.fixture
def dex(overlays: Environments) -> Overlays:
    """Dex behind oauth2-proxy."""
    return overlays("vanilla")


def test_at_the_load_balancer_neither_dex_nor_oauth2_proxy_is_there(alb: Overlays) -> None:
    assert DEX not in alb
    assert PROXY not in alb
    mesh = yaml.safe_load(alb.get(ISTIO, "ConfigMap", "istio")["data"]["mesh"])
    assert "extensionProviders" not in mesh


def test_at_the_load_balancer_upstreams_open_door_is_gone(alb: Overlays, dex: Overlays) -> None:
    door = ("AuthorizationPolicy", "istio-ingressgateway")
    assert door not in alb.names(ISTIO)
    assert door in dex.names(ISTIO)
    for environment in (alb, dex):
        assert ("AuthorizationPolicy", "global-deny-all") in environment.names(ISTIO)


@pytest.mark.parametrize(("option", "url"), [("cognito-rds-s3", "/logout"), ("vanilla", "/oauth2/sign_out")])
def test_the_dashboard_logs_out_where_the_session_is(option: str, url: str, overlays: Environments) -> None:
    assert overlays(option).env(DASHBOARD, "centraldashboard", "centraldashboard")["LOGOUT_URL"] == url


def test_behind_oauth2_proxy_a_log_out_ends_both_sessions(oidc: Overlays) -> None:
    container = oidc.container(DASHBOARD, "centraldashboard", "centraldashboard")
    names = [variable["name"] for variable in container["env"]]
    assert names.index("CLIENT_ID") < names.index("LOGOUT_URL"), "a variable is known to later ones only"
    env = oidc.env(DASHBOARD, "centraldashboard", "centraldashboard")
    assert env["CLIENT_ID"] == "configMap:user-pool/clientId"
    out = urllib.parse.urlsplit(env["LOGOUT_URL"].replace("$(CLIENT_ID)", "abc"))
    assert out.path == "/oauth2/sign_out"
    [target] = urllib.parse.parse_qs(out.query)["rd"]
    cognito = urllib.parse.urlsplit(target)
    assert (cognito.scheme, cognito.path) == ("https", "/logout")
    assert urllib.parse.parse_qs(cognito.query) == {"client_id": ["abc"], "logout_uri": [f"https://{HOST}/"]}
    settings = tomllib.loads(oidc.get(PROXY, "ConfigMap", "oauth2-proxy")["data"]["oauth2_proxy.cfg"])
    assert settings["whitelist_domains"] == [cognito.netloc]


def test_oauth2_proxy_learns_of_the_user_pool_at_run_time(oidc: Overlays) -> None:
    env = oidc.env(PROXY, "oauth2-proxy", "oauth2-proxy")
    assert env["OAUTH2_PROXY_CLIENT_ID"] == "secret:oidc-client/client-id"
    assert env["OAUTH2_PROXY_CLIENT_SECRET"] == "secret:oidc-client/client-secret"
    assert env["OAUTH2_PROXY_OIDC_ISSUER_URL"] == "configMap:user-pool/issuer"
    assert env["OAUTH2_PROXY_COOKIE_SECRET"] == "secret:session-key/password"
    settings = tomllib.loads(oidc.get(PROXY, "ConfigMap", "oauth2-proxy")["data"]["oauth2_proxy.cfg"])
    assert settings["redirect_url"] == f"https://{HOST}/oauth2/callback"
    assert settings["oidc_groups_claim"] == "cognito:groups"
    assert not [key for key in settings if "dex" in str(settings[key])]
    assert "insecure_oidc_allow_unverified_email" not in settings


def test_behind_oauth2_proxy_only_the_user_pools_tokens_count(oidc: Overlays) -> None:
    assert not [o for o in oidc.objects(PROXY) if o["kind"] == "RequestAuthentication"]
    definition = oidc.get("platform/definitions", "ResourceGraphDefinition", "gateway-tokens")["spec"]
    [tokens] = [r["template"] for r in definition["resources"] if r["id"] == "tokens"]
    [rule] = tokens["spec"]["jwtRules"]
    assert rule["issuer"] == "${userPool.data.issuer}"
    assert rule["audiences"] == ["${userPool.data.clientId}"]
    assert {h["header"] for h in rule["outputClaimToHeaders"]} == {"kubeflow-userid", "kubeflow-groups"}


def test_behind_oauth2_proxy_nobody_passes_without_a_name(oidc: Overlays) -> None:
    policy = oidc.get(PROXY, "AuthorizationPolicy", "istio-ingressgateway-require-jwt")["spec"]
    assert policy["action"] == "DENY"
    refused = {str(rule.get("from") or rule.get("when")) for rule in policy["rules"]}
    assert refused == {
        "[{'source': {'notRequestPrincipals': ['*']}}]",
        "[{'key': 'request.headers[kubeflow-userid]', 'notValues': ['*']}]",
    }
    for rule in policy["rules"]:
        assert rule["to"] == [{"operation": {"notPaths": ["/oauth2/*"]}}]


def test_dex_has_no_secret_to_share(dex: Overlays) -> None:
    settings = yaml.safe_load(dex.get(DEX, "ConfigMap", "dex")["data"]["config.yaml"])
    [client] = settings["staticClients"]
    assert client == {
        "id": "kubeflow",
        "name": "Kubeflow",
        "public": True,
        "redirectURIs": ["/oauth2/callback"],
    }
    env = dex.env(PROXY, "oauth2-proxy", "oauth2-proxy")
    assert env["OAUTH2_PROXY_CLIENT_ID"] == "kubeflow"
    assert env["OAUTH2_PROXY_CLIENT_SECRET_FILE"] == "/dev/null"
    assert "OAUTH2_PROXY_CLIENT_SECRET" not in env
    assert env["OAUTH2_PROXY_COOKIE_SECRET"] == "secret:session-key/password"
    upstream = tomllib.loads(dex.get(PROXY, "ConfigMap", "oauth2-proxy")["data"]["oauth2_proxy.cfg"])
    assert upstream["code_challenge_method"] == "S256", "without PKCE a client needs a secret"
    assert ("RequestAuthentication", "dex-jwt") in dex.names(PROXY)


def test_each_user_of_dex_has_a_password_of_their_own(tmp_path: Path, dex: Overlays) -> None:
    users = ["ada@example.com", "Grace.Hopper@example.com"]
    team = Overlays.generate(tmp_path, "vanilla", dex_users=users)
    settings = yaml.safe_load(team.get(DEX, "ConfigMap", "dex")["data"]["config.yaml"])
    assert [u["email"] for u in settings["staticPasswords"]] == users
    env = team.env(DEX, "dex", "dex")
    secrets = [env[u["hashFromEnv"]] for u in settings["staticPasswords"]]
    assert secrets == [
        "secret:password-ada-example-com/hash",
        "secret:password-grace-hopper-example-com/hash",
    ]
    for secret in secrets:
        name = secret.removeprefix("secret:").removesuffix("/hash")
        made = team.get(DEX, "ExternalSecret", name)["spec"]
        assert made["refreshPolicy"] == "CreatedOnce"
        assert set(made["target"]["template"]["data"]) == {"password", "hash"}
    assert "envFrom" not in team.container(DEX, "dex", "dex")


def test_a_published_dex_is_reached_from_the_load_balancer_only(tmp_path: Path, dex: Overlays) -> None:
    assert ("NetworkPolicy", "load-balancer-only") not in dex.names(ISTIO)
    published = Overlays.generate(tmp_path, "rds-s3", public_endpoint=True, **PUBLISHED)
    policy = published.get(ISTIO, "NetworkPolicy", "load-balancer-only")["spec"]
    assert policy["podSelector"]["matchLabels"]["app"] == "istio-ingressgateway"
    [rule] = policy["ingress"]
    assert rule["from"] == [{"ipBlock": {"cidr": "10.0.96.0/20"}}, {"ipBlock": {"cidr": "10.0.112.0/20"}}]
    assert {port["port"] for port in rule["ports"]} == {8080, 15021}
    parameters = published.get(PROXY, "ConfigMap", "oauth2-proxy-parameters")["data"]
    assert parameters["FORCE_HTTPS"] == "true"


PUBLISHED = {
    "root_domain": "example.com",
    "domain": "platform.example.com",
    "root_zone_id": "Z0123456789ABCDEFGHIJ",
    "public_subnets": [
        {"id": "subnet-0a1b2c3d4e5f60011", "zone": "us-west-2a", "cidr": "10.0.96.0/20"},
        {"id": "subnet-0a1b2c3d4e5f60012", "zone": "us-west-2b", "cidr": "10.0.112.0/20"},
    ],
}


def test_istio_and_cert_manager_of_the_cluster_stay_untouched(overlays: Environments) -> None:
    external = overlays("external-seams")
    for overlay in (ISTIO, "platform/istio-crds", "platform/cert-manager"):
        assert overlay not in external
    assert "kubeflow/istio-resources" in external
