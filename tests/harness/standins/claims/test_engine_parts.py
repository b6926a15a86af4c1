"""Names, queue, references and what is terminal, each by itself."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from moto.rds.models import RDSBackend, rds_backends

from kfaws.harness.standins.claims.ack import conditions
from kfaws.harness.standins.claims.ack.ec2 import flat
from kfaws.harness.standins.claims.ack.reconciler import SOON
from kfaws.harness.standins.claims.ack.references import reference_field
from kfaws.harness.standins.claims.aws import Aws
from kfaws.harness.standins.claims.names import from_aws, same, to_aws
from kfaws.harness.standins.claims.queue import WorkQueue
from tests.harness.standins.claims.cases import POLICY, TRUST
from tests.harness.standins.claims.world import World

ROLE = {"name": "r", "assumeRolePolicyDocument": TRUST}


def test_fields_become_parameters_whatever_their_spelling(aws: Aws) -> None:
    shape = aws.input("ec2", "AuthorizeSecurityGroupIngress").members["IpPermissions"]
    rules = [{"ipProtocol": "tcp", "userIDGroupPairs": [{"groupID": "sg-1", "unknown": "x"}]}]
    assert to_aws(rules, shape) == [{"IpProtocol": "tcp", "UserIdGroupPairs": [{"GroupId": "sg-1"}]}]


def test_terraforms_lists_of_one_and_doubles_become_what_aws_takes(aws: Aws) -> None:
    shape = aws.input("cognito-idp", "CreateUserPoolClient")
    units = {"tokenValidityUnits": [{"accessToken": "minutes"}], "accessTokenValidity": 15.0}
    assert to_aws(units, shape) == {
        "TokenValidityUnits": {"AccessToken": "minutes"},
        "AccessTokenValidity": 15,
    }
    back = {
        "type": "object",
        "properties": {"tokenValidityUnits": {"type": "array", "items": {"properties": {"accessToken": {}}}}},
    }
    assert from_aws({"TokenValidityUnits": {"AccessToken": "minutes"}}, back) == {
        "tokenValidityUnits": [{"accessToken": "minutes"}]
    }


@pytest.mark.parametrize(
    ("wanted", "found", "is_same"),
    [
        ({"a": 1}, {"a": 1.0, "b": 2}, True),
        ([{"a": 1}, {"a": 2}], [{"a": 2, "b": 0}, {"a": 1}], True),
        ([{"a": 1}], [{"a": 1}, {"a": 2}], False),
        ("", None, True),
        (False, None, True),
        (True, None, False),
    ],
)
def test_what_was_not_asked_for_counts_for_nothing(wanted: Any, found: Any, is_same: bool) -> None:
    assert same(wanted, found) is is_same


@pytest.mark.parametrize(
    ("field", "many", "reference"),
    [
        ("roleARN", False, "roleRef"),
        ("dbSubnetGroupName", False, "dbSubnetGroupRef"),
        ("policies", True, "policyRefs"),
        ("vpcSecurityGroupIDs", True, "vpcSecurityGroupRefs"),
        ("securityGroups", True, "securityGroupRefs"),
    ],
)
def test_references_are_named_as_in_ack(field: str, many: bool, reference: str) -> None:
    assert reference_field(field, many) == reference


def test_a_pair_without_a_group_is_the_group_itself() -> None:
    rules = flat([{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [{}]}], "sg-own")
    assert list(rules) == [("tcp", 1, 1, "UserIdGroupPairs", "sg-own")]


def test_a_wrong_parameter_is_terminal_and_says_so(world: World) -> None:
    item = world.add("iam", "Role", {**ROLE, "maxSessionDuration": "long"})
    world.reconcile(item)
    message = world.condition(item, "ACK.Terminal")["message"]
    assert "MaxSessionDuration" in message
    assert world.condition(item, "Ready")["reason"] == "ACK.Terminal"
    assert world.conditions(item)["ACK.ResourceSynced"] == "False"


def test_a_policy_that_aws_refuses_is_terminal(world: World) -> None:
    item = world.add("iam", "Policy", {"name": "p", "policyDocument": "{"})
    world.reconcile(item)
    assert "MalformedPolicyDocument" in world.condition(item, "ACK.Terminal")["message"]
    assert not world.now(item)["metadata"].get("finalizers")


def test_a_reference_is_waited_for_and_then_resolved(world: World) -> None:
    role = world.add("iam", "Role", {**ROLE, "policyRefs": [{"from": {"name": "policy"}}]}, "role")
    assert world.reconcile(role).refers
    assert world.condition(role, "ACK.ReferencesResolved")["status"] == "Unknown"
    policy = world.add("iam", "Policy", {"name": "p", "policyDocument": POLICY}, "policy")
    world.reconcile(policy)
    world.reconcile(role)
    assert world.conditions(role)["ACK.ReferencesResolved"] == "True"
    attached = world.call("iam", "list_attached_role_policies", RoleName="r")["AttachedPolicies"]
    assert [one["PolicyName"] for one in attached] == ["p"]
    assert "policies" not in world.now(role)["spec"]


def test_a_missing_secret_is_named(world: World) -> None:
    spec = {
        "dbInstanceIdentifier": "db",
        "engine": "mysql",
        "dbInstanceClass": "db.t4g.medium",
        "masterUserPassword": {"name": "none", "key": "password"},
    }
    item = world.add("rds", "DBInstance", spec)
    world.reconcile(item)
    assert "kubeflow-claims/none" in world.condition(item, "ACK.Recoverable")["message"]
    assert world.call("rds", "describe_db_instances")["DBInstances"] == []


def test_an_instance_that_is_being_made_is_left_alone_and_looked_at_soon(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moto.rds.models.DBInstance.endpoint", None)
    spec = {
        "dbInstanceIdentifier": "db",
        "engine": "mysql",
        "engineVersion": "8.4",
        "dbInstanceClass": "db.t4g.medium",
        "allocatedStorage": 50,
        "masterUsername": "admin",
        "masterUserPassword": {"name": "password", "key": "password"},
        "port": 3306,
    }
    world.secret("password", password="QWJjZGVmZ2hpams=")
    created = RDSBackend.create_db_instance

    def slowly(self: RDSBackend, db_kwargs: dict[str, Any]) -> Any:
        instance = created(self, db_kwargs)
        instance.status = "creating"
        return instance

    monkeypatch.setattr(RDSBackend, "create_db_instance", slowly)
    monkeypatch.setattr(RDSBackend, "modify_db_instance", lambda *_: pytest.fail("it is changed"))
    item = world.add("rds", "DBInstance", spec)
    assert world.reconcile(item).after == SOON
    assert world.conditions(item)["ACK.ResourceSynced"] == "False"
    assert "endpoint" not in world.now(item)["status"]
    monkeypatch.undo()
    rds_backends["123456789012"]["us-west-2"].databases["db"].status = "available"
    assert world.reconcile(item).after is None
    assert world.conditions(item)["ACK.ResourceSynced"] == "True"
    assert world.now(item)["status"]["endpoint"]["port"] == 3306


def test_read_only_is_looked_at_and_never_made(world: World) -> None:
    item = world.add("iam", "Role", ROLE)
    world.now(item)["metadata"]["annotations"] = {"services.k8s.aws/read-only": "true"}
    world.reconcile(item)
    # Nothing is said of it, as by ACK.
    assert "status" not in world.now(item)
    world.call("iam", "create_role", RoleName="r", AssumeRolePolicyDocument=TRUST, Description="theirs")
    world.reconcile(item)
    assert world.conditions(item)["ACK.ResourceSynced"] == "True"
    assert world.call("iam", "get_role", RoleName="r")["Role"]["Description"] == "theirs"


def test_adopt_fills_the_spec(world: World) -> None:
    world.call("iam", "create_role", RoleName="r", AssumeRolePolicyDocument=TRUST, Description="theirs")
    item = world.add("iam", "Role", {"name": "", "assumeRolePolicyDocument": ""})
    world.now(item)["metadata"]["annotations"] = {
        "services.k8s.aws/adoption-policy": "adopt",
        "services.k8s.aws/adoption-fields": json.dumps({"name": "r"}),
    }
    world.reconcile(item)
    assert world.now(item)["spec"]["description"] == "theirs"
    assert world.conditions(item)["ACK.ResourceSynced"] == "True"


def test_a_certificate_is_issued_once_its_record_stands(world: World) -> None:
    zone = world.call("route53", "create_hosted_zone", Name="example.com.", CallerReference="z")[
        "HostedZone"
    ]["Id"]
    item = world.add(
        "acm", "Certificate", {"domainName": "example.com", "subjectAlternativeNames": ["*.example.com"]}
    )
    assert world.reconcile(item).after is not None
    status = world.now(item)["status"]
    assert status["status"] == "PENDING_VALIDATION"
    record = status["domainValidations"][0]["resourceRecord"]
    assert {one["resourceRecord"]["name"] for one in status["domainValidations"]} == {record["name"]}
    change = {
        "Action": "CREATE",
        "ResourceRecordSet": {
            "Name": record["name"],
            "Type": "CNAME",
            "TTL": 300,
            "ResourceRecords": [{"Value": record["value"]}],
        },
    }
    world.call("route53", "change_resource_record_sets", HostedZoneId=zone, ChangeBatch={"Changes": [change]})
    world.reconcile(item)
    assert world.now(item)["status"]["status"] == "ISSUED"


def test_a_region_of_its_own(world: World) -> None:
    item = world.add("acm", "Certificate", {"domainName": "example.com"})
    world.now(item)["metadata"]["annotations"] = {"services.k8s.aws/region": "us-east-1"}
    world.reconcile(item)
    assert ":us-east-1:" in world.now(item)["status"]["ackResourceMetadata"]["arn"]


def test_conditions_keep_their_time_until_they_change() -> None:
    old = [{**one, "lastTransitionTime": "2020-01-01T00:00:00Z"} for one in conditions.synced()]
    assert conditions.keep_times(conditions.synced(), old) == old
    new = conditions.keep_times(conditions.not_synced(), old)
    assert all(one["lastTransitionTime"] != "2020-01-01T00:00:00Z" for one in new)


def test_one_key_is_looked_at_by_one_at_a_time() -> None:
    queue: WorkQueue[str] = WorkQueue()
    queue.add("a")
    assert queue.take() == "a"
    queue.add("a")
    taken: list[str | None] = []
    waiting = threading.Thread(target=lambda: taken.append(queue.take()))
    waiting.start()
    waiting.join(0.1)
    assert taken == []
    queue.done("a")
    waiting.join(2)
    assert taken == ["a"]
    queue.close()
    assert queue.take() is None
