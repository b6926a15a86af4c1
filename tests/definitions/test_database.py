"""The database's password is made once, and only the cluster reaches the database."""

from __future__ import annotations

import re

from tests.definitions.generated import Environment

WORKLOAD_PORTS = {"Database": [(3306, 3306)], "SharedFileSystem": [(2049, 2049)]}


def test_the_password_is_made_once_and_rds_takes_it(walkthrough_environment: Environment) -> None:
    generator = walkthrough_environment.template("DatabasePassword", "generator")["spec"]
    writer = walkthrough_environment.template("DatabasePassword", "writer")["spec"]
    assert generator["symbols"] == 0
    assert generator["length"] <= 41
    assert writer["updatePolicy"] == "IfNotExists"
    # IfNotExists asks for the secret as a whole: with one entry and no property that is the password.
    [entry] = writer["data"]
    assert "property" not in entry["match"]["remoteRef"]
    assert entry["metadata"]["spec"]["secretPushFormat"] == "string"


def test_the_database_waits_for_the_password_in_secrets_manager(walkthrough_environment: Environment) -> None:
    reader = walkthrough_environment.template("DatabasePassword", "reader")["spec"]
    writer = walkthrough_environment.template("DatabasePassword", "writer")["spec"]
    instance = walkthrough_environment.template("Database", "mysql")["spec"]
    assert reader["data"][0]["remoteRef"]["key"] == writer["data"][0]["match"]["remoteRef"]["remoteKey"]
    assert "writer" in reader["target"]["name"]
    assert instance["masterUserPassword"]["name"] == "${password.status.secretName}"


def test_the_secret_of_the_walkthrough_has_all_that_a_client_needs(
    walkthrough_environment: Environment,
) -> None:
    [claim] = [o for o in walkthrough_environment.read("claims") if o["kind"] == "Database"]
    writer = walkthrough_environment.template("DatabaseConnection", "writer")["spec"]
    assert claim["spec"]["secretName"] == "rds-secret"
    assert set(writer["template"]["data"]) == {"username", "password", "host", "port"}
    assert writer["updatePolicy"] == "Replace"
    [entry] = writer["data"]
    assert "secretKey" not in entry["match"]
    assert "property" not in entry["match"]["remoteRef"]


def test_the_database_is_private_encrypted_and_protected(walkthrough_environment: Environment) -> None:
    instance = walkthrough_environment.template("Database", "mysql")
    assert instance["spec"]["publiclyAccessible"] is False
    assert instance["spec"]["storageEncrypted"] is True
    assert instance["spec"]["deletionProtection"] == "${schema.spec.deletionProtection}"
    assert instance["metadata"]["annotations"]["rds.services.k8s.aws/skip-final-snapshot"] == "false"


def test_native_passwords_and_tls_come_from_the_parameter_group(walkthrough_environment: Environment) -> None:
    overrides = walkthrough_environment.template("Database", "parameters")["spec"]["parameterOverrides"]
    assert '"authentication_policy": "*:mysql_native_password"' in overrides
    assert '"default_authentication_plugin": "mysql_native_password"' in overrides
    assert '"require_secure_transport": "1"' in overrides


def test_only_nodes_reach_database_and_file_systems(walkthrough_environment: Environment) -> None:
    nodes = "${network.data.clusterSecurityGroupId}"
    for claim in ("Database", "SharedFileSystem", "LustreFileSystem"):
        firewall = walkthrough_environment.template(claim, "firewall")["spec"]
        for rule in firewall["ingressRules"]:
            assert "ipRanges" not in rule, claim
            assert {pair.get("groupID", "itself") for pair in rule["userIDGroupPairs"]} <= {
                nodes,
                "itself",
            }, claim
        ports = [(rule["fromPort"], rule["toPort"]) for rule in firewall["ingressRules"]]
        assert ports == WORKLOAD_PORTS.get(claim, [(988, 988), (1018, 1023)])


def test_an_existing_database_is_told_like_a_new_one(environments: dict[str, Environment]) -> None:
    claimed = environments["walkthrough"].template("DatabaseConnection", "endpoint")
    [given] = [
        o
        for o in environments["given"].built("platform/environment")
        if o["metadata"].get("namespace") == "kubeflow"
    ]
    assert claimed["metadata"] == given["metadata"]
    assert set(claimed["data"]) == set(given["data"])
    assert re.fullmatch(r"\d+", given["data"]["port"])
