"""One fault each: what it takes from the ready account, and the line that must say so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kfaws.generator.doctor import (
    bootstrap,
    cluster,
    domain,
    identity,
    inside,
    login,
    network,
    quotas,
    stores,
)
from kfaws.generator.doctor.checks import Check
from kfaws.generator.doctor.inside import CRDS, EBS_DRIVER
from tests.generator.doctor.servers import ApiServer
from tests.generator.doctor.world import ACCOUNT, World

Fault = Callable[[World, ApiServer], object]


@dataclass(frozen=True)
class Case:
    """A fault, the check and the topic that report it, and parts of the line's text and remedy."""

    check: Check
    topic: str
    found: str
    remedy: str
    fault: Fault


def answers(**values: Any) -> Fault:
    """Return a fault that changes answers; the account stays as it is."""
    return lambda world, _: world.answers.update(values)


def overlay(**values: Any) -> Fault:
    """Return a fault that changes what the overlay answers."""
    return lambda world, _: vars(world.overlay).update(values)


def of_cluster(**values: Any) -> Fault:
    """Return a fault that changes how EKS describes the cluster."""
    return lambda world, _: world.overlay.cluster.update(values)


def untag(world: World, _: ApiServer) -> None:
    subnets = [subnet["id"] for subnet in world.answers["public_subnets"]]
    world.account.client("ec2").delete_tags(Resources=subnets[:1], Tags=[{"Key": "kubernetes.io/role/elb"}])


def attribute(**values: Any) -> Fault:
    return lambda world, _: world.account.client("ec2").modify_vpc_attribute(
        VpcId=world.answers["vpc_id"], **values
    )


def one_zone(world: World, _: ApiServer) -> None:
    world.answers["private_subnets"] = world.answers["private_subnets"][:1]


def no_route(world: World, _: ApiServer) -> None:
    world.account.client("ec2").delete_route(RouteTableId=world.route_table, DestinationCidrBlock="0.0.0.0/0")


def other_vpc_group(world: World, _: ApiServer) -> None:
    ec2 = world.account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="else", Description="else", VpcId=vpc)["GroupId"]
    world.answers["cluster_security_group_id"] = group


def foreign_zone(world: World, _: ApiServer) -> None:
    zone = world.account.client("route53").create_hosted_zone(Name="other.org", CallerReference="other")
    world.answers["root_zone_id"] = zone["HostedZone"]["Id"].removeprefix("/hostedzone/")


def subnet_elsewhere(world: World, _: ApiServer) -> None:
    world.answers["private_subnets"][0]["zone"] = "us-west-2c"


def small_subnet(world: World, _: ApiServer) -> None:
    vpc = world.answers["vpc_id"]
    made = world.account.client("ec2").create_subnet(
        VpcId=vpc, CidrBlock="192.168.99.0/28", AvailabilityZone="us-west-2a"
    )["Subnet"]
    small = {"id": made["SubnetId"], "zone": "us-west-2a", "cidr": "192.168.99.0/28"}
    world.answers["private_subnets"].append(small)


def no_subnet(world: World, _: ApiServer) -> None:
    lost = {"id": "subnet-0123456789abcdef0", "zone": "us-west-2a", "cidr": "192.168.99.0/28"}
    world.answers["private_subnets"].append(lost)


def zone_not_delegated(world: World, _: ApiServer) -> None:
    world.existing_zone("ns1.registrar.test")


def other_zone(world: World, _: ApiServer) -> None:
    world.answers |= {"zone_source": "external", "zone_id": world.answers["root_zone_id"]}


def not_delegated(world: World, _: ApiServer) -> None:
    world.name_servers["example.com"] = ["ns1.registrar.test"]


def certificate_for(*names: str) -> Fault:
    def fault(world: World, _: ApiServer) -> None:
        world.answers |= {"certificate_source": "external", "certificate_arn": world.certificate(*names)}

    return fault


def prefix_taken(world: World, _: ApiServer) -> None:
    cognito = world.account.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="somebody")["UserPool"]["Id"]
    cognito.create_user_pool_domain(Domain=world.answers["cognito_domain_prefix"], UserPoolId=pool)


def pool_without_domain(world: World, _: ApiServer) -> None:
    world.existing_pool()


def client_with(**settings: Any) -> Fault:
    return lambda world, _: world.existing_pool(**settings)


def bucket_elsewhere(world: World, _: ApiServer) -> None:
    world.account.client("s3", "eu-west-1").create_bucket(
        Bucket="kubeflow-artifacts", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )


def key_pending(world: World, _: ApiServer) -> None:
    kms = world.account.client("kms")
    key = kms.create_key()["KeyMetadata"]
    kms.schedule_key_deletion(KeyId=key["KeyId"])
    world.answers["bucket_kms_key_arn"] = key["Arn"]


def secret_deleted(world: World, _: ApiServer) -> None:
    secrets = world.account.client("secretsmanager")
    secrets.create_secret(Name="rds-secret", SecretString="{}")
    secrets.delete_secret(SecretId="rds-secret")


def no_stack(world: World, _: ApiServer) -> None:
    world.account.client("cloudformation").delete_stack(StackName="kubeflow-bootstrap")


def kubeconfig_elsewhere(world: World, _: ApiServer) -> None:
    world.overlay.cluster["endpoint"] = "https://other.eks.amazonaws.com"


def not_administrator(_: World, cluster: ApiServer) -> None:
    cluster.administrator = False


def no_driver(_: World, cluster: ApiServer) -> None:
    del cluster.objects[f"/apis/storage.k8s.io/v1/csidrivers/{EBS_DRIVER}"]


def network_not_noted(world: World, _: ApiServer) -> None:
    world.files["bootstrap/network.sh"] = "#!/bin/sh\n"


def no_oidc_client(world: World, _: ApiServer) -> None:
    world.existing_pool()
    world.answers["login"] = "cognito-oidc"


def no_default_class(world: World, cluster: ApiServer) -> None:
    world.answers["default_storage_class"] = "external"
    cluster.objects["/apis/storage.k8s.io/v1/storageclasses"] = {"items": [{"metadata": {"name": "gp2"}}]}


def installed(crd: str) -> Fault:
    return lambda _, cluster: cluster.objects.update({f"{CRDS}/{crd}": {"metadata": {"name": crd}}})


def irsa(world: World, _: ApiServer) -> None:
    world.answers |= {"credentials": "irsa", "oidc_issuer": "oidc.eks.us-west-2.amazonaws.com/id/ABC"}
    world.overlay.cluster["identity"] = {
        "oidc": {"issuer": "https://oidc.eks.us-west-2.amazonaws.com/id/ABC"}
    }


def irsa_of_another(world: World, cluster: ApiServer) -> None:
    irsa(world, cluster)
    world.answers["oidc_issuer"] = "oidc.eks.us-west-2.amazonaws.com/id/XYZ"


def full(code: str, limit: int) -> Fault:
    return lambda world, _: world.overlay.quotas.update({code: limit})


def new_vpc_with(code: str, limit: int) -> Fault:
    def fault(world: World, _: ApiServer) -> None:
        world.answers["vpc_source"] = "create"
        world.overlay.quotas[code] = limit

    return fault


def certificate_pending(world: World, _: ApiServer) -> None:
    world.answers |= {
        "certificate_source": "external",
        "certificate_arn": world.certificate("*.platform.example.com"),
    }
    world.overlay.certificate = "PENDING_VALIDATION"


NO_LUSTRE = {"id": "fs-0123456789abcdef0", "dns_name": "x", "mount_name": "abc", "capacity_gb": 1200}

CASES = {
    "other account": Case(
        identity.check_account,
        "Account",
        f"{ACCOUNT[::-1]}",
        "AWS_PROFILE",
        answers(aws_account_id=ACCOUNT[::-1]),
    ),
    "permission": Case(
        identity.check_permissions,
        "Permissions for bootstrap",
        "lacks iam:CreateRole",
        "iam:CreateRole",
        overlay(denied=["iam:CreateRole"]),
    ),
    "no cluster": Case(
        cluster.check_cluster, "Cluster", "no cluster other", "list-clusters", answers(cluster_name="other")
    ),
    "no cluster yet": Case(
        cluster.check_cluster,
        "Cluster",
        "no cluster other",
        "eksctl create cluster",
        answers(cluster_name="other", cluster_source="create"),
    ),
    "cluster creating": Case(
        cluster.check_cluster, "Cluster", "CREATING", "cluster-active", of_cluster(status="CREATING")
    ),
    "old version": Case(
        cluster.check_cluster,
        "Kubernetes version",
        "1.30",
        "kubernetes_version=1.30",
        of_cluster(version="1.30"),
    ),
    "cluster in another VPC": Case(
        cluster.check_cluster_network,
        "VPC of the cluster",
        "vpc-other",
        "vpc_id=vpc-other",
        of_cluster(resourcesVpcConfig={"vpcId": "vpc-other"}),
    ),
    "no agent": Case(
        cluster.check_pod_roles, "Pod identity agent", "not installed", "create-addon", overlay(agent=None)
    ),
    "agent degraded": Case(
        cluster.check_pod_roles, "Pod identity agent", "DEGRADED", "addon-active", overlay(agent="DEGRADED")
    ),
    "issuer unknown to IAM": Case(
        cluster.check_pod_roles, "OIDC provider", "does not know", "associate-iam-oidc-provider", irsa
    ),
    "another issuer": Case(cluster.check_pod_roles, "OIDC issuer", "XYZ", "id/ABC", irsa_of_another),
    "kubeconfig elsewhere": Case(
        inside.check_kubeconfig, "kubectl's context", "other.eks", "update-kubeconfig", kubeconfig_elsewhere
    ),
    "not administrator": Case(
        inside.check_rights,
        "Rights in the cluster",
        "no cluster administrator",
        "AdminPolicy",
        not_administrator,
    ),
    "no default class": Case(
        inside.check_storage,
        "Default StorageClass",
        "gp2",
        "annotate storageclass gp2",
        no_default_class,
    ),
    "no EBS driver": Case(
        inside.check_storage, "EBS CSI driver", "not installed", "aws-ebs-csi-driver", no_driver
    ),
    "network not noted": Case(
        inside.check_network_note,
        "Network of the new cluster",
        "is not there",
        "sh bootstrap/network.sh",
        network_not_noted,
    ),
    "no client of oauth2-proxy": Case(
        stores.check_secrets,
        "Secret kubeflow/oidc-client",
        "client-id",
        "create-secret",
        no_oidc_client,
    ),
    "no Argo CD": Case(
        inside.check_seams,
        "Argo CD",
        "it is not",
        "argo_cd_source=create",
        answers(argo_cd_source="external"),
    ),
    "a second Istio": Case(
        inside.check_seams,
        "Istio",
        "already",
        "istio_source=external",
        installed("virtualservices.networking.istio.io"),
    ),
    "a second cert-manager": Case(
        inside.check_seams,
        "cert-manager",
        "already",
        "cert_manager_source=external",
        installed("certificates.cert-manager.io"),
    ),
    "no VPC": Case(
        network.check_vpc,
        "VPC",
        "is not in us-west-2",
        "describe-vpcs",
        answers(vpc_id="vpc-0123456789abcdef0"),
    ),
    "other CIDR": Case(
        network.check_vpc,
        "VPC",
        "192.168.0.0/16; ",
        "vpc_cidr=192.168.0.0/16",
        answers(vpc_cidr="10.0.0.0/16"),
    ),
    "no DNS": Case(
        network.check_vpc,
        "VPC enableDnsSupport",
        "off",
        "--enable-dns-support",
        attribute(EnableDnsSupport={"Value": False}),
    ),
    "no host names": Case(
        network.check_vpc,
        "VPC enableDnsHostnames",
        "off",
        "--enable-dns-hostnames",
        attribute(EnableDnsHostnames={"Value": False}),
    ),
    "one zone": Case(
        network.check_subnets, "Zones of the private subnets", "us-west-2a", "describe-subnets", one_zone
    ),
    "untagged": Case(
        network.check_load_balancer_subnets,
        "Tags of the ALB's subnets",
        "kubernetes.io/role/elb=1 is not on",
        "create-tags",
        untag,
    ),
    "internal, untagged": Case(
        network.check_load_balancer_subnets,
        "Tags of the ALB's subnets",
        "internal-elb=1 is not on",
        "create-tags",
        answers(alb_scheme="internal"),
    ),
    "no internet gateway": Case(
        network.check_routes, "Routes of the public subnets", "no internet gateway", "route-tables", no_route
    ),
    "no group": Case(
        network.check_security_group,
        "Security group of the nodes",
        "does not exist",
        "cluster_security_group_id=sg-",
        answers(cluster_security_group_id="sg-0123456789abcdef0"),
    ),
    "group of another VPC": Case(
        network.check_security_group,
        "Security group of the nodes",
        "is in vpc-",
        "group_id=sg-",
        other_vpc_group,
    ),
    "no root zone": Case(
        domain.check_root_zone,
        "Root zone",
        "does not exist",
        "list-hosted-zones",
        answers(root_zone_id="Z0123456789"),
    ),
    "foreign zone": Case(domain.check_root_zone, "Root zone", "other.org", "root_zone_id=", foreign_zone),
    "not delegated": Case(
        domain.check_root_zone,
        "Root zone's name servers",
        "ns1.registrar.test",
        "set the NS record",
        not_delegated,
    ),
    "other zone": Case(domain.check_zone, "Zone", "example.com; the answers want", "zone_id=", other_zone),
    "zone not delegated": Case(
        domain.check_zone,
        "Zone's name servers",
        "ns1.registrar.test",
        "set the NS record",
        zone_not_delegated,
    ),
    "no subnet": Case(network.check_subnets, "Subnet", "is not in vpc-", "describe-subnets", no_subnet),
    "small subnet": Case(
        network.check_subnets, "Subnet", "11 addresses free", "describe-subnets", small_subnet
    ),
    "subnet elsewhere": Case(
        network.check_subnets, "Subnet", "us-west-2c", "describe-subnets", subnet_elsewhere
    ),
    "region not opted in": Case(
        identity.check_region,
        "Region of the account",
        "not-opted-in",
        "enable-region",
        answers(aws_region="ap-east-1"),
    ),
    "shell elsewhere": Case(
        identity.check_region,
        "Region of this shell",
        "us-west-2",
        "AWS_REGION=ap-east-1",
        answers(aws_region="ap-east-1"),
    ),
    "no certificate": Case(
        domain.check_certificate,
        "Certificate",
        "is not in us-west-2",
        "list-certificates",
        answers(
            certificate_source="external",
            certificate_arn=f"arn:aws:acm:us-west-2:{ACCOUNT}:certificate/12345678-1234-1234-1234-123456789012",
        ),
    ),
    "certificate pending": Case(
        domain.check_certificate, "Certificate", "PENDING_VALIDATION", "ISSUED", certificate_pending
    ),
    "other names": Case(
        domain.check_certificate,
        "Names on the certificate",
        "kubeflow.platform.example.com",
        "request-certificate",
        certificate_for("www.example.com"),
    ),
    "prefix taken": Case(
        login.check_prefix, "Log-in domain", "somebody", "cognito_domain_prefix=", prefix_taken
    ),
    "no pool": Case(
        login.check_existing_pool,
        "User pool",
        "is not in us-west-2",
        "list-user-pools",
        answers(user_pool_source="external", user_pool_id="us-west-2_none", user_pool_client_id="x"),
    ),
    "pool without domain": Case(
        login.check_existing_pool, "User pool", "no domain", "create-user-pool-domain", pool_without_domain
    ),
    "client without secret": Case(
        login.check_existing_pool,
        "App client",
        "no secret",
        "--generate-secret",
        client_with(GenerateSecret=False),
    ),
    "wrong callback": Case(
        login.check_existing_pool,
        "App client",
        "lacks the callback",
        "update-user-pool-client",
        client_with(CallbackURLs=["https://elsewhere.example.com/cb"]),
    ),
    "no bucket": Case(
        stores.check_bucket,
        "Artifact bucket",
        "does not exist",
        "s3 mb",
        answers(bucket_source="external", bucket_name="none-of-ours"),
    ),
    "bucket elsewhere": Case(
        stores.check_bucket, "Artifact bucket", "eu-west-1", "bucket_name=", bucket_elsewhere
    ),
    "key on its way out": Case(
        stores.check_bucket_key, "Key of the bucket", "PendingDeletion", "cancel-key-deletion", key_pending
    ),
    "secret on its way out": Case(
        stores.check_secrets, "Secret rds-secret", "scheduled for deletion", "restore-secret", secret_deleted
    ),
    "no static keys": Case(
        stores.check_secrets,
        "Secret kubeflow/s3-secret",
        "does not exist",
        "create-secret",
        answers(artifact_secret_name="kubeflow/s3-secret"),
    ),
    "no provider's secret": Case(
        stores.check_secrets,
        "Secret kubeflow/google",
        "client_id",
        "create-secret",
        answers(social_providers=[{"provider": "Google", "secret": "kubeflow/google"}]),
    ),
    "class not offered": Case(
        stores.check_instance_class,
        "Database instance class",
        "is not offered",
        "orderable",
        answers(database_instance_class="db.x99.large"),
    ),
    "no EFS": Case(
        stores.check_file_systems,
        "EFS file system",
        "does not exist",
        "efs",
        answers(efs_file_system_id="fs-12345678"),
    ),
    "no Lustre": Case(
        stores.check_file_systems,
        "Lustre file system",
        "does not exist",
        "fsx",
        answers(fsx_file_system=NO_LUSTRE),
    ),
    "RDS full": Case(
        quotas.check_quotas, "Quota of RDS instances", "0 of 0", "L-7B6409FD", full("L-7B6409FD", 0)
    ),
    "no room for a VPC": Case(
        quotas.check_quotas,
        "Quota of VPCs",
        "of 1 used",
        "L-F678F1CE",
        new_vpc_with("L-F678F1CE", 1),
    ),
    "no room for addresses": Case(
        quotas.check_quotas,
        "Quota of elastic IPs",
        "0 of 0",
        "L-0263D0A3",
        new_vpc_with("L-0263D0A3", 0),
    ),
    "no load balancer left": Case(
        quotas.check_quotas, "Quota of load balancers", "0 of 0", "L-53DA6B97", full("L-53DA6B97", 0)
    ),
    "no EFS left": Case(
        quotas.check_quotas, "Quota of EFS file systems", "0 of 0", "L-848C634D", full("L-848C634D", 0)
    ),
    "no roles left": Case(
        quotas.check_quotas, "Quota of IAM roles", "of 5", "L-FE177D64", full("L-FE177D64", 5)
    ),
    "no stack": Case(
        bootstrap.check_stack, "Bootstrap stack", "does not exist", "cloudformation deploy", no_stack
    ),
    "no branch": Case(
        bootstrap.check_repository,
        "Git repository",
        "has no release",
        "git push",
        answers(gitops_revision="release"),
    ),
}
