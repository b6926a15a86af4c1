"""MariaDB: a server of its own for each database instance, in the place of RDS's MySQL."""

from __future__ import annotations

import hashlib
import os
import shutil
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from secrets import token_urlsafe

import pymysql
from pymysql.connections import Connection

from kfaws.generator.errors import KfawsError
from kfaws.generator.run import ProgramError, run
from kfaws.harness.certificates import Authority
from kfaws.harness.ports import free_port
from kfaws.harness.process import Command

PROGRAM = "mariadbd"
HOST = "127.0.0.1"
ADMINISTRATOR = "rdsadmin"
"""As in RDS the service's own account, with which no user can log in."""
SCRIPTS = ("system_tables", "performance_tables", "system_tables_data", "sys_schema")
"""The distribution's own SQL for an empty server, in the order of mariadb-install-db."""
PRIVILEGES = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, "
    "SHOW DATABASES, CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, REPLICATION CLIENT, "
    "CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER, DELETE HISTORY"
)
"""RDS's list for its master user. DELETE HISTORY is MariaDB's alone: without it that user could not grant all
privileges on a schema, as it can in MySQL."""
SETTINGS = {
    "innodb_buffer_pool_size": "32M",
    "innodb_log_file_size": "16M",
    "innodb_log_buffer_size": "2M",
    "innodb_data_file_path": "ibdata1:4M:autoextend",
    "innodb_autoextend_increment": "1",
    "innodb_temp_data_file_path": "ibtmp1:4M:autoextend",
    "aria_pagecache_buffer_size": "8M",
    "key_buffer_size": "1M",
    "performance_schema": "OFF",
    # Nothing is flushed to the disk. What was committed is the kernel's: it outlives the server, and nobody
    # asks for more.
    "innodb_flush_log_at_trx_commit": "2",
    "innodb_flush_method": "nosync",
    "innodb_doublewrite": "0",
    "sync_frm": "0",
    "debug_no_sync": "1",
    "skip_log_bin": "",
    # Users are known by '%': no resolver is asked who the client is.
    "skip_name_resolve": "ON",
}
"""What keeps a server small and quick."""
PREPARED_WITHIN, ANSWERS_WITHIN = 60.0, 5.0
"""Seconds for making an empty server, and for a log-in."""


@dataclass(frozen=True)
class MariaDb:
    """One server: its program, folder and port; `name` is the host name by which clients verify it."""

    program: Path
    folder: Path
    name: str
    authority: Authority
    port: int = field(default_factory=free_port)
    password: str = field(default_factory=token_urlsafe, repr=False)
    """The administrator's."""

    @property
    def data(self) -> Path:
        """The folder with all that outlives a restart."""
        return self.folder / "data"

    def prepare(self) -> None:
        """Make an empty server, in which nobody can log in; raises KfawsError when that fails."""
        self.data.mkdir(parents=True)
        script = b"CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n"
        script += b"".join(_script(self.program, name).read_bytes() for name in SCRIPTS)
        # Anonymous users would shadow 'name'@'%' for clients of this machine; root would have no password.
        script += b"\nDELETE FROM mysql.global_priv WHERE User <> 'mariadb.sys';\n"
        try:
            run([self.program, *self._settings, "--bootstrap"], stdin=script, timeout=PREPARED_WITHIN)
        except ProgramError as error:
            said = [line for line in error.output.splitlines() if "ERROR" in line]
            raise KfawsError(f"{self.program} makes no empty server: {' | '.join(said) or error}") from error

    def command(self, parameters: Mapping[str, str], first: str) -> Command:
        """The server; `first` is SQL that it runs before anybody can log in, one statement a line."""
        certificate, start = self.folder / "server.pem", self.folder / "start.sql"
        self.authority.issue([self.name], HOST, certificate)
        user = f"'{ADMINISTRATOR}'@'{HOST}'"
        start.touch(mode=0o600)
        start.write_text(
            f"CREATE OR REPLACE USER {user} IDENTIFIED BY PASSWORD '{_hash(self.password)}';\n"
            f"GRANT ALL PRIVILEGES ON *.* TO {user} WITH GRANT OPTION;\n{first}"
        )
        arguments: list[str | Path] = [
            *_ends_with_us(),
            self.program,
            *self._settings,
            f"--bind-address={HOST}",
            f"--port={self.port}",
            f"--init-file={start}",
            f"--ssl-cert={certificate}",
            f"--ssl-key={certificate}",
            *(f"--{name}={value}" for name, value in sorted(parameters.items())),
        ]
        return Command(f"{PROGRAM}-{self.folder.name}", arguments, self._answers)

    @contextmanager
    def administrator(self) -> Iterator[Connection]:
        """A connection with all rights; raises pymysql.Error where no server answers."""
        connection = pymysql.connect(
            host=HOST,
            port=self.port,
            user=ADMINISTRATOR,
            password=self.password,
            connect_timeout=ANSWERS_WITHIN,
            read_timeout=ANSWERS_WITHIN,
            ssl=ssl.create_default_context(cadata=self.authority.pem.decode()),
        )
        try:
            yield connection
        finally:
            connection.close()

    def execute(self, statements: str) -> None:
        """Run SQL as the administrator, one statement a line; raises pymysql.Error."""
        with self.administrator() as connection, connection.cursor() as cursor:
            for statement in statements.splitlines():
                cursor.execute(statement)

    def _answers(self) -> bool:
        """Whether it lets its administrator in; it answers nobody before it has run its first SQL."""
        try:
            self.execute("SELECT 1")
        except pymysql.Error:
            return False
        return True

    @property
    def _settings(self) -> list[str]:
        """Ours alone: what the machine's own server is set to is not read, its socket is not touched."""
        settings = [f"--{name.replace('_', '-')}{value and f'={value}'}" for name, value in SETTINGS.items()]
        # Folders of a platform are their owner's alone: another user's server could not read its data.
        root = ["--user=root"] if os.geteuid() == 0 else []
        return ["--no-defaults", f"--datadir={self.data}", "--socket=server.sock", *root, *settings]


def master(user: str, password: str | None) -> str:
    """SQL that makes RDS's master user, or gives it back its password and its privileges."""
    account = f"'{_quoted(user)}'@'%'"
    known = f" IDENTIFIED BY PASSWORD '{_hash(password)}'" if password else " ACCOUNT LOCK"
    return (
        f"CREATE USER IF NOT EXISTS {account};\nALTER USER {account}{known};\n"
        f"GRANT {PRIVILEGES} ON *.* TO {account} WITH GRANT OPTION;\n"
    )


def schema(name: str) -> str:
    """SQL that makes a schema."""
    return f"CREATE DATABASE IF NOT EXISTS `{name.replace('`', '``')}`;\n"


def accepted(program: Path, parameters: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Those parameters of a parameter group that the server takes, and the others, each with the reason."""
    passed, left = {}, {}
    variables = _variables(program)
    for name, value in parameters.items():
        if name in SETTINGS or name in RESERVED:
            left[name] = "the platform sets it"
        elif name not in variables:
            left[name] = "MariaDB has no such variable"
        elif "{" in value:
            left[name] = "a formula of the instance's class"
        else:
            passed[name] = value
    return passed, left


RESERVED = frozenset(
    {"basedir", "bind_address", "datadir", "init_file", "log_error", "port", "socket", "tmpdir", "user"}
    | {"pid_file", "plugin_dir", "skip_grant_tables", "skip_networking", "ssl_ca", "ssl_cert", "ssl_key"}
)
"""Which RDS lets nobody set either."""


def _quoted(name: str) -> str:
    return name.replace("\\", "\\\\").replace("'", "''")


def _hash(password: str) -> str:
    """As mysql_native_password keeps it, so that no password stands in a file."""

    def sha1(content: bytes) -> bytes:
        return hashlib.sha1(content, usedforsecurity=False).digest()

    return "*" + sha1(sha1(password.encode())).hex().upper()


def _ends_with_us() -> list[str]:
    """What lets the kernel end a program when the thread that started it ends, however that comes about."""
    program = shutil.which("setpriv")
    return [program, "--pdeathsig", "KILL"] if program else []


@cache
def _variables(program: Path) -> Mapping[str, str]:
    """The server's variables with their defaults, as it lists them itself."""
    lines = (
        run([program, "--no-defaults", "--verbose", "--help"]).stdout.decode(errors="replace").splitlines()
    )
    start = next((number for number, line in enumerate(lines) if line.startswith("-----")), len(lines))
    pairs = (line.partition(" ") for line in lines[start + 1 :])
    return {name.replace("-", "_"): value.strip() for name, _, value in pairs if name}


def _script(program: Path, name: str) -> Path:
    """One of the distribution's scripts, called mysql_ before MariaDB 11 and mariadb_ since."""
    folder = Path(_variables(program).get("character_sets_dir", "/usr/share/mysql/charsets")).parent
    for file in (folder / f"mysql_{name}.sql", folder / f"mariadb_{name}.sql"):
        if file.is_file():
            return file
    raise KfawsError(f"{folder} has no mysql_{name}.sql: install the whole package of {program}")
