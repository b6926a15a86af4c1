"""Whatever becomes of the filter, nobody gets in: an error is a 401, a filter that is missing a 403."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from kfaws.generator.model import Object
from tests.gateway.client import Request
from tests.gateway.conftest import USER_POOL, StartEnvoy
from tests.gateway.generated import Gateway, made_by_kro
from tests.gateway.hostile import carrying
from tests.gateway.servers import Backend
from tests.gateway.tokens import SigningKey

SPOOFED = Request(headers=(("kubeflow-userid", b"admin@example.com"),))


def program(objects: list[Object]) -> Object:
    """Where the filter's program stands in the EnvoyFilter."""
    [found] = [o for o in objects if o["metadata"]["name"] == "verify-identity"]
    source: Object = found["spec"]["configPatches"][0]["patch"]["value"]["typed_config"][
        "default_source_code"
    ]
    return source


def replaced(objects: list[Object], old: str, new: str) -> list[Object]:
    """The objects with one place of the filter's program changed."""
    changed = copy.deepcopy(objects)
    source = program(changed)
    assert source["inline_string"].count(old) == 1
    source["inline_string"] = source["inline_string"].replace(old, new)
    return changed


def without(objects: list[Object], name: str) -> list[Object]:
    """The objects without the one of this name."""
    return [o for o in objects if o["metadata"]["name"] != name]


def refused(
    start_envoy: StartEnvoy, objects: list[Object], backend: Backend, key: SigningKey, status: int
) -> str:
    """The log of an Envoy that refuses a spoofed header, a good token, and both together."""
    with start_envoy(objects) as envoy:
        for request in (SPOOFED, carrying(key.token()), carrying(key.token(), *SPOOFED.headers)):
            assert envoy.send(request).status == status
        assert backend.hits == []
        return envoy.log_text()


def test_without_the_filter_the_policy_refuses(
    start_envoy: StartEnvoy, objects: list[Object], backend: Backend, signing_key: SigningKey
) -> None:
    refused(start_envoy, without(objects, "verify-identity"), backend, signing_key, 403)


def test_upstreams_policy_for_the_gateway_would_open_it(
    start_envoy: StartEnvoy, objects: list[Object], backend: Backend
) -> None:
    """So the tests of this file can fail, and so Istio's overlay drops that policy."""
    bare = without(without(objects, "verify-identity"), "machine-identity")
    upstream: Object = {
        "kind": "AuthorizationPolicy",
        "metadata": {"name": "istio-ingressgateway"},
        "spec": {"action": "ALLOW", "rules": [{}]},
    }
    with start_envoy([*bare, upstream]) as envoy:
        assert envoy.send(SPOOFED).status == 200
    assert len(backend.hits) == 1


def test_an_error_in_the_filter_is_a_401(
    start_envoy: StartEnvoy, objects: list[Object], backend: Backend, signing_key: SigningKey
) -> None:
    broken = replaced(objects, "local now = os.time()", "local now = nil + 1")
    with start_envoy(broken) as envoy:
        assert envoy.send(carrying(signing_key.token())).status == 401
        assert "error in the filter" in envoy.log_text()
    assert backend.hits == []


def test_an_error_that_leaves_the_filter_is_a_403(
    start_envoy: StartEnvoy, objects: list[Object], backend: Backend, signing_key: SigningKey
) -> None:
    unprotected = replaced(objects, "pcall(admit, handle)", "true, admit(handle)")
    broken = replaced(unprotected, "  local headers = handle:headers()\n", "  local headers = nil + 1\n")
    assert "attempt to perform arithmetic" in refused(start_envoy, broken, backend, signing_key, 403)


def test_an_error_after_the_identity_was_set_still_lets_nobody_in(
    start_envoy: StartEnvoy, objects: list[Object], backend: Backend, signing_key: SigningKey
) -> None:
    mark = 'handle:streamInfo():dynamicMetadata():set(NAMESPACE, "verified", "true")'
    unprotected = replaced(objects, "pcall(admit, handle)", "true, admit(handle)")
    broken = replaced(unprotected, mark, f"error('late'); {mark}")
    with start_envoy(broken) as envoy:
        assert envoy.send(carrying(signing_key.token())).status == 403
    assert backend.hits == []


def test_a_key_cluster_that_istio_does_not_know_is_a_401(
    start_envoy: StartEnvoy, gateway: Gateway, backend: Backend, signing_key: SigningKey
) -> None:
    elsewhere = copy.deepcopy(gateway)
    elsewhere.claim["spec"]["keyHost"] = "keys.elsewhere.example.com"
    with start_envoy(gateway.static + made_by_kro(elsewhere, USER_POOL)) as envoy:
        assert envoy.send(carrying(signing_key.token())).status == 401
        assert "error in the filter" in envoy.log_text()
    assert backend.hits == []


def test_before_the_user_pool_exists_nobody_gets_in(
    start_envoy: StartEnvoy, gateway: Gateway, backend: Backend, signing_key: SigningKey
) -> None:
    log = refused(start_envoy, gateway.static, backend, signing_key, 401)
    assert log.count("the gateway does not know its user pool yet") == 3


@pytest.mark.parametrize("value", ["", 17, {"x": "y"}])
@pytest.mark.parametrize("setting", ["client", "issuer", "signer_prefix", "key_host"])
def test_a_setting_of_another_shape_admits_nobody(
    start_envoy: StartEnvoy,
    objects: list[Object],
    backend: Backend,
    signing_key: SigningKey,
    setting: str,
    value: Any,
) -> None:
    changed = copy.deepcopy(objects)
    [settings] = [o for o in changed if o["metadata"]["name"] == "gateway-settings"]
    metadata = settings["spec"]["configPatches"][0]["patch"]["value"]["metadata"]["filter_metadata"]
    metadata["envoy.filters.http.lua"][setting] = value
    assert "does not know its user pool" in refused(start_envoy, changed, backend, signing_key, 401)
