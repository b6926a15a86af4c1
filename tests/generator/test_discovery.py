"""`kfaws new --cluster` against moto's server: what is read, what is offered, what is said when it cannot."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import moto.settings
import pytest
import requests
import yaml
from moto.server import ThreadedMotoServer
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from kfaws.cli import run_reporting_errors
from kfaws.generator.discovery import Discovery, discover
from kfaws.generator.errors import KfawsError
from kfaws.generator.scaffold import Request, Source, copy

REGION = "us-west-2"
ACCOUNT = "123456789012"
CLUSTER = "kube-eks-cluster"
ISSUER = f"oidc.eks.{REGION}.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
REPOSITORY = "https://github.com/example/kube-eks-cluster.git"
NOT_FROM_AWS = {
    "deployment_option": "cognito-rds-s3",
    "gitops_repository": REPOSITORY,
    "root_domain": "example.com",
}


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


class Aws:
    """An account with one cluster in a VPC of two public and three private subnets."""

    def __init__(self, session: boto3.Session) -> None:
        self.session = session
        self._network: dict[str, Any] = {}
        session.events.register("after-call.eks.DescribeCluster", self._complete)

    def client(self, service: str) -> Any:
        make: Callable[..., Any] = self.session.client
        return make(service)

    def _complete(self, parsed: Any, **_: Any) -> None:
        """Add what EKS says of a cluster's network and moto does not."""
        if "cluster" in parsed:
            parsed["cluster"]["resourcesVpcConfig"].update(self._network)
            parsed["cluster"]["identity"] = {"oidc": {"issuer": f"https://{ISSUER}"}}

    def build(self, version: str = "1.35") -> None:
        ec2 = self.client("ec2")
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        ec2.associate_vpc_cidr_block(VpcId=self.vpc, CidrBlock="100.64.0.0/16")
        private = [self.subnet(f"{REGION}{zone}", block) for zone, block in (("a", 0), ("b", 16))]
        self.tagged = self.subnet(f"{REGION}a", 32, tag="kubernetes.io/role/internal-elb")
        self.subnet(f"{REGION}c", cidr="100.64.0.0/20")
        public = [self.subnet(f"{REGION}{zone}", block) for zone, block in (("a", 96), ("b", 112))]
        self._lead_outside(public)
        self.private, self.public = private, public
        group = ec2.create_security_group(GroupName="nodes", Description="nodes", VpcId=self.vpc)
        self.group = group["GroupId"]
        self._network = {"vpcId": self.vpc, "clusterSecurityGroupId": self.group}
        self.client("eks").create_cluster(
            name=CLUSTER,
            version=version,
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/cluster",
            resourcesVpcConfig={"subnetIds": private},
        )

    def subnet(self, zone: str, block: int = 0, *, cidr: str = "", tag: str = "") -> str:
        tags = [{"ResourceType": "subnet", "Tags": [{"Key": tag, "Value": "1"}]}] if tag else []
        made = self.client("ec2").create_subnet(
            VpcId=self.vpc,
            AvailabilityZone=zone,
            CidrBlock=cidr or f"10.0.{block}.0/20",
            TagSpecifications=tags,
        )
        return str(made["Subnet"]["SubnetId"])

    def _lead_outside(self, subnets: list[str]) -> None:
        ec2 = self.client("ec2")
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        table = ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
        for subnet in subnets:
            ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)

    def zone(self, name: str) -> str:
        made = self.client("route53").create_hosted_zone(Name=name, CallerReference=name)
        return str(made["HostedZone"]["Id"]).removeprefix("/hostedzone/")


@pytest.fixture
def aws(moto_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Aws:
    """An empty account, whose session is the one that the program makes."""
    requests.post(f"{moto_url}/moto-api/reset", timeout=10)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto_url)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    session = boto3.Session(region_name=REGION)
    monkeypatch.setattr("kfaws.generator.discovery.boto3.Session", lambda **_: session)
    return Aws(session)


def generate(questionnaire: Path, folder: Path, found: Discovery, **answers: Any) -> dict[str, Any]:
    """Copy with what was found, and return the answers that were recorded."""
    copy(
        Request(
            Source(str(questionnaire)),
            folder,
            NOT_FROM_AWS | answers,
            known={name: value for name, value in found.known.items() if name not in answers},
            changes=found.changes,
        )
    )
    recorded = yaml.safe_load((folder / ".copier-answers.yml").read_text())
    assert isinstance(recorded, dict)
    return recorded


def test_a_cluster_answers_what_follows_from_it(aws: Aws, questionnaire: Path, tmp_path: Path) -> None:
    aws.build()
    zone = aws.zone("example.com")
    recorded = generate(questionnaire, tmp_path / "environment", discover(CLUSTER, REGION))
    assert recorded["aws_account_id"] == ACCOUNT
    assert recorded["aws_region"] == REGION
    assert recorded["cluster_name"] == CLUSTER
    assert recorded["kubernetes_version"] == "1.35"
    assert recorded["vpc_id"] == aws.vpc
    assert recorded["vpc_cidr"] == "10.0.0.0/16"
    assert recorded["cluster_security_group_id"] == aws.group
    assert recorded["root_zone_id"] == zone
    assert "oidc_issuer" not in recorded


def test_subnets_are_told_apart_and_one_is_taken_in_each_zone(aws: Aws) -> None:
    aws.build()
    known = discover(CLUSTER, REGION).known
    assert [subnet["id"] for subnet in known["private_subnets"]] == [aws.tagged, aws.private[1]]
    assert {subnet["id"] for subnet in known["public_subnets"]} == set(aws.public)
    assert known["private_subnets"][0]["cidr"] == "10.0.32.0/20"


def test_the_issuer_is_there_for_irsa(aws: Aws, questionnaire: Path, tmp_path: Path) -> None:
    aws.build()
    aws.zone("example.com")
    recorded = generate(
        questionnaire, tmp_path / "environment", discover(CLUSTER, REGION), credentials="irsa"
    )
    assert recorded["oidc_issuer"] == ISSUER


def test_zones_decide_who_delegates(aws: Aws, questionnaire: Path, tmp_path: Path) -> None:
    aws.build()
    own = aws.zone("platform.example.com")
    recorded = generate(questionnaire, tmp_path / "environment", discover(CLUSTER, REGION))
    assert recorded["zone_source"] == "external"
    assert recorded["zone_id"] == own


def test_without_a_zone_the_root_is_elsewhere(aws: Aws, questionnaire: Path, tmp_path: Path) -> None:
    aws.build()
    recorded = generate(questionnaire, tmp_path / "environment", discover(CLUSTER, REGION))
    assert recorded["root_zone"] == "elsewhere"


def test_an_answer_that_the_account_lacks_is_refused(aws: Aws, questionnaire: Path, tmp_path: Path) -> None:
    aws.build()
    aws.zone("example.com")
    found = discover(CLUSTER, REGION)
    with pytest.raises(KfawsError, match="root_zone_id: 'Z9' is not one of"):
        generate(questionnaire, tmp_path / "environment", found, root_zone_id="Z9")


@contextmanager
def typing(text: str) -> Iterator[None]:
    """A person at the prompts."""
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text(text)
        yield


DOWN, ENTER = "\x1b[B", "\r"


def asked(questionnaire: Path, folder: Path, found: Discovery, answers: dict[str, Any]) -> dict[str, Any]:
    """Complete a set of answers by asking for what is missing."""
    copy(Request(Source(str(questionnaire)), folder, answers, found.known, found.changes, ask=True))
    recorded = yaml.safe_load((folder / ".copier-answers.yml").read_text())
    assert isinstance(recorded, dict)
    return recorded


def complete(questionnaire: Path, folder: Path, found: Discovery, **answers: Any) -> dict[str, Any]:
    """All answers of an environment but those that the cluster gives."""
    recorded = generate(questionnaire, folder, found, **answers)
    return {
        name: value
        for name, value in recorded.items()
        if not name.startswith("_") and name not in found.known
    }


def test_user_pools_and_their_clients_are_choices(aws: Aws, questionnaire: Path, tmp_path: Path) -> None:
    aws.build()
    aws.zone("example.com")
    cognito = aws.client("cognito-idp")
    pools = [cognito.create_user_pool(PoolName=name)["UserPool"]["Id"] for name in ("first", "second")]
    client = cognito.create_user_pool_client(UserPoolId=pools[1], ClientName="alb")
    client_id = client["UserPoolClient"]["ClientId"]
    found = discover(CLUSTER, REGION)
    answers = complete(
        questionnaire,
        tmp_path / "complete",
        found,
        user_pool_source="external",
        user_pool_id=pools[1],
        user_pool_client_id=client_id,
    )
    del answers["user_pool_id"], answers["user_pool_client_id"]
    listed = list(found.changes["user_pool_id"]["choices"].values())
    with typing(DOWN * listed.index(pools[1]) + ENTER + ENTER):
        recorded = asked(questionnaire, tmp_path / "environment", found, answers)
    assert recorded["user_pool_id"] == pools[1]
    assert recorded["user_pool_client_id"] == client_id


def test_issued_certificates_are_choices(
    aws: Aws, questionnaire: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moto.settings, "ACM_VALIDATION_WAIT", -1)
    aws.build()
    aws.zone("example.com")
    acm = aws.client("acm")
    certificates = [
        acm.request_certificate(DomainName=name) for name in ("example.org", "*.platform.example.com")
    ]
    found = discover(CLUSTER, REGION)
    recorded = generate(questionnaire, tmp_path / "environment", found, certificate_source="external")
    assert recorded["certificate_arn"] == certificates[1]["CertificateArn"]
    assert len(found.changes["certificate_arn"]["choices"]) == len(certificates)


def refuse(**_: Any) -> Any:
    """AWS says no."""
    error = {"Code": "AccessDenied", "Message": "not authorized"}
    return SimpleNamespace(status_code=403), {"Error": error, "ResponseMetadata": {}}


def test_what_may_not_be_read_is_noted(aws: Aws) -> None:
    aws.build()
    aws.session.events.register("before-call.route-53.ListHostedZones", refuse)
    found = discover(CLUSTER, REGION)
    assert [note.partition(" (")[0] for note in found.notes] == ["hosted zones could not be read"]
    assert "root_zone_id" not in found.changes
    assert found.known["vpc_id"] == aws.vpc


def test_a_contradiction_is_refused(aws: Aws) -> None:
    aws.build()
    found = discover(CLUSTER, REGION)
    with pytest.raises(
        KfawsError, match=f"vpc_id: the answers file says vpc-1, but the cluster's is {aws.vpc}"
    ):
        found.refuse_contradiction({"vpc_id": "vpc-1"})
    found.refuse_contradiction({"vpc_id": aws.vpc, "private_subnets": []})


def test_a_version_that_kubeflow_does_not_run_on(aws: Aws, questionnaire: Path, tmp_path: Path) -> None:
    aws.build(version="1.31")
    aws.zone("example.com")
    with pytest.raises(KfawsError, match=r"kubernetes_version: '1\.31' is not one of .*1\.34"):
        generate(questionnaire, tmp_path / "environment", discover(CLUSTER, REGION))
    assert not (tmp_path / "environment").exists()


def test_no_such_cluster(aws: Aws) -> None:
    with pytest.raises(KfawsError, match=r"cluster missing: DescribeCluster: .*check --cluster"):
        discover("missing", REGION)


def test_no_credentials(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    session = boto3.session.Session(region_name=REGION)
    monkeypatch.setattr("kfaws.generator.discovery.boto3.Session", lambda **_: session)
    with pytest.raises(KfawsError, match="no AWS credentials: log in"):
        discover(CLUSTER, REGION)


def test_no_region(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    session = boto3.session.Session()
    monkeypatch.setattr("kfaws.generator.discovery.boto3.Session", lambda **_: session)
    with pytest.raises(KfawsError, match="add --region"):
        discover(CLUSTER, None)


def test_the_command_asks_nothing_more(
    aws: Aws, tmp_path: Path, questionnaire: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.build()
    aws.zone("example.com")
    answers = tmp_path / "answers.yml"
    answers.write_text(yaml.safe_dump(NOT_FROM_AWS))
    folder = tmp_path / "environment"
    options = ["--answers", str(answers), "--cluster", CLUSTER, "--region", REGION]
    code = run_reporting_errors(["new", str(folder), "--template", str(questionnaire), *options], debug=False)
    said = capsys.readouterr().err
    assert code == 0, said
    assert f"cluster {CLUSTER}: 11 answers read from AWS" in said
    recorded = yaml.safe_load((folder / ".copier-answers.yml").read_text())
    assert recorded["_src_path"] == str(questionnaire)
    assert recorded["vpc_id"] == aws.vpc
