"""Who may log in, by which client, and how the load balancer learns of it."""

from __future__ import annotations

import json

from tests.definitions.generated import Environment

DASHBOARD = "https://kubeflow.platform.example.com"


def test_nobody_can_change_the_address_that_names_them(environments: dict[str, Environment]) -> None:
    client = environments["walkthrough"].template("LoginClient", "client")["spec"]["forProvider"]
    assert set(client["allowedOauthScopes"]) == {"openid", "email", "profile"}
    assert client["explicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH"]
    assert '? ["email", "name"] : ["name"]' in client["writeAttributes"]
    pool = environments["walkthrough"].template("UserPool", "pool")["spec"]["forProvider"]
    assert pool["autoVerifiedAttributes"] == ["email"]
    assert pool["userAttributeUpdateSettings"]["attributesRequireVerificationBeforeUpdate"] == ["email"]


def test_sign_up_is_off_unless_the_claim_says_so(walkthrough_environment: Environment) -> None:
    pool = walkthrough_environment.template("UserPool", "pool")["spec"]["forProvider"]
    schema = walkthrough_environment.definitions["UserPool"]["spec"]["schema"]["spec"]
    assert pool["adminCreateUserConfig"]["allowAdminCreateUserOnly"] == "${!schema.spec.selfSignUp}"
    assert schema["selfSignUp"].startswith("boolean | default=false")


def test_a_second_factor_is_a_one_time_code(walkthrough_environment: Environment) -> None:
    pool = walkthrough_environment.template("UserPool", "pool")
    assert pool["apiVersion"].startswith("cognitoidp.aws.m.upbound.io/")
    code = pool["spec"]["forProvider"]["softwareTokenMfaConfiguration"]
    assert code["enabled"] == '${schema.spec.mfa != "OFF"}'


def test_cognito_calls_back_whoever_asked(environments: dict[str, Environment]) -> None:
    for name, path in (("walkthrough", "idpresponse"), ("oauth2-proxy", "callback")):
        client = environments[name].template("LoginClient", "client")["spec"]["forProvider"]
        assert client["callbackUrls"] == [f"{DASHBOARD}/oauth2/{path}"]


def test_the_load_balancer_asks_only_where_it_is_the_one_to_ask(environments: dict[str, Environment]) -> None:
    for name, environment in environments.items():
        if "PublicEndpoint" not in environment.definitions:
            continue
        host = environment.template("PublicEndpoint", "dashboard")["spec"]
        assert host.get("login") == (None if name == "oauth2-proxy" else "cognito"), name


def test_a_user_pool_is_told_by_one_config_map(environments: dict[str, Environment]) -> None:
    claimed = environments["walkthrough"].template("UserPool", "facts")
    given = environments["given"].built("platform/environment")
    [config] = [o for o in given if o["metadata"]["name"] == "user-pool"]
    assert claimed["metadata"] == config["metadata"]
    for key in config["data"]:
        assert f'"{key}": ' in claimed["data"]
    assert '"machine-" + m.spec.name' in claimed["data"]


def test_a_custom_log_in_domain_comes_after_the_load_balancer(everything: Environment) -> None:
    domain = everything.template("PublicEndpoint", "loginDomain")
    dashboard = everything.template("PublicEndpoint", "dashboard")
    assert (
        "loadBalancer.status.hostname" in domain["metadata"]["annotations"]["claims.kubeflow-aws.dev/after"]
    )
    assert '"UserPoolDomain": loginDomain.status.domain' in dashboard["spec"]["loginPool"]
    assert everything.template("LoginDomain", "certificate")["spec"]["region"] == "us-east-1"
    pages = [r["id"] for r in everything.definitions["LoginClient"]["spec"]["resources"]]
    assert pages == ["client"]


def test_no_secret_of_a_provider_is_in_the_claim(everything: Environment) -> None:
    [claim] = [o for o in everything.read("claims") if o["kind"] == "UserPool"]
    assert "client_secret" not in json.dumps(claim)
    assert claim["spec"]["providers"][0] == {"name": "Google", "type": "Google", "secret": "kubeflow/google"}
