"""Every hostile request is refused with its reason in the log, and none of them reaches the workload."""

from __future__ import annotations

import pytest

from tests.gateway.envoy import Envoy
from tests.gateway.hostile import Case, Keys
from tests.gateway.hostile_claims import claims_cases
from tests.gateway.hostile_requests import request_cases
from tests.gateway.hostile_tokens import header_cases
from tests.gateway.servers import Backend
from tests.gateway.tokens import SigningKey

CASES = header_cases() + claims_cases() + request_cases()


@pytest.fixture(scope="session")
def keys(signing_key: SigningKey, foreign_key: SigningKey) -> Keys:
    """What forgers have to work with."""
    return Keys(signing_key, foreign_key, SigningKey())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.group}: {case.name}")
def test_hostile_request_is_refused(case: Case, envoy: Envoy, backend: Backend, keys: Keys) -> None:
    before = len(envoy.log_text())
    answer = envoy.send(case.request(keys))
    log = envoy.log_text()[before:]
    assert answer.status == case.status, log
    assert backend.hits == []
    if case.reason is not None:
        assert "gateway refused a request: " in log
        assert case.reason in log.split("gateway refused a request: ", 1)[1]
        assert "error in the filter" not in log


def test_the_cases_are_many_and_of_many_classes() -> None:
    assert len(CASES) >= 100
    assert len({case.group for case in CASES}) >= 20
    assert len({(case.group, case.name) for case in CASES}) == len(CASES)
