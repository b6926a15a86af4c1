"""One object: whether it is as it should be, what it says, and since when."""

from __future__ import annotations

import pytest

from kfaws.generator.model import Object
from kfaws.harness.standins.claims.ack import conditions as ack
from kfaws.harness.waiting.judging import Waiting, judge
from kfaws.harness.waiting.looking import OF_ACK, OF_CROSSPLANE, OF_KRO, READY
from tests.harness.waiting.objects import NOW, ago, condition, item, of_ack

INSTANCE, CERTIFICATE = "DBInstance.rds", "Certificate.acm"


def judged(found: Waiting | None) -> Waiting:
    assert found is not None
    return found


def test_an_object_as_it_should_be_is_not_mentioned() -> None:
    claim = of_ack(INSTANCE, *ack.synced(), status={"dbInstanceStatus": "available"})
    assert judge(claim, OF_ACK, NOW) is None
    managed = item(
        "fsx.aws.m.upbound.io/v1beta1",
        "LustreFileSystem",
        status={"conditions": [condition("Synced", "True"), condition("Ready", "True")]},
    )
    assert judge(managed, OF_CROSSPLANE, NOW) is None
    secret = item(
        "external-secrets.io/v1", "ExternalSecret", status={"conditions": [condition("Ready", "True")]}
    )
    assert judge(secret, READY, NOW) is None


def test_a_claim_of_an_older_controller_without_ready_is_done_when_it_is_synced() -> None:
    assert judge(of_ack(INSTANCE, condition(ack.SYNCED, "True")), OF_ACK, NOW) is None


@pytest.mark.parametrize(("made", "late"), [(6, False), (21, True)])
def test_a_database_that_is_created_waits_since_it_was_asked_for(made: float, late: bool) -> None:
    # ACK sets the time of its conditions at every look.
    said = condition(ack.SYNCED, "False", changed=0.5, message=ack.NOT_SYNCED_WORDS)
    claim = of_ack(INSTANCE, said, made=made, status={"dbInstanceStatus": "creating"})
    found = judged(judge(claim, OF_ACK, NOW))
    assert (found.kind, found.group) == ("DBInstance", "rds.services.k8s.aws")
    assert (found.namespace, found.name) == ("claims", "one")
    assert (found.state, found.says) == ("creating", ack.NOT_SYNCED_WORDS)
    assert (found.since, found.seconds) == (ago(made), made * 60)
    assert "20" in found.normally
    assert (found.late, found.final) == (late, False)


def test_a_database_that_is_changed_after_weeks_is_not_late() -> None:
    said = condition(ack.SYNCED, "False", changed=2)
    status = {"dbInstanceStatus": "modifying", "ackResourceMetadata": {"arn": "arn:aws:rds:::db:one"}}
    found = judged(judge(of_ack(INSTANCE, said, made=50_000, status=status), OF_ACK, NOW))
    assert (found.state, found.seconds, found.normally, found.late) == ("modifying", 120, "", False)


def test_a_claim_that_nobody_looked_at_says_so() -> None:
    found = judged(judge(of_ack("Bucket.s3", made=3), OF_ACK, NOW))
    assert (found.state, found.says, found.seconds) == ("not looked at by its controller", "", 180)


def test_a_terminal_claim_is_not_waited_for() -> None:
    reason = "InvalidParameterValue: Invalid master password"
    claim = of_ack(
        INSTANCE,
        condition(ack.TERMINAL, "True", message=reason),
        condition(ack.SYNCED, "False", message=ack.NOT_SYNCED_WORDS),
    )
    found = judged(judge(claim, OF_ACK, NOW))
    assert found.final
    assert found.says.startswith(reason)


def test_a_recoverable_claim_says_what_aws_said() -> None:
    claim = of_ack("Role.iam", *ack.recoverable("AccessDenied: not authorized to perform iam:CreateRole"))
    found = judged(judge(claim, OF_ACK, NOW))
    assert not found.final
    assert found.says.startswith("AccessDenied: not authorized")


def test_an_unresolved_reference_names_what_it_waits_for() -> None:
    missing = "the referenced resource is not synced yet. resource:Role"
    found = judged(judge(of_ack("PodIdentityAssociation.eks", *ack.unresolved(missing, False)), OF_ACK, NOW))
    assert missing in found.says


@pytest.mark.parametrize(
    ("status", "late", "final"), [("PENDING_VALIDATION", True, False), ("VALIDATION_TIMED_OUT", False, True)]
)
def test_a_certificate_is_waited_for_although_ack_calls_it_synced(
    status: str, late: bool, final: bool
) -> None:
    claim = of_ack(CERTIFICATE, *ack.synced(), made=40, status={"status": status})
    found = judged(judge(claim, OF_ACK, NOW))
    assert (found.state, found.late, found.final) == (status, late, final)
    claim["status"]["status"] = "ISSUED"
    assert judge(claim, OF_ACK, NOW) is None


def test_a_managed_resource_waits_since_its_condition_changed() -> None:
    managed = item(
        "fsx.aws.m.upbound.io/v1beta1",
        "LustreFileSystem",
        made=60,
        status={
            "conditions": [condition("Synced", "True"), condition("Ready", "False", 12, reason="Creating")]
        },
    )
    found = judged(judge(managed, OF_CROSSPLANE, NOW))
    assert (found.state, found.seconds, found.late) == ("Creating", 720, True)


@pytest.mark.parametrize(
    ("certificate", "normally", "late"), [("arn", "up to an hour", False), (None, "up to a minute", True)]
)
def test_a_log_in_domain_of_its_own_takes_longer_than_a_prefix(
    certificate: str | None, normally: str, late: bool
) -> None:
    managed = item(
        "cognitoidp.aws.m.upbound.io/v1beta1",
        "UserPoolDomain",
        spec={"forProvider": {"certificateArn": certificate}},
        status={
            "conditions": [condition("Synced", "True"), condition("Ready", "False", 20, reason="Creating")]
        },
    )
    found = judged(judge(managed, OF_CROSSPLANE, NOW))
    assert normally in found.normally
    assert found.late is late


def test_an_instance_of_kro_is_active_or_says_what_it_waits_for() -> None:
    def database(state: str, ready: str) -> Object:
        said = condition("ResourcesReady", ready, 4, "awaiting resource readiness: mysql", "NotReady")
        conditions = [condition("GraphResolved", "True"), said, condition("Ready", ready, 4)]
        return item(
            "claims.example.com/v1alpha1", "Database", status={"state": state, "conditions": conditions}
        )

    assert judge(database("ACTIVE", "True"), OF_KRO, NOW) is None
    found = judged(judge(database("IN_PROGRESS", "Unknown"), OF_KRO, NOW))
    assert (found.state, found.says) == ("IN_PROGRESS", "awaiting resource readiness: mysql")
    assert found.seconds == 240


def test_what_is_being_deleted_waits_for_its_end() -> None:
    claim = of_ack(INSTANCE, *ack.synced(), metadata={"deletionTimestamp": ago(5)}, made=90)
    found = judged(judge(claim, OF_ACK, NOW))
    assert (found.state, found.seconds, found.normally, found.blocked) == ("being deleted", 300, "", "")
