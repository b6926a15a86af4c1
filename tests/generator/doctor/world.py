"""An AWS account, a cluster and a name server to examine: moto, and small servers for what moto lacks."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import boto3
from botocore.validate import ParamValidator

from kfaws.generator.doctor.inside import CRDS
from kfaws.generator.doctor.site import Account
from tests.generator.doctor.servers import ApiServer

REGION = "us-west-2"
ACCOUNT = "123456789012"
QUOTAS = {
    "L-7B6409FD": 40,
    "L-53DA6B97": 50,
    "L-848C634D": 1000,
    "L-F678F1CE": 5,
    "L-0263D0A3": 5,
    "L-FE177D64": 1000,
}


class Overlay:
    """Answers the calls that moto does not implement; docs/fidelity.md lists them.

    Every answer is held against botocore's output shape, so that a check cannot pass on an answer that AWS
    would never give.
    """

    def __init__(self, session: boto3.Session) -> None:
        self.reset()
        events = session.events
        events.register("before-call", self._refuse)
        events.register("before-call.iam.SimulatePrincipalPolicy", self._simulate)
        events.register("before-call.eks.DescribeAddon", self._addon)
        events.register("before-call.service-quotas.GetServiceQuota", self._quota)
        events.register("before-call.rds.DescribeOrderableDBInstanceOptions", self._offers)
        events.register("after-call.acm.DescribeCertificate", self._describe_certificate)
        events.register("after-call.eks.DescribeCluster", self._describe_cluster)

    def reset(self) -> None:
        """Answer as for a ready account."""
        self.denied: list[str] = []
        self.agent: str | None = "ACTIVE"
        self.quotas = dict(QUOTAS)
        self.cluster: dict[str, Any] = {}
        self.refused: set[str] = set()
        self.certificate: str | None = None
        self.offered = {"db.t4g.medium": "8.4.7"}

    def _refuse(self, model: Any, **_: Any) -> Any:
        return _error(403, "AccessDenied") if model.name in self.refused else None

    def _simulate(self, model: Any, params: Any, **_: Any) -> Any:
        names = [value for key, value in params["body"].items() if key.startswith("ActionNames.")]
        results = [
            {"EvalActionName": name, "EvalDecision": "implicitDeny" if name in self.denied else "allowed"}
            for name in names
        ]
        return _answer(model, {"EvaluationResults": results})

    def _addon(self, model: Any, **_: Any) -> Any:
        if self.agent is None:
            return _error(404, "ResourceNotFoundException")
        return _answer(model, {"addon": {"addonName": "eks-pod-identity-agent", "status": self.agent}})

    def _quota(self, model: Any, params: Any, **_: Any) -> Any:
        code = json.loads(params["body"])["QuotaCode"]
        return _answer(model, {"Quota": {"QuotaCode": code, "Value": float(self.quotas[code])}})

    def _offers(self, model: Any, **_: Any) -> Any:
        offers = [
            {"DBInstanceClass": name, "EngineVersion": version} for name, version in self.offered.items()
        ]
        return _answer(model, {"OrderableDBInstanceOptions": offers})

    def _describe_certificate(self, parsed: Any, **_: Any) -> None:
        if self.certificate:
            parsed["Certificate"]["Status"] = self.certificate

    def _describe_cluster(self, parsed: Any, **_: Any) -> None:
        if "cluster" in parsed:
            parsed["cluster"].update(self.cluster)


def _answer(model: Any, parsed: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    report = ParamValidator().validate(parsed, model.output_shape)
    assert not report.has_errors(), report.generate_report()
    return SimpleNamespace(status_code=200), {**parsed, "ResponseMetadata": {}}


def _error(status: int, code: str) -> tuple[Any, dict[str, Any]]:
    return SimpleNamespace(status_code=status), {
        "Error": {"Code": code, "Message": code},
        "ResponseMetadata": {},
    }


class World:
    """The account of an environment that is ready to sync, and its answers."""

    def __init__(self, account: Account, overlay: Overlay) -> None:
        self.seen_by_doctor = account
        """The account as doctor reaches it."""
        self.touched = False
        """Whether a test did something in the account after it was ready."""
        self.overlay = overlay
        self.files: dict[str, str] = {}
        self.name_servers: dict[str, list[str]] = {}
        self.answers: dict[str, Any] = {
            "aws_account_id": ACCOUNT,
            "aws_region": REGION,
            "environment_name": "kubeflow",
            "cluster_name": "kube-eks-cluster",
            "cluster_source": "external",
            "credentials": "pod-identity",
            "argo_cd_source": "create",
            "istio_source": "create",
            "cert_manager_source": "create",
            "default_storage_class": "create",
            "profiles": [{"name": "data-science"}],
        }

    @property
    def account(self) -> Account:
        """The account, for a test to change."""
        self.touched = True
        return self.seen_by_doctor

    def build(self) -> None:
        """Make everything that an environment expects to find."""
        self._network()
        self._cluster()
        self._domain()
        self._bootstrap()
        self.answers |= {
            "login": "cognito-alb",
            "user_pool_source": "create",
            "user_pool_name": "kubeflow-users",
            "cognito_domain_prefix": f"kubeflow-{ACCOUNT}",
            "bucket_source": "create",
            "bucket_name": "kubeflow-artifacts",
            "database_source": "create",
            "database_version": "8.4",
            "database_instance_class": "db.t4g.medium",
            "database_secret_name": "rds-secret",
            "shared_file_system": "create",
        }
        self.touched = False

    def _network(self) -> None:
        ec2 = self.account.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="192.168.0.0/16")["Vpc"]["VpcId"]
        ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        table = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"][0]
        ec2.create_route(
            RouteTableId=table["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway
        )
        self.route_table, self.gateway = table["RouteTableId"], gateway
        subnets = [
            {"zone": f"{REGION}{zone}", "cidr": f"192.168.{third}.0/24"}
            for zone, third in (("a", 0), ("b", 1), ("a", 10), ("b", 11))
        ]
        for subnet in subnets:
            made = ec2.create_subnet(VpcId=vpc, CidrBlock=subnet["cidr"], AvailabilityZone=subnet["zone"])
            subnet["id"] = made["Subnet"]["SubnetId"]
        public, private = subnets[:2], subnets[2:]
        ec2.create_tags(
            Resources=[s["id"] for s in public], Tags=[{"Key": "kubernetes.io/role/elb", "Value": "1"}]
        )
        group = ec2.create_security_group(GroupName="nodes", Description="nodes", VpcId=vpc)["GroupId"]
        self.answers |= {
            "vpc_id": vpc,
            "vpc_cidr": "192.168.0.0/16",
            "public_subnets": public,
            "private_subnets": private,
            "cluster_security_group_id": group,
        }

    def _cluster(self) -> None:
        self.account.client("eks").create_cluster(
            name=self.answers["cluster_name"],
            version="1.35",
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/eks",
            resourcesVpcConfig={"subnetIds": [s["id"] for s in self.answers["private_subnets"]]},
        )
        self.overlay.cluster["resourcesVpcConfig"] = {
            "vpcId": self.answers["vpc_id"],
            "clusterSecurityGroupId": self.answers["cluster_security_group_id"],
        }
        self.answers["kubernetes_version"] = "1.35"

    def _domain(self) -> None:
        zone = self.account.client("route53").create_hosted_zone(Name="example.com", CallerReference="root")
        self.name_servers["example.com"] = zone["DelegationSet"]["NameServers"]
        self.answers |= {
            "alb_name": "kubeflow",
            "alb_scheme": "internet-facing",
            "root_zone": "route53",
            "root_zone_id": zone["HostedZone"]["Id"].removeprefix("/hostedzone/"),
            "root_domain": "example.com",
            "domain": "platform.example.com",
            "zone_source": "create",
            "certificate_source": "create",
        }

    def _bootstrap(self) -> None:
        template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
        self.account.client("cloudformation").create_stack(
            StackName="kubeflow-bootstrap", TemplateBody=json.dumps(template)
        )

    def existing_zone(self, *name_servers: str) -> None:
        """Make the environment's own zone, and answer with it; `name_servers` is what public DNS says."""
        zone = self.account.client("route53").create_hosted_zone(
            Name="platform.example.com", CallerReference="own"
        )
        self.name_servers["platform.example.com"] = list(name_servers) or zone["DelegationSet"]["NameServers"]
        zone_id = zone["HostedZone"]["Id"].removeprefix("/hostedzone/")
        self.answers |= {"zone_source": "external", "zone_id": zone_id}

    def existing_everything(self, cluster: ApiServer) -> None:
        """Make everything that can be brought along, and answer with it."""
        self.existing_zone()
        self.existing_pool()
        self.account.client("cognito-idp").create_user_pool_domain(
            Domain="people", UserPoolId=self.answers["user_pool_id"]
        )
        self.answers |= {
            "certificate_source": "external",
            "certificate_arn": self.certificate("platform.example.com", "*.platform.example.com"),
            "bucket_kms_key_arn": self.account.client("kms").create_key()["KeyMetadata"]["Arn"],
            "efs_file_system_id": self.account.client("efs").create_file_system(CreationToken="x")[
                "FileSystemId"
            ],
            "fsx_file_system": self._lustre(),
            "argo_cd_source": "external",
            "default_storage_class": "external",
        }
        self.files["bootstrap/network.sh"] = "#!/bin/sh\n"
        cluster.objects["/api/v1/namespaces/kubeflow-claims/configmaps/network"] = {"data": {}}
        self.account.client("s3").create_bucket(
            Bucket=self.answers["bucket_name"], CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        self.answers["bucket_source"] = "external"
        cluster.objects[f"{CRDS}/applications.argoproj.io"] = {
            "metadata": {"name": "applications.argoproj.io"}
        }
        issuer = "oidc.eks.us-west-2.amazonaws.com/id/ABC"
        self.account.client("iam").create_open_id_connect_provider(
            Url=f"https://{issuer}", ThumbprintList=["a" * 40]
        )
        self.overlay.cluster["identity"] = {"oidc": {"issuer": f"https://{issuer}"}}
        self.answers |= {"credentials": "irsa", "oidc_issuer": issuer}

    def _lustre(self) -> dict[str, Any]:
        made = self.account.client("fsx").create_file_system(
            FileSystemType="LUSTRE",
            StorageCapacity=1200,
            SubnetIds=[self.answers["private_subnets"][0]["id"]],
        )["FileSystem"]
        mount_name = made.get("LustreConfiguration", {}).get("MountName")
        return {"id": made["FileSystemId"], "dns_name": "x", "mount_name": mount_name, "capacity_gb": 1200}

    def certificate(self, *names: str) -> str:
        """Request a certificate and return its ARN."""
        made = self.account.client("acm").request_certificate(
            DomainName=names[0], SubjectAlternativeNames=list(names), ValidationMethod="DNS"
        )
        return str(made["CertificateArn"])

    def existing_pool(self, **client: Any) -> None:
        """Make a user pool with a client fit for the ALB, and answer with both; `client` changes that."""
        cognito = self.account.client("cognito-idp")
        pool = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
        settings: dict[str, Any] = {
            "GenerateSecret": True,
            "AllowedOAuthFlows": ["code"],
            "AllowedOAuthScopes": ["openid", "email"],
            "CallbackURLs": ["https://kubeflow.platform.example.com/oauth2/idpresponse"],
        }
        made = cognito.create_user_pool_client(UserPoolId=pool, ClientName="kubeflow", **settings | client)
        self.answers |= {
            "user_pool_source": "external",
            "user_pool_id": pool,
            "user_pool_client_id": made["UserPoolClient"]["ClientId"],
        }
