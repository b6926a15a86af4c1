"""The database servers behind RDS's instances, as programs of an environment meet them."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pymysql
import pytest
from botocore.exceptions import ClientError

from kfaws.harness.polling import Done, Pending, eventually
from kfaws.harness.standins.claims.aws import Aws
from tests.harness.standins.aws.databases import PASSWORD, SOON, SQUARE, Service, gone, started
from tests.harness.standins.claims.world import World

OTHER = "it's another"
OFFERED = {
    "character_set_server": "utf8mb4",
    "require_secure_transport": "1",
    "authentication_policy": "*:mysql_native_password",
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One with an instance `square` of the parameters that the template asks for."""
    service = started(tmp_path_factory.mktemp("databases"))
    try:
        service.process.wait_ready()
        group = {"DBParameterGroupName": "offered"}
        service.rds.create_db_parameter_group(**group, DBParameterGroupFamily="mysql8.4", Description="-")
        values = [
            {"ParameterName": name, "ParameterValue": value, "ApplyMethod": "pending-reboot"}
            for name, value in OFFERED.items()
        ]
        service.rds.modify_db_parameter_group(**group, Parameters=values)
        service.make("square", **group, MultiAZ=True, DBName="first")
        yield service
    finally:
        service.process.stop()


@pytest.fixture
def square(service: Service) -> str:
    """The instance, available and with its first password."""
    service.until("square")
    return "square"


def test_an_instance_is_available_once_its_server_answers(service: Service) -> None:
    first = service.make("circle")
    assert first["DBInstanceStatus"] == "creating"
    assert "Endpoint" not in first
    service.until("circle")
    endpoint, listed = service.described("circle")["Endpoint"], service.listed("circle")
    assert endpoint["Port"] == 3306
    assert listed["endpoint"] == {"address": endpoint["Address"], "port": 3306}
    assert (listed["state"], listed["host"], listed["restarts"]) == ("ready", "127.0.0.1", 0)
    assert Path(listed["authority"]).read_text().startswith("-----BEGIN CERTIFICATE-----")
    with service.log_in("circle", PASSWORD, tls=False):
        """No parameter asks for TLS here."""
    pid = service.pid("circle")
    service.rds.delete_db_instance(DBInstanceIdentifier="circle", SkipFinalSnapshot=True)
    eventually("its server ends", gone(pid), SOON)


def test_the_server_is_known_by_the_endpoint_and_by_nothing_else(service: Service, square: str) -> None:
    assert service.asked(square, "SHOW STATUS LIKE 'Ssl_version'")[0][1].startswith("TLS")
    with (
        pytest.raises(pymysql.Error, match="CERTIFICATE_VERIFY_FAILED"),
        service.log_in(square, PASSWORD, host="another.example.com"),
    ):
        pass


@pytest.mark.parametrize(
    ("user", "password"), [("admin", "wrong"), ("", ""), ("root", ""), ("rdsadmin", PASSWORD)]
)
def test_who_has_no_account_is_refused(service: Service, square: str, user: str, password: str) -> None:
    with pytest.raises(pymysql.Error, match="Access denied"), service.log_in(square, password, user):
        pass


def test_parameters_are_passed_on_or_listed(service: Service, square: str) -> None:
    with (
        pytest.raises(pymysql.Error, match="Access denied"),
        service.log_in(square, PASSWORD, tls=False),
    ):
        pass
    assert service.asked(square, "SELECT @@character_set_server") == [("utf8mb4",)]
    parameters = service.listed(square)["parameters"]
    assert list(parameters["left"]) == ["authentication_policy"]
    assert set(parameters["passed"]) == {"character_set_server", "require_secure_transport"}


def test_the_master_user_makes_schemas_and_users_and_is_no_super_user(service: Service, square: str) -> None:
    with service.log_in(square, PASSWORD) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE second")
        cursor.execute("CREATE USER one@'%' IDENTIFIED BY 'one' REQUIRE SSL")
        cursor.execute("GRANT ALL PRIVILEGES ON second.* TO one@'%'")
        with pytest.raises(pymysql.Error, match="SUPER"):
            cursor.execute("SET GLOBAL max_connections = 10")
    with service.log_in(square, "one", "one") as connection, connection.cursor() as cursor:
        cursor.execute("SHOW DATABASES")
        assert cursor.fetchall() == (("information_schema",), ("second",))


def test_a_new_password_takes_the_old_ones_place(service: Service, square: str) -> None:
    service.rds.modify_db_instance(DBInstanceIdentifier=square, MasterUserPassword=OTHER)
    service.until(square)
    assert service.asked(square, "SELECT 1", OTHER) == [(1,)]
    with pytest.raises(pymysql.Error, match="Access denied"):
        service.asked(square, "SELECT 1", PASSWORD)
    service.rds.modify_db_instance(DBInstanceIdentifier=square, MasterUserPassword=PASSWORD)
    service.until(square)
    assert service.asked(square, "SELECT 1") == [(1,)]


@pytest.mark.parametrize("failover", [False, True])
def test_a_reboot_breaks_connections_and_keeps_data(service: Service, square: str, failover: bool) -> None:
    before = service.listed(square)
    with service.log_in(square, PASSWORD) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS first.kept (value INT)")
        cursor.execute("INSERT INTO first.kept VALUES (%s)", (int(failover),))
        service.rds.reboot_db_instance(DBInstanceIdentifier=square, ForceFailover=failover)
        assert service.described(square)["DBInstanceStatus"] in ("rebooting", "available")
        eventually("the connection breaks", lambda: _broken(cursor), SOON)
    service.until(square)
    assert (int(failover),) in service.asked(square, "SELECT value FROM first.kept")
    after = service.listed(square)
    assert after["restarts"] == before["restarts"] + 1
    assert after["endpoint"] == before["endpoint"]


def _broken(cursor: pymysql.cursors.Cursor) -> Done[None] | Pending:
    try:
        cursor.execute("SELECT 1")
    except pymysql.Error:
        return Done(None)
    return Pending("it answers")


def test_only_two_zones_can_fail_over(service: Service) -> None:
    service.make("single")
    service.until("single")
    with pytest.raises(ClientError, match="not configured for Multi-AZ"):
        service.rds.reboot_db_instance(DBInstanceIdentifier="single", ForceFailover=True)
    service.rds.delete_db_instance(DBInstanceIdentifier="single", SkipFinalSnapshot=True)


def test_a_server_that_falls_stands_up_again(service: Service, square: str) -> None:
    before = service.listed(square)["restarts"]
    service.asked(square, "CREATE TABLE IF NOT EXISTS first.fallen (value INT)")
    service.asked(square, "INSERT INTO first.fallen VALUES (7)")
    os.kill(service.pid(square), signal.SIGKILL)

    def again() -> Done[None] | Pending:
        seen = service.listed(square)
        risen = seen["restarts"] > before and seen["state"] == "ready"
        return Done(None) if risen else Pending(str(seen))

    eventually("it is started again", again, SOON)
    service.until(square)
    assert service.asked(square, "SELECT value FROM first.fallen") == [(7,)]


def test_a_stopped_instance_has_no_server(service: Service, square: str) -> None:
    pid = service.pid(square)
    service.rds.stop_db_instance(DBInstanceIdentifier=square)
    service.until(square, "stopped")
    eventually("its server ends", gone(pid), SOON)
    assert service.listed(square)["state"] == "stopped"
    with pytest.raises(ClientError, match="InvalidDBInstanceState"):
        service.rds.modify_db_instance(DBInstanceIdentifier=square, AllocatedStorage=30)
    service.rds.start_db_instance(DBInstanceIdentifier=square)
    service.until(square)
    assert service.asked(square, "SELECT 1") == [(1,)]


def test_a_snapshot_has_the_data_of_its_moment(service: Service, square: str) -> None:
    service.asked(square, "CREATE TABLE first.moment (value INT)")
    service.asked(square, "INSERT INTO first.moment VALUES (1)")
    service.rds.create_db_snapshot(DBInstanceIdentifier=square, DBSnapshotIdentifier="moment")
    service.rds.get_waiter("db_snapshot_available").wait(
        DBSnapshotIdentifier="moment", WaiterConfig={"Delay": 1, "MaxAttempts": int(SOON)}
    )
    service.asked(square, "INSERT INTO first.moment VALUES (2)")
    service.rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="copy", DBSnapshotIdentifier="moment", DBParameterGroupName="offered"
    )
    service.until("copy")
    assert service.asked("copy", "SELECT value FROM first.moment") == [(1,)]
    assert service.asked(square, "SELECT count(*) FROM first.moment") == [(2,)]
    service.rds.delete_db_instance(DBInstanceIdentifier="copy", SkipFinalSnapshot=True)


def test_a_parameter_that_stops_the_server_is_told(service: Service) -> None:
    group = {"DBParameterGroupName": "broken"}
    service.rds.create_db_parameter_group(**group, DBParameterGroupFamily="mysql8.4", Description="-")
    value = {"ParameterName": "character_set_server", "ParameterValue": "klingon"}
    service.rds.modify_db_parameter_group(**group, Parameters=[{**value, "ApplyMethod": "pending-reboot"}])
    service.make("odd", **group)
    service.until("odd", "incompatible-parameters")

    def told() -> Done[None] | Pending:
        # Between two attempts; at times it is starting.
        state = service.listed("odd")["state"]
        return Done(None) if "klingon" in state else Pending(state)

    eventually("the parameter is named", told, SOON)
    service.rds.delete_db_instance(DBInstanceIdentifier="odd", SkipFinalSnapshot=True)


def test_a_claim_is_synced_with_its_instance(service: Service) -> None:
    world = World(Aws(service.url, "us-west-2", "123456789012"))
    world.secret("password", password="Zmlyc3Qtc2VjcmV0")
    spec = {
        "dbInstanceIdentifier": "claimed",
        "engine": "mysql",
        "engineVersion": "8.4",
        "dbInstanceClass": "db.m6g.large",
        "allocatedStorage": 50,
        "masterUsername": "admin",
        "masterUserPassword": {"name": "password", "key": "password", "namespace": "kubeflow-claims"},
        "port": 3306,
    }
    item = world.add("rds", "DBInstance", spec)

    def look() -> Done[None] | Pending:
        world.reconcile(item)
        written = world.conditions(item)
        return Done(None) if written["ACK.ResourceSynced"] == "True" else Pending(str(written))

    eventually("the claim is synced", look, SOON)
    assert (
        world.now(item)["status"]["endpoint"]["address"] == service.listed("claimed")["endpoint"]["address"]
    )
    assert service.asked("claimed", "SELECT 1") == [(1,)]
    service.rds.delete_db_instance(DBInstanceIdentifier="claimed", SkipFinalSnapshot=True)


def test_other_engines_have_no_server(service: Service) -> None:
    other = {**SQUARE, "Engine": "postgres", "EngineVersion": "17.2"}
    service.rds.create_db_instance(**other, DBInstanceIdentifier="other")
    assert service.described("other")["DBInstanceStatus"] == "available"
    assert service.listed("other")["state"].startswith("no database: only instances of mysql and mariadb")


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_no_server_outlives_the_stand_in(end: signal.Signals, tmp_path: Path) -> None:
    service = started(tmp_path)
    try:
        service.process.wait_ready()
        service.make("left")
        service.until("left")
        pid = service.pid("left")
        # Its group stays as it is: nobody but the stand-in itself ends the server.
        os.kill(service.process.pid, end)
        eventually("its server ends", gone(pid), SOON)
    finally:
        service.process.stop()


def test_without_a_server_instances_are_available_and_say_so(
    endpoint: str, client: Callable[[str], Any]
) -> None:
    rds = client("rds")
    rds.create_db_instance(**SQUARE, DBInstanceIdentifier="bare")
    (found,) = rds.describe_db_instances(DBInstanceIdentifier="bare")["DBInstances"]
    assert found["DBInstanceStatus"] == "available"
    (listed,) = httpx.get(f"{endpoint}/kfaws/databases").json()
    assert listed["endpoint"]["address"] == found["Endpoint"]["Address"]
    assert "apt-get install mariadb-server-core" in listed["state"]
    rds.delete_db_instance(DBInstanceIdentifier="bare", SkipFinalSnapshot=True)
