"""What is in the account before Argo CD: network, cluster, parent zone, and the CloudFormation stack."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

log = logging.getLogger("aws")

INTERNET = "0.0.0.0/0"
PUBLIC, PRIVATE = "kubernetes.io/role/elb", "kubernetes.io/role/internal-elb"
Answers = Mapping[str, Any]


class Account:
    """Furnishes one account through its own API, at that URL."""

    def __init__(self, url: str, account: str, region: str) -> None:
        self._account = account
        self._session = boto3.Session("furnisher", "furnisher", region_name=region)
        self._url = url

    def furnish(self, folder: Path) -> None:
        """Make what the answers of that generated repository take for given."""
        answers: Answers = yaml.safe_load((folder / ".copier-answers.yml").read_text())
        if answers.get("vpc_id"):
            self._network(answers)
        self._cluster(answers)
        if answers.get("root_zone") == "route53" and answers.get("root_zone_id"):
            self._parent_zone(answers)
        stack = folder / "bootstrap" / "cloudformation.yaml"
        if stack.is_file():
            self._stack(stack)

    def _client(self, service: str) -> Any:
        return self._session.client(service, endpoint_url=self._url)  # type: ignore[call-overload]

    def _network(self, answers: Answers) -> None:
        ec2, cluster = self._client("ec2"), answers["cluster_name"]
        vpc = answers["vpc_id"]
        with _named("moto.ec2.models.vpcs.random_vpc_id", vpc):
            ec2.create_vpc(CidrBlock=answers["vpc_cidr"])
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        ec2.create_route(RouteTableId=table, DestinationCidrBlock=INTERNET, GatewayId=gateway)
        for role, subnets in ((PUBLIC, "public_subnets"), (PRIVATE, "private_subnets")):
            for subnet in answers.get(subnets) or []:
                self._subnet(vpc, subnet, {role: "1", f"kubernetes.io/cluster/{cluster}": "shared"})
                if role == PUBLIC:
                    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet["id"])
        if answers.get("cluster_security_group_id"):
            name = f"eks-cluster-sg-{cluster}"
            with _named(
                "moto.ec2.models.security_groups.random_security_group_id",
                answers["cluster_security_group_id"],
            ):
                ec2.create_security_group(GroupName=name, Description="of the EKS cluster", VpcId=vpc)

    def _subnet(self, vpc: str, subnet: Mapping[str, str], tags: Mapping[str, str]) -> None:
        ec2 = self._client("ec2")
        with _named("moto.ec2.models.subnets.random_subnet_id", subnet["id"]):
            ec2.create_subnet(VpcId=vpc, CidrBlock=subnet["cidr"], AvailabilityZone=subnet["zone"])
        ec2.create_tags(
            Resources=[subnet["id"]], Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
        )

    def _cluster(self, answers: Answers) -> None:
        subnets = [subnet["id"] for subnet in answers.get("private_subnets") or []]
        groups = [answers["cluster_security_group_id"]] if answers.get("cluster_security_group_id") else []
        eks = self._client("eks")
        eks.create_cluster(
            name=answers["cluster_name"],
            version=answers["kubernetes_version"],
            roleArn=f"arn:aws:iam::{self._account}:role/eks-cluster",
            resourcesVpcConfig={"subnetIds": subnets, "securityGroupIds": groups},
        )
        issuer = eks.describe_cluster(name=answers["cluster_name"])["cluster"]["identity"]["oidc"]["issuer"]
        self._client("iam").create_open_id_connect_provider(
            Url=issuer, ClientIDList=["sts.amazonaws.com"], ThumbprintList=["0" * 40]
        )

    def _parent_zone(self, answers: Answers) -> None:
        with _named("moto.route53.models.create_route53_zone_id", answers["root_zone_id"]):
            self._client("route53").create_hosted_zone(Name=answers["root_domain"], CallerReference="parent")

    def _stack(self, file: Path) -> None:
        """Each resource by its own API: moto's CloudFormation has no pod identity associations."""
        # A SafeLoader with CloudFormation's tags.
        template = yaml.load(file.read_text(), _Loader)  # noqa: S506
        resources: Mapping[str, Any] = template["Resources"]
        for name, resource in resources.items():
            make = getattr(self, f"_{resource['Type'].replace('::', '_').lower()}", None)
            if make is None:
                log.warning("%s: %s is left out, there is no hand for it", name, resource["Type"])
                continue
            make(_resolved(resource["Properties"], resources, self._account))

    def _aws_iam_managedpolicy(self, properties: Mapping[str, Any]) -> None:
        self._client("iam").create_policy(
            PolicyName=properties["ManagedPolicyName"], PolicyDocument=_text(properties["PolicyDocument"])
        )

    def _aws_iam_role(self, properties: Mapping[str, Any]) -> None:
        iam = self._client("iam")
        boundary = properties.get("PermissionsBoundary")
        iam.create_role(
            RoleName=properties["RoleName"],
            AssumeRolePolicyDocument=_text(properties["AssumeRolePolicyDocument"]),
            Tags=properties.get("Tags", []),
            **({"PermissionsBoundary": boundary} if boundary else {}),
        )
        for policy in properties.get("Policies", []):
            iam.put_role_policy(
                RoleName=properties["RoleName"],
                PolicyName=policy["PolicyName"],
                PolicyDocument=_text(policy["PolicyDocument"]),
            )

    def _aws_eks_podidentityassociation(self, properties: Mapping[str, Any]) -> None:
        self._client("eks").create_pod_identity_association(
            clusterName=properties["ClusterName"],
            namespace=properties["Namespace"],
            serviceAccount=properties["ServiceAccount"],
            roleArn=properties["RoleArn"],
            tags={tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])},
        )


@contextmanager
def _named(source: str, identifier: str) -> Iterator[None]:
    """Let moto give that identifier: the answers know what AWS had given."""
    with patch(source, return_value=identifier):
        yield


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's own tags as `{"!Ref": ...}`."""


def _tag(loader: yaml.SafeLoader, suffix: str, node: Node) -> dict[str, Any]:
    if isinstance(node, ScalarNode):
        return {f"!{suffix}": loader.construct_scalar(node)}
    if isinstance(node, SequenceNode):
        return {f"!{suffix}": loader.construct_sequence(node, deep=True)}
    return {
        f"!{suffix}": loader.construct_mapping(node, deep=True) if isinstance(node, MappingNode) else None
    }


_Loader.add_multi_constructor("!", _tag)


def _resolved(value: Any, resources: Mapping[str, Any], account: str) -> Any:
    """The value with references to other resources of the stack put in: ARNs of roles and policies."""
    if isinstance(value, list):
        return [_resolved(one, resources, account) for one in value]
    if not isinstance(value, dict):
        return value
    for word in ("!Ref", "!GetAtt"):
        if word in value:
            properties = resources[value[word].partition(".")[0]]["Properties"]
            kind, name = (
                ("role", properties["RoleName"])
                if "RoleName" in properties
                else ("policy", properties["ManagedPolicyName"])
            )
            return f"arn:aws:iam::{account}:{kind}/{name}"
    return {key: _resolved(one, resources, account) for key, one in value.items()}


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)
