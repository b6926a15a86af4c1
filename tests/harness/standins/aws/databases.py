"""A stand-in of AWS with database servers, and clients of them."""

from __future__ import annotations

import contextlib
import socket
import ssl
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import httpx
import pymysql
import pytest
from botocore.config import Config
from pymysql.connections import Connection

from kfaws.generator.progress import silent
from kfaws.harness.polling import Done, Failed, Pending, eventually
from kfaws.harness.ports import free_port
from kfaws.harness.process import Command, Process
from kfaws.harness.tools import MARIADB, Programs

PASSWORD = "first-secret"
SOON = 60.0
"""Seconds for what takes one or two on a machine that does nothing else."""
SQUARE: dict[str, Any] = {
    "DBInstanceClass": "db.m6g.large",
    "Engine": "mysql",
    "EngineVersion": "8.4.3",
    "AllocatedStorage": 20,
    "MasterUsername": "admin",
    "MasterUserPassword": PASSWORD,
}


@dataclass
class Service:
    """A stand-in of AWS whose instances have servers."""

    process: Process
    url: str
    rds: Any = field(init=False)

    def __post_init__(self) -> None:
        session = boto3.Session("key", "secret", region_name="us-west-2")
        config = Config(retries={"total_max_attempts": 1})
        self.rds = session.client("rds", endpoint_url=self.url, config=config)

    def make(self, name: str, **more: Any) -> Mapping[str, Any]:
        return dict(self.rds.create_db_instance(**SQUARE, DBInstanceIdentifier=name, **more)["DBInstance"])

    def described(self, name: str) -> Mapping[str, Any]:
        (found,) = self.rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
        return dict(found)

    def listed(self, name: str) -> dict[str, Any]:
        everything = httpx.get(f"{self.url}/kfaws/databases").json()
        return dict(next(one for one in everything if one["identifier"] == name))

    def until(self, name: str, wanted: str = "available") -> None:
        def look() -> Done[None] | Pending | Failed:
            status = self.described(name)["DBInstanceStatus"]
            if status == wanted:
                return Done(None)
            return (Failed if status == "failed" else Pending)(f"{status}: {self.listed(name)}")

        eventually(f"{name} is {wanted}", look, SOON)

    def trust(self) -> ssl.SSLContext:
        pem = httpx.get(f"{self.url}/kfaws/databases/authority.pem")
        return ssl.create_default_context(cadata=pem.raise_for_status().text)

    @contextlib.contextmanager
    def log_in(
        self, name: str, password: str, user: str = "admin", tls: bool = True, host: str = ""
    ) -> Iterator[Connection]:
        """As a client that resolves the endpoint's name, and knows the server by it."""
        found = self.listed(name)
        connection = pymysql.connect(
            host=host or found["endpoint"]["address"],
            user=user,
            password=password,
            ssl=self.trust() if tls else None,
            ssl_disabled=not tls,
            autocommit=True,
            defer_connect=True,
        )
        connection.connect(socket.create_connection((found["host"], found["port"]), timeout=10))
        with connection:
            yield connection

    def asked(self, name: str, statement: str, password: str = PASSWORD) -> list[Any]:
        with self.log_in(name, password) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def pid(self, name: str) -> int:
        """The server's process."""
        data = f"us-west-2-{name}/data"
        return next(pid for pid in _children(self.process.pid) if data in _words(pid))


def _children(parent: int) -> list[int]:
    tasks = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(word) for task in tasks for word in task.read_text().split()]


def _words(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def gone(pid: int) -> Callable[[], Done[None] | Pending]:
    def look() -> Done[None] | Pending:
        with contextlib.suppress(OSError):
            if "mariadbd" in _words(pid):
                return Pending("it runs")
        return Done(None)

    return look


def started(folder: Path) -> Service:
    program = Programs(silent()).installed(MARIADB)
    if program is None:
        pytest.skip("mariadbd is missing: on Debian, apt-get install mariadb-server-core")
    port = free_port()
    options = {
        "port": port,
        "account": "123456789012",
        "region": "us-west-2",
        "databases": folder / "databases",
        "mariadbd": program,
    }
    words = [sys.executable, "-m", "kfaws.harness.standins.aws"]
    words += [str(word) for name, value in options.items() for word in (f"--{name}", value)]
    url = f"http://127.0.0.1:{port}"
    process = Process(Command("aws", words, f"{url}/kfaws/readyz", ready_within=120), folder)
    process.start()
    return Service(process, url)
