"""Overlays with a database on RDS: users of their own, the claim's host and port, TLS that is verified."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from tests.conftest import PROJECT
from tests.template.conftest import Environments
from tests.template.overlays import Overlays

USERS = "kubeflow/database-users"
PIPELINES, KATIB = "kubeflow/pipelines", "kubeflow/katib"
AUTHORITIES = sorted((PROJECT / "template" / USERS / "rds").glob("*.crt"))
SCHEMAS = {"pipelines": "mlpipeline", "metadata": "metadb", "cache": "cachedb", "katib": "katib"}
SECRETS = {"pipelines": "pipelines-db", "metadata": "mlmd-db", "cache": "cache-db", "katib": "katib-db"}


@pytest.fixture
def rds(overlays: Environments) -> Overlays:
    """The walkthrough's choice: metadata on RDS."""
    return overlays("cognito-rds-s3")


def test_every_program_has_host_and_port_from_whoever_provides_the_database(rds: Overlays) -> None:
    host, port = "configMap:database-endpoint/host", "configMap:database-endpoint/port"
    api = rds.env(PIPELINES, "ml-pipeline", "ml-pipeline-api-server")
    assert (api["DBCONFIG_MYSQLCONFIG_HOST"], api["DBCONFIG_MYSQLCONFIG_PORT"]) == (host, port)
    assert (api["DBCONFIG_HOST"], api["DBCONFIG_PORT"]) == (host, port)
    cache = rds.env(PIPELINES, "cache-server", "server")
    assert (cache["DBCONFIG_HOST_NAME"], cache["DBCONFIG_PORT"]) == (host, port)
    tls = rds.env(PIPELINES, "metadata-grpc-deployment", "verified-tls")
    assert (tls["DATABASE_HOST"], tls["DATABASE_PORT"]) == (host, port)
    katib = rds.env(KATIB, "katib-db-manager", "katib-db-manager")
    assert (katib["KATIB_MYSQL_DB_HOST"], katib["KATIB_MYSQL_DB_PORT"]) == (host, port)


def test_no_host_of_a_database_is_left_in_settings(rds: Overlays) -> None:
    data = rds.get(PIPELINES, "ConfigMap", "pipeline-install-config")["data"]
    assert not {"dbHost", "dbPort", "mysqlHost", "mysqlPort"} & set(data)
    assert (data["pipelineDb"], data["mlmdDb"], data["cacheDb"]) == ("mlpipeline", "metadb", "cachedb")


@pytest.mark.parametrize(
    ("overlay", "deployment", "container", "prefix", "secret"),
    [
        (PIPELINES, "ml-pipeline", "ml-pipeline-api-server", "DBCONFIG_MYSQLCONFIG", "pipelines-database"),
        (PIPELINES, "ml-pipeline", "ml-pipeline-api-server", "DBCONFIG", "pipelines-database"),
        (PIPELINES, "cache-server", "server", "DBCONFIG", "cache-database"),
        (PIPELINES, "metadata-grpc-deployment", "container", "DBCONFIG", "metadata-database"),
        (KATIB, "katib-db-manager", "katib-db-manager", "DB", "katib-database"),
    ],
)
def test_every_program_has_a_user_of_its_own(
    rds: Overlays, overlay: str, deployment: str, container: str, prefix: str, secret: str
) -> None:
    env = rds.env(overlay, deployment, container)
    assert env[f"{prefix}_USER"] == f"secret:{secret}/username"
    assert env[f"{prefix}_PASSWORD"] == f"secret:{secret}/password"


def trusts(overlays: Overlays, overlay: str, deployment: str, container: str) -> None:
    """A Go program believes the database's authority besides those of its image."""
    found = overlays.container(overlay, deployment, container)
    folders = overlays.env(overlay, deployment, container)["SSL_CERT_DIR"].split(":")
    mounts = {m["mountPath"]: m["name"] for m in found["volumeMounts"]}
    assert "/etc/ssl/certs" in folders
    [folder] = [folder for folder in folders if folder in mounts]
    pod = overlays.get(overlay, "Deployment", deployment)["spec"]["template"]["spec"]
    [volume] = [v for v in pod["volumes"] if v["name"] == mounts[folder]]
    assert volume["configMap"]["name"] == "database-ca"


def test_the_api_server_encrypts_and_verifies(rds: Overlays) -> None:
    env = rds.env(PIPELINES, "ml-pipeline", "ml-pipeline-api-server")
    assert json.loads(env["DBCONFIG_MYSQLCONFIG_EXTRAPARAMS"]) == {"tls": "true"}
    trusts(rds, PIPELINES, "ml-pipeline", "ml-pipeline-api-server")


def test_the_cache_server_encrypts_and_verifies(rds: Overlays) -> None:
    args = rds.container(PIPELINES, "cache-server", "server")["args"]
    [params] = [arg.split("=", 1)[1] for arg in args if arg.startswith("--db_extra_params=")]
    assert json.loads(params) == {"tls": "true"}
    trusts(rds, PIPELINES, "cache-server", "server")


def test_katib_encrypts_and_verifies(rds: Overlays) -> None:
    """Katib formats `USER:PASSWORD@tcp(HOST:PORT)/DATABASE?timeout=5s`; the driver cuts at the first `?`."""
    value = rds.env(KATIB, "katib-db-manager", "katib-db-manager")["KATIB_MYSQL_DB_DATABASE"]
    schema, _, parameters = f"{value}?timeout=5s".partition("?")
    assert schema == "katib"
    given = dict(parameter.split("=", 1) for parameter in parameters.split("&"))
    assert given["tls"] == "true"
    assert given["timeout"] == "5s"
    # The driver takes the first character set that the server knows, and never tries the second.
    assert given["charset"].split(",") == ["utf8mb4", "?timeout=5s"]
    assert set(given) == {"tls", "timeout", "charset"}
    trusts(rds, KATIB, "katib-db-manager", "katib-db-manager")


def test_ml_metadata_speaks_to_the_program_that_verifies(rds: Overlays) -> None:
    env = rds.env(PIPELINES, "metadata-grpc-deployment", "container")
    assert (env["MYSQL_HOST"], env["MYSQL_PORT"]) == ("127.0.0.1", "3306")
    tls = rds.container(PIPELINES, "metadata-grpc-deployment", "verified-tls")
    assert tls["restartPolicy"] == "Always"
    mounts = {m["mountPath"]: m["name"] for m in tls["volumeMounts"]}
    authority = rds.env(PIPELINES, "metadata-grpc-deployment", "verified-tls")["AUTHORITY"]
    folder, _, key = authority.rpartition("/")
    assert mounts[folder] == "database-ca"
    assert key in rds.get(USERS, "ConfigMap", "database-ca")["data"]
    program = tls["command"][1]
    assert mounts[program.rpartition("/")[0]] == "database-tls"
    assert program.rpartition("/")[2] in rds.get(USERS, "ConfigMap", "database-tls")["data"]


def test_each_password_is_generated_once_and_kept_in_secrets_manager(rds: Overlays) -> None:
    generator = rds.get(USERS, "Password", "database-password")["spec"]
    assert generator["symbols"] == 0
    assert 20 <= generator["length"] <= 41
    for application, schema in SCHEMAS.items():
        push = rds.get(USERS, "PushSecret", f"{application}-database")["spec"]
        assert push["updatePolicy"] == "IfNotExists"
        [entry] = push["data"]
        assert entry["match"] == {"remoteRef": {"remoteKey": f"kubeflow/{SECRETS[application]}"}}
        read = rds.get(USERS, "ExternalSecret", f"{application}-database")["spec"]
        assert read["dataFrom"] == [{"extract": {"key": f"kubeflow/{SECRETS[application]}"}}]
        assert read["target"]["template"]["data"]["schema"] == schema


def test_the_job_gets_every_application_and_the_administrator(rds: Overlays) -> None:
    pod = rds.get(USERS, "Job", "database-users")["spec"]["template"]["spec"]
    [container] = pod["containers"]
    applications = {
        m["mountPath"].rpartition("/")[2]
        for m in container["volumeMounts"]
        if m["mountPath"].startswith("/etc/applications/")
    }
    assert applications == set(SCHEMAS)
    volumes = {v["name"]: v for v in pod["volumes"]}
    for application in applications:
        assert volumes[application]["secret"]["secretName"] == f"{application}-database"
    assert {v["name"] for v in container["env"]} >= {
        "DATABASE_HOST",
        "DATABASE_PORT",
        "DATABASE_USER",
        "MYSQL_PWD",
    }
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True


def test_the_sql_gives_rights_on_one_schema_and_asks_for_tls(rds: Overlays) -> None:
    data = rds.get(USERS, "ConfigMap", "database-users")["data"]
    statements = [s.strip() for s in re.sub(r"--.*", "", data["user.sql"]).split(";") if s.strip()]
    [grant] = [s for s in statements if s.startswith("GRANT")]
    assert grant == "GRANT ALL PRIVILEGES ON `:schema`.* TO ':username'@'%'"
    for statement in statements:
        if "USER" in statement:
            assert statement.endswith("REQUIRE SSL")
    assert "--ssl-mode=VERIFY_IDENTITY" in data["make-users.sh"]


def test_an_application_that_is_left_out_gets_no_user(overlays: Environments) -> None:
    names = overlays("pipelines-alone").names(USERS) if USERS in overlays("pipelines-alone") else set()
    assert ("PushSecret", "katib-database") not in names


def certificates(text: bytes) -> list[x509.Certificate]:
    """Every certificate of a PEM file."""
    return x509.load_pem_x509_certificates(text)


@pytest.mark.parametrize("file", AUTHORITIES, ids=lambda file: file.stem)
def test_a_regions_authorities_are_amazons_own(file: Path) -> None:
    found = certificates(file.read_bytes())
    names = [str(c.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value) for c in found]
    kinds = ("RSA2048", "RSA4096", "ECC384")
    assert names == [f"Amazon RDS {file.stem} Root CA {kind} G1" for kind in kinds]
    for certificate in found:
        certificate.verify_directly_issued_by(certificate)
        assert certificate.not_valid_after_utc.year > datetime.datetime.now(datetime.UTC).year + 20


def test_the_database_is_checked_against_its_regions_authority(rds: Overlays) -> None:
    data = rds.get(USERS, "ConfigMap", "database-ca")["data"]
    assert data == {"ca.crt": (PROJECT / "template" / USERS / "rds" / "us-west-2.crt").read_text()}


def test_an_authority_of_ones_own_takes_the_place_of_amazons(tmp_path: Path, overlays: Environments) -> None:
    pem = AUTHORITIES[0].read_text().strip()
    own = Overlays.generate(tmp_path, "rds-only", database_ca_bundle=pem)
    assert own.get(USERS, "ConfigMap", "database-ca")["data"] == {"ca.crt": pem + "\n"}
    assert not (own.folder / USERS / "rds").exists()


def test_the_question_knows_the_regions_whose_authority_is_here() -> None:
    rules = (PROJECT / "questions" / "rules" / "storage.jinja").read_text()
    known = re.search(r"set authorities = '([^']*)'", rules)
    assert known is not None
    assert known[1].split() == [file.stem for file in AUTHORITIES]
