"""kro may manage the kinds that the definitions are made of, and no others."""

from __future__ import annotations

from kfaws.generator.model import Object
from tests.definitions.generated import Environment

MANAGE = {"get", "list", "watch", "create", "update", "patch", "delete"}
# kro's chart has a rule for these.
KROS_OWN = {("", "configmaps")}
OF_CLAIMS = ("claims.kubeflow-aws.dev", "*")


def plural(kind: str) -> str:
    """The resource name of a kind, as its CRD has it."""
    name = kind.lower()
    if name.endswith("cy"):
        return name[:-1] + "ies"
    return name + ("es" if name.endswith("s") else "s")


def resource(template: Object) -> tuple[str, str]:
    """API group and resource name."""
    group, _, _version = template["apiVersion"].rpartition("/")
    return (group, plural(template["kind"])) if group != OF_CLAIMS[0] else OF_CLAIMS


def rules(environment: Environment, verb: str) -> set[tuple[str, str]]:
    """Group and resource of all rules with a verb, in kro's role."""
    [role] = [
        o
        for o in environment.built("platform/definitions")
        if o["kind"] == "ClusterRole" and o["metadata"]["name"] == "kro-claims"
    ]
    assert role["metadata"]["labels"] == {"rbac.kro.run/aggregate-to-controller": "true"}
    return {
        (group, name)
        for rule in role["rules"]
        if verb in rule["verbs"] and "resourceNames" not in rule
        for group in rule["apiGroups"]
        for name in rule["resources"]
    }


def test_every_template_can_be_managed(environment: Environment) -> None:
    needed = {resource(template) for _, template in environment.templates()} - KROS_OWN
    for verb in MANAGE:
        assert needed <= rules(environment, verb)


def test_nothing_else_can_be_changed(environments: dict[str, Environment]) -> None:
    needed = {resource(template) for e in environments.values() for _, template in e.templates()}
    assert rules(environments["walkthrough"], "create") - needed == set()


def test_secrets_are_read_only_where_a_provider_has_one(environments: dict[str, Environment]) -> None:
    for name, environment in environments.items():
        roles = [o for o in environment.built("platform/definitions") if o["kind"] in ("Role", "ClusterRole")]
        readers = [r for r in roles if any("secrets" in rule["resources"] for rule in r["rules"])]
        if name != "everything":
            assert readers == []
            continue
        [reader] = readers
        assert reader["metadata"]["namespace"] == "kubeflow-claims"
        assert reader["rules"] == [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]


def test_kro_gives_teams_two_roles_only(walkthrough_environment: Environment) -> None:
    [role] = [o for o in walkthrough_environment.built("platform/definitions") if o["kind"] == "ClusterRole"]
    [bind] = [rule for rule in role["rules"] if "bind" in rule["verbs"]]
    assert bind["resourceNames"] == ["kubeflow-edit", "kubeflow-view"]
