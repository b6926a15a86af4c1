"""Claims fit their definitions, whatever the answers."""

from __future__ import annotations

from typing import Any

from tests.definitions.generated import Environment


def fields(definition: dict[str, Any]) -> dict[str, str]:
    """Field names of a claim's spec with their types, without defaults."""
    return {name: str(rule).split("|")[0] for name, rule in definition["spec"]["schema"]["spec"].items()}


def test_the_answers_do_not_change_a_schema(environments: dict[str, Environment]) -> None:
    """kro refuses a definition that takes a field away, so that no answer may do so."""
    seen: dict[str, dict[str, str]] = {}
    for name, environment in environments.items():
        for kind, definition in environment.definitions.items():
            assert seen.setdefault(kind, fields(definition)) == fields(definition), (name, kind)


def test_a_claim_names_fields_that_there_are(environment: Environment) -> None:
    for claim in [*environment.read("claims"), *environment.read("profiles")]:
        schema = environment.definitions[claim["kind"]]["spec"]["schema"]["spec"]
        required = {name for name, rule in schema.items() if "required=true" in str(rule)}
        assert required <= set(claim["spec"]) <= set(schema), claim["kind"]


def test_every_claim_is_beside_the_others(environment: Environment) -> None:
    for claim in [*environment.read("claims"), *environment.read("profiles")]:
        assert claim["metadata"]["namespace"] == "kubeflow-claims"


def test_what_has_a_definition_and_what_is_claimed_agree(environment: Environment) -> None:
    claimed = {claim["kind"] for claim in environment.read("claims")}
    claimable = {
        "ArtifactStore",
        "Database",
        "LogStore",
        "LustreFileSystem",
        "PublicEndpoint",
        "SharedFileSystem",
        "UserPool",
    }
    assert claimed == claimable & set(environment.definitions)
    assert "TeamProfile" in environment.definitions


def test_definitions_inside_definitions_are_there(environment: Environment) -> None:
    for claim, template in environment.templates():
        if template["apiVersion"].startswith("claims.kubeflow-aws.dev/"):
            assert template["kind"] in environment.definitions, claim
