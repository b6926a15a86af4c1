"""What every derived CRD is, with no mirror to hold it against."""

from __future__ import annotations

import pytest

from kfaws.generator.errors import KfawsError
from kfaws.harness.crds import derived_crds
from kfaws.harness.crds.manifest import DERIVED
from tests.harness.crds.fields import schema_of, type_at

RDS = ("rds.services.k8s.aws", "DBInstance")


def test_a_derived_crd_says_that_it_is_one() -> None:
    [crd] = derived_crds([RDS])
    assert crd["metadata"]["annotations"][DERIVED] == "botocore's models"


def test_a_kind_asked_for_twice_comes_once() -> None:
    assert len(derived_crds([RDS, RDS])) == 1


def test_fields_follow_the_create_operation_and_its_output() -> None:
    [crd] = derived_crds([RDS])
    schema = schema_of(crd)
    assert type_at(schema, ("spec", "performanceInsightsEnabled")) == "boolean"
    assert type_at(schema, ("spec", "masterUserPassword", "key")) == "string"
    assert type_at(schema, ("spec", "vpcSecurityGroupRefs", "[]", "from", "name")) == "string"
    assert type_at(schema, ("status", "endpoint", "port")) == "integer"
    assert type_at(schema, ("status", "ackResourceMetadata", "arn")) == "string"
    assert type_at(schema, ("status", "dbInstanceIdentifier")) is None


def test_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(KfawsError, match=r"Cluster of eks.services.k8s.aws .* harness/crds"):
        derived_crds([("eks.services.k8s.aws", "Cluster")])
