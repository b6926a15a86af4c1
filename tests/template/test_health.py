"""The health checks that bootstrap gives to Argo CD, run in Lua as Argo CD runs them: with few libraries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from lupa.lua51 import LuaRuntime

SETTINGS = Path(__file__).parents[2] / "template" / "bootstrap" / "argocd" / "settings"
CUSTOMIZATIONS: dict[str, dict[str, str]] = yaml.safe_load(
    (SETTINGS / "resource-customizations.yaml").read_text()
)
# What Argo CD does not open to a script.
CLOSED = ("string", "math", "io", "os", "debug", "coroutine", "dofile", "loadfile", "python")

APPLICATION = "argoproj.io/Application"
CLAIM = "claims.kubeflow-aws.dev/*"
ACK = "*.services.k8s.aws/*"
PROVIDER = "pkg.crossplane.io/Provider"
CRD = "apiextensions.k8s.io/CustomResourceDefinition"
SECRET, PUSHED = "external-secrets.io/ExternalSecret", "external-secrets.io/PushSecret"
AUTOSCALER = "autoscaling/HorizontalPodAutoscaler"

Manifest = dict[str, Any]


def health(kind: str, manifest: Manifest) -> tuple[str, str]:
    """Status and message that the script of `kind` gives."""
    lua = LuaRuntime(unpack_returned_tuples=True)
    for name in CLOSED:
        lua.globals()[name] = None
    lua.globals()["obj"] = lua.table_from(manifest, recursive=True)
    result: Any = lua.execute(CUSTOMIZATIONS[kind]["health.lua"])
    return result["status"], result["message"]


def application(**status: Any) -> Manifest:
    return {"metadata": {"generation": 1}, "status": status}


def synced(state: str, **more: Any) -> Manifest:
    return application(
        sync={"status": "Synced"}, health={"status": state}, operationState={"phase": "Succeeded"}, **more
    )


@pytest.mark.parametrize(
    ("manifest", "status", "message"),
    [
        ({"metadata": {}}, "Progressing", "first comparison"),
        (
            application(sync={"status": "OutOfSync"}, health={"status": "Healthy"}),
            "Progressing",
            "first sync",
        ),
        (
            application(sync={"status": "OutOfSync"}, health={"status": "Missing"}),
            "Progressing",
            "first sync",
        ),
        (synced("Missing"), "Progressing", "missing"),
        (synced("Progressing"), "Progressing", ""),
        (synced("Healthy"), "Healthy", ""),
        (synced("Degraded"), "Progressing", "degraded"),
        (
            synced("Healthy", conditions=[{"type": "ComparisonError", "message": "no such branch"}]),
            "Progressing",
            "no such branch",
        ),
        (
            synced("Healthy", conditions=[{"type": "InvalidSpecError", "message": "not permitted"}]),
            "Degraded",
            "not permitted",
        ),
        (
            application(
                sync={"status": "OutOfSync"},
                health={"status": "Degraded"},
                operationState={"phase": "Running", "message": "Retrying attempt #2"},
            ),
            "Progressing",
            "Retrying attempt #2",
        ),
        (
            application(
                sync={"status": "OutOfSync"},
                health={"status": "Healthy"},
                operationState={"phase": "Failed", "message": "webhook refused"},
            ),
            "Degraded",
            "webhook refused",
        ),
    ],
)
def test_an_application_holds_back_the_next_wave_until_it_is_healthy(
    manifest: Manifest, status: str, message: str
) -> None:
    found = health(APPLICATION, manifest)
    assert found[0] == status
    assert message in found[1]


def claim(
    state: str | None, *conditions: tuple[str, str, str], generation: int = 3, seen: int = 3
) -> Manifest:
    status: Manifest = {
        "conditions": [
            {"type": kind, "status": value, "message": text, "observedGeneration": seen}
            for kind, value, text in conditions
        ]
    }
    if state is not None:
        status["state"] = state
    return {"metadata": {"generation": generation}, "status": status}


READY = ("Ready", "True", "")
WAITS = ("ResourcesReady", "False", "resource certificate is not ready")


@pytest.mark.parametrize(
    ("manifest", "status", "message"),
    [
        ({"metadata": {"generation": 1}}, "Progressing", "kro"),
        (claim(None), "Progressing", "kro"),
        (claim("ACTIVE", READY), "Healthy", ""),
        (claim("ACTIVE"), "Healthy", ""),
        (claim("ACTIVE", READY, seen=2), "Progressing", "kro"),
        (claim("IN_PROGRESS", WAITS), "Progressing", "certificate"),
        (claim("DELETING"), "Progressing", ""),
        (claim("ERROR", ("GraphResolved", "False", "no such field")), "Degraded", "no such field"),
        (claim("ERROR"), "Degraded", "kro"),
    ],
)
def test_a_claim_is_healthy_when_kro_says_so_of_its_newest_generation(
    manifest: Manifest, status: str, message: str
) -> None:
    found = health(CLAIM, manifest)
    assert found[0] == status
    assert message in found[1]


def resource(*conditions: tuple[str, str, str]) -> Manifest:
    return {
        "status": {
            "conditions": [
                {"type": kind, "status": value, "message": text} for kind, value, text in conditions
            ]
        }
    }


TERMINAL = ("ACK.Terminal", "True", "InvalidParameterValue")
NOT_READY = ("Ready", "False", "not ready")


@pytest.mark.parametrize(
    ("manifest", "status", "message"),
    [
        ({}, "Progressing", "AWS"),
        (resource(), "Progressing", "AWS"),
        (resource(("ACK.ResourceSynced", "True", "")), "Healthy", ""),
        (resource(("ACK.ResourceSynced", "True", ""), READY), "Healthy", ""),
        (resource(NOT_READY), "Progressing", "not ready"),
        (resource(NOT_READY, ("ACK.Recoverable", "True", "AccessDenied")), "Progressing", "AccessDenied"),
        (resource(NOT_READY, TERMINAL), "Degraded", "InvalidParameterValue"),
        (resource(TERMINAL, NOT_READY), "Degraded", "InvalidParameterValue"),
        (resource(("ACK.Terminal", "False", ""), READY), "Healthy", ""),
    ],
)
def test_an_ack_resource_is_judged_whatever_the_order_of_its_conditions(
    manifest: Manifest, status: str, message: str
) -> None:
    found = health(ACK, manifest)
    assert found[0] == status
    assert message in found[1]


@pytest.mark.parametrize(
    ("manifest", "status", "message"),
    [
        ({}, "Progressing", "Crossplane"),
        (resource(("Installed", "True", "")), "Progressing", ""),
        (resource(("Installed", "True", ""), ("Healthy", "Unknown", "starts")), "Progressing", "starts"),
        (resource(("Installed", "False", "cannot pull")), "Progressing", "cannot pull"),
        (resource(("Healthy", "True", ""), ("Installed", "True", "")), "Healthy", ""),
    ],
)
def test_a_provider_that_starts_is_no_failure(manifest: Manifest, status: str, message: str) -> None:
    found = health(PROVIDER, manifest)
    assert found[0] == status
    assert message in found[1]


def test_every_health_check_is_covered_here() -> None:
    scripts = {kind for kind, settings in CUSTOMIZATIONS.items() if "health.lua" in settings}
    assert scripts == {APPLICATION, CLAIM, ACK, PROVIDER, CRD, AUTOSCALER, SECRET, PUSHED}


def test_ignored_fields_are_named_by_expression_or_by_their_writer() -> None:
    ignored = [
        yaml.safe_load(s["ignoreDifferences"]) for s in CUSTOMIZATIONS.values() if "ignoreDifferences" in s
    ]
    assert ignored
    assert all(set(entry) <= {"jqPathExpressions", "managedFieldsManagers"} for entry in ignored)


@pytest.mark.parametrize(
    ("conditions", "status"),
    [
        (None, "Healthy"),
        ([], "Healthy"),
        ([{"type": "Established", "status": "True"}], "Healthy"),
        ([{"type": "NamesAccepted", "status": "False", "message": "taken"}], "Degraded"),
    ],
)
def test_a_crd_holds_no_wave_unless_its_names_are_refused(
    conditions: list[Manifest] | None, status: str
) -> None:
    manifest: Manifest = {"metadata": {}, "status": {"conditions": conditions} if conditions else {}}
    assert health(CRD, manifest)[0] == status


@pytest.mark.parametrize(
    ("conditions", "status"),
    [
        ([], "Healthy"),
        ([{"type": "AbleToScale", "status": "True"}], "Healthy"),
        ([{"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric"}], "Healthy"),
        ([{"type": "AbleToScale", "status": "False", "reason": "FailedGetScale"}], "Degraded"),
    ],
)
def test_an_autoscaler_without_figures_holds_no_wave(conditions: list[Manifest], status: str) -> None:
    manifest: Manifest = {"metadata": {}, "status": {"conditions": conditions}}
    assert health(AUTOSCALER, manifest)[0] == status


@pytest.mark.parametrize("kind", [SECRET, PUSHED])
@pytest.mark.parametrize(
    ("status", "health_of_it", "message"),
    [
        ({}, "Progressing", "waiting for External Secrets"),
        (
            {"conditions": [{"type": "Ready", "status": "False", "message": "secret not found"}]},
            "Progressing",
            "secret not found",
        ),
        ({"conditions": [{"type": "Ready", "status": "True", "message": "synced"}]}, "Healthy", "synced"),
    ],
)
def test_a_secret_that_is_not_there_yet_fails_no_sync(
    kind: str, status: dict[str, Any], health_of_it: str, message: str
) -> None:
    assert health(kind, {"status": status}) == (health_of_it, message)
