"""Steps of what AWS answers, and where it is used."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_bdd import then, when

from kfaws.harness.applications import APPLICATION
from kfaws.harness.kube import Kind
from kfaws.harness.targets import Target

INGRESS = Kind("networking.k8s.io/v1", "Ingress")
DEPLOYMENTS, CONFIG_MAPS = Kind("apps/v1", "Deployment"), Kind("v1", "ConfigMap")
PROJECTS = Kind("argoproj.io/v1alpha1", "AppProject")
ISSUED = "ISSUED"
IDP = "alb.ingress.kubernetes.io/auth-idp-cognito"


@then("the certificate of the domain is issued")
def certificate_is_issued(target: Target) -> None:
    """ACM says so; the failure says what it waits for."""
    waiting = [
        f"{one['DomainName']} is {one['Status']}" for one in _certificates(target) if one["Status"] != ISSUED
    ]
    assert _certificates(target), "there is no certificate in ACM"
    assert not waiting, "; ".join(waiting)


@then("its validation record is in the domain's zone")
def record_is_there(target: Target) -> None:
    """What ACM asks for stands in Route 53."""
    records = {(one["Name"], one["Type"]) for one in _records(target)}
    asked = [
        (option["ResourceRecord"]["Name"], "CNAME")
        for one in _certificates(target)
        for option in one["DomainValidationOptions"]
    ]
    missing = [name for name, kind in asked if (name, kind) not in records]
    assert asked, "no certificate asks for a record"
    assert not missing, f"not in Route 53: {', '.join(missing)}"


def _certificates(target: Target) -> list[Mapping[str, Any]]:
    acm = target.aws("acm")
    found = acm.list_certificates()["CertificateSummaryList"]
    return [acm.describe_certificate(CertificateArn=one["CertificateArn"])["Certificate"] for one in found]


def _records(target: Target) -> Iterator[Mapping[str, Any]]:
    route53 = target.aws("route53")
    for zone in route53.list_hosted_zones()["HostedZones"]:
        yield from route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]


@then("the Ingress asks the claimed user pool to log people in")
def ingress_logs_in(target: Target) -> None:
    """Its annotation names the pool, a client of the pool and the pool's domain."""
    asked = [
        {key.lower(): value for key, value in json.loads(text).items()}
        for item in target.cluster.list(INGRESS)
        if (text := (item["metadata"].get("annotations") or {}).get(IDP))
    ]
    assert asked, "no Ingress has a log-in"
    cognito = target.aws("cognito-idp")
    (pool,) = cognito.list_user_pools(MaxResults=10)["UserPools"]
    described = cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]
    clients = cognito.list_user_pool_clients(UserPoolId=pool["Id"], MaxResults=10)["UserPoolClients"]
    for login in asked:
        assert login["userpoolarn"].endswith(f"userpool/{pool['Id']}"), f"another pool: {login}"
        assert login["userpoolclientid"] in [one["ClientId"] for one in clients], f"no such client: {login}"
        domain = described.get("CustomDomain") or described.get("Domain")
        assert login["userpooldomain"] == domain, f"the pool's domain is {domain}, and not that of {login}"


@then("the domain points at the load balancer")
def domain_points_at_load_balancer(target: Target) -> None:
    """Its alias record has the host name that the controller gave to the Ingress."""
    balancers = target.aws("elbv2").describe_load_balancers()["LoadBalancers"]
    hosts = {one["DNSName"].lower().rstrip(".") for one in balancers}
    aliases = {
        one["AliasTarget"]["DNSName"].lower().rstrip(".").removeprefix("dualstack.")
        for one in _records(target)
        if "AliasTarget" in one
    }
    assert hosts, "there is no load balancer"
    assert aliases, "no record is an alias"
    assert aliases <= hosts, f"aliases point at {aliases}, the load balancers are {hosts}"


@then("the address of the database is where the pipelines read it")
def database_is_found(target: Target) -> None:
    """The ConfigMap has the instance's host and port, and the pipelines' API server reads them there."""
    (instance,) = target.aws("rds").describe_db_instances()["DBInstances"]
    endpoint = instance["Endpoint"]
    found = (target.cluster.get(CONFIG_MAPS, "database-endpoint", "kubeflow") or {}).get("data")
    assert found == {"host": endpoint["Address"], "port": str(endpoint["Port"])}, f"it has {found}"
    server = target.cluster.get(DEPLOYMENTS, "ml-pipeline", "kubeflow") or {}
    references = [
        (variable.get("valueFrom") or {}).get("configMapKeyRef") or {}
        for container in server["spec"]["template"]["spec"]["containers"]
        for variable in container.get("env") or []
    ]
    read = {one["key"] for one in references if one.get("name") == "database-endpoint"}
    assert read == {"host", "port"}, f"ml-pipeline reads {read or 'nothing'} of it"


@when("a person takes the steps of bootstrap again", target_fixture="before")
def bootstrap_again(target: Target) -> Mapping[str, str]:
    """Both of them; gives what was there before."""
    before = _contents(target)
    target.bootstrap()
    return before


@then("Argo CD's settings and all Applications are as they were")
def nothing_changed(target: Target, before: Mapping[str, str]) -> None:
    """What git says of each is the same; Argo CD counts its own looks as generations."""
    after = _contents(target)
    changed = [name for name in {*before, *after} if before.get(name) != after.get(name)]
    assert not changed, f"changed: {', '.join(sorted(changed))}"


def _contents(target: Target) -> dict[str, str]:
    namespace = target.answers.argo_cd
    settings = {"argocd-cm", "argocd-cmd-params-cm", "argocd-rbac-cm"}
    return {
        f"{kind.kind} {item['metadata']['name']}": json.dumps(
            [item.get("spec"), item.get("data"), item["metadata"].get("labels")], sort_keys=True
        )
        for kind in (APPLICATION, PROJECTS, CONFIG_MAPS)
        for item in target.cluster.list(kind, namespace)
        if kind != CONFIG_MAPS or item["metadata"]["name"] in settings
    }
