"""The EKS cluster: there, of the right version and network, and able to give pods their roles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from kfaws.generator.doctor.report import Line, judge, missing, ok
from kfaws.generator.doctor.site import Site, answer, code_of

AGENT = "eks-pod-identity-agent"


def check_cluster(site: Site) -> Iterator[Line]:
    """The cluster exists, is active and runs the version that the answers name."""
    name = site.answers["cluster_name"]
    cluster = site.cluster
    if cluster is None:
        yield missing("Cluster", f"no cluster {name} in {site.region}", _remedy_for_no_cluster(site))
        return
    yield judge(
        "Cluster",
        cluster["status"] == "ACTIVE",
        f"{name}: {cluster['status']}",
        site.aws("eks", "wait", "cluster-active", "--name", name),
    )
    wanted, found = site.answers["kubernetes_version"], cluster["version"]
    yield judge(
        "Kubernetes version",
        found == wanted,
        found
        if found == wanted
        else f"{found}; the answers say {wanted}, and objects are checked against that",
        answer("kubernetes_version", found),
    )


def check_cluster_network(site: Site) -> Iterator[Line]:
    """The cluster stands in the VPC that the answers name."""
    cluster = site.cluster
    if cluster is None or "vpc_id" not in site.answers:
        return
    wanted, found = site.answers["vpc_id"], cluster["resourcesVpcConfig"]["vpcId"]
    yield judge(
        "VPC of the cluster",
        found == wanted,
        found if found == wanted else f"{found}; the answers say {wanted}",
        answer("vpc_id", found),
    )


def check_pod_roles(site: Site) -> Iterator[Line]:
    """Pods can get roles: the pod identity agent runs, or IAM knows the cluster's OIDC issuer."""
    cluster = site.cluster
    if cluster is None or not site.answers.uses_aws:
        return
    if site.answers["credentials"] == "pod-identity":
        yield _agent(site, cluster)
    else:
        yield from _oidc_provider(site, cluster)


def _remedy_for_no_cluster(site: Site) -> str:
    if site.answers.creates("cluster_source"):
        return "eksctl create cluster --config-file bootstrap/eksctl.yaml --install-nvidia-plugin=false"
    return site.aws("eks", "list-clusters")


def _agent(site: Site, cluster: dict[str, Any]) -> Line:
    topic, name = "Pod identity agent", site.answers["cluster_name"]
    if cluster.get("computeConfig", {}).get("enabled"):
        return ok(topic, "part of EKS Auto Mode")
    remedy = site.aws("eks", "create-addon", "--cluster-name", name, "--addon-name", AGENT)
    try:
        addon = site.account.client("eks").describe_addon(clusterName=name, addonName=AGENT)["addon"]
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        return missing(topic, f"add-on {AGENT} is not installed", remedy)
    waiting = site.aws("eks", "wait", "addon-active", "--cluster-name", name, "--addon-name", AGENT)
    return judge(topic, addon["status"] == "ACTIVE", f"{AGENT}: {addon['status']}", waiting)


def _oidc_provider(site: Site, cluster: dict[str, Any]) -> Iterator[Line]:
    issuer = cluster["identity"]["oidc"]["issuer"].removeprefix("https://")
    wanted = site.answers["oidc_issuer"]
    yield judge(
        "OIDC issuer",
        issuer == wanted,
        issuer if issuer == wanted else f"{issuer}; the answers say {wanted or 'nothing'}",
        answer("oidc_issuer", issuer),
    )
    providers = site.account.client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]
    known = any(provider["Arn"].endswith(f"oidc-provider/{issuer}") for provider in providers)
    yield judge(
        "OIDC provider",
        known,
        "IAM trusts the issuer" if known else "IAM does not know the cluster's issuer",
        f"eksctl utils associate-iam-oidc-provider --cluster {site.answers['cluster_name']}"
        f" --region {site.region} --approve",
    )
