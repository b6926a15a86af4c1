"""The log-in: Cognito's domain is free, or the existing pool and client are fit for an ALB."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from kfaws.generator.doctor.report import Line, judge, missing, ok
from kfaws.generator.doctor.site import Site, answer, code_of


def check_prefix(site: Site) -> Iterator[Line]:
    """The prefix of the log-in domain is not taken by another pool of this account."""
    prefix = site.answers.get("cognito_domain_prefix")
    if prefix is None or not site.answers.creates("user_pool_source"):
        return
    cognito, topic = site.account.client("cognito-idp"), "Log-in domain"
    pool_id = cognito.describe_user_pool_domain(Domain=prefix)["DomainDescription"].get("UserPoolId")
    if pool_id is None:
        # Cognito tells of other accounts' domains only when one is created.
        yield ok(topic, f"{prefix} is not used in this account")
        return
    name = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]["Name"]
    ours = name == site.answers["user_pool_name"]
    yield judge(
        topic,
        ours,
        f"{prefix} belongs to the user pool {name}",
        answer("cognito_domain_prefix", f"{prefix}-2"),
    )


def check_existing_pool(site: Site) -> Iterator[Line]:
    """An existing pool and its client can serve the ALB: secret, code flow, scopes, callback, domain."""
    if not site.answers.external("user_pool_source"):
        return
    cognito, pool_id = site.account.client("cognito-idp"), site.answers["user_pool_id"]
    try:
        pool = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        look = site.aws("cognito-idp", "list-user-pools", "--max-results", "60")
        yield missing("User pool", f"{pool_id} is not in {site.region}", look)
        return
    domain = pool.get("CustomDomain") or pool.get("Domain")
    yield judge(
        "User pool",
        bool(domain),
        f"{pool['Name']}, {domain}" if domain else f"{pool['Name']} has no domain to log in at",
        site.aws(
            "cognito-idp", "create-user-pool-domain", "--user-pool-id", pool_id, "--domain", "<a prefix>"
        ),
    )
    yield from _client(site, cognito, pool_id, site.answers["user_pool_client_id"])


def _client(site: Site, cognito: Any, pool_id: str, client_id: str) -> Iterator[Line]:
    look = site.aws("cognito-idp", "list-user-pool-clients", "--user-pool-id", pool_id)
    try:
        client = cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=client_id)["UserPoolClient"]
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        yield missing("App client", f"{client_id} is not in {pool_id}", look)
        return
    callback = _callback(site)
    faults = [
        fault
        for fault, holds in (
            ("it has no secret", bool(client.get("ClientSecret"))),
            ("it lacks the code flow", "code" in client.get("AllowedOAuthFlows", [])),
            ("it lacks the scope openid", "openid" in client.get("AllowedOAuthScopes", [])),
            ("it lacks the scope email", "email" in client.get("AllowedOAuthScopes", [])),
            (f"it lacks the callback {callback}", callback in client.get("CallbackURLs", [])),
        )
        if not holds
    ]
    update = site.aws(
        "cognito-idp", "update-user-pool-client", "--user-pool-id", pool_id, "--client-id", client_id,
        "--allowed-o-auth-flows-user-pool-client", "--allowed-o-auth-flows", "code",
        "--allowed-o-auth-scopes", "openid", "email", "--callback-urls", callback,
    )  # fmt: skip
    if faults and not client.get("ClientSecret"):
        update = site.aws(
            "cognito-idp", "create-user-pool-client", "--user-pool-id", pool_id, "--client-name", "kubeflow",
            "--generate-secret", "--allowed-o-auth-flows-user-pool-client", "--allowed-o-auth-flows", "code",
            "--allowed-o-auth-scopes", "openid", "email", "--callback-urls", callback,
        )  # fmt: skip
    yield judge("App client", not faults, f"{client_id}: {'; '.join(faults) or 'fit for the log-in'}", update)


def _callback(site: Site) -> str:
    """Return where Cognito sends the browser back to: the ALB's own path, or oauth2-proxy's."""
    host = f"https://kubeflow.{site.answers['domain']}"
    alb = site.answers.get("login", "cognito-alb") == "cognito-alb"
    return f"{host}/oauth2/idpresponse" if alb else f"{host}/oauth2/callback"
