"""The database servers behind RDS's instances: one thread starts, watches and ends them."""

from __future__ import annotations

import json
import logging
import queue
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

import pymysql
from moto.rds.models import DBInstance, DBSnapshot

from kfaws.generator.errors import KfawsError
from kfaws.harness.certificates import Authority
from kfaws.harness.process import Process
from kfaws.harness.servers.mariadb import HOST, MariaDb, accepted, master, schema
from kfaws.harness.standins.aws.snapshots import Snapshots
from kfaws.harness.supervision import Kept, Supervisor

log = logging.getLogger("aws")

ENGINES = ("mysql", "mariadb")
LOOK = 0.1
"""Seconds between two looks at the servers."""
NEVER = -1
AVAILABLE, CREATING, REBOOTING = "available", "creating", "rebooting"
STOPPING, STOPPED, STARTING, DELETING = "stopping", "stopped", "starting", "deleting"
RESETTING = "resetting-master-credentials"
FAILED, UNSTARTABLE = "failed", "incompatible-parameters"
NONE = "no database: there is no mariadbd here (on Debian: apt-get install mariadb-server-core)"
OTHER = "no database: only instances of mysql and mariadb have one, and no replicas"


@dataclass
class Database:
    """The server of one instance."""

    instance: DBInstance
    server: MariaDb
    process: Process | None = None
    kept: Kept | None = None
    """None while no server is meant to run."""
    why: str = ""
    """Why no server could be made or started."""
    restarts: int = 0
    """Those that were asked for; `kept` counts those after a fall."""
    passed: Mapping[str, str] = field(default_factory=dict)
    """Parameters that its server was started with."""
    left: Mapping[str, str] = field(default_factory=dict)
    """Parameters that it does not know, each with the reason."""
    waits: str = ""
    """SQL for the administrator as soon as the server answers."""
    ready_with: int = NEVER
    """How often `kept` had been started again when the server last answered."""

    @property
    def state(self) -> str:
        """`ready`, `starting`, `stopped`, or `failed: why`."""
        if self.kept:
            return self.kept.state
        return f"{FAILED}: {self.why}" if self.why else STOPPED


class Databases:
    """Servers by instance. Whoever calls does not wait: the instance's status says how far it is."""

    def __init__(self, folder: Path, program: Path | None) -> None:
        """`folder` takes all data, and is emptied first; without a `program` no instance has a server."""
        self.authority = Authority.new("kfaws databases")
        self.file = folder / "authority.pem"
        """Where clients of this machine find the authority."""
        self._folder = folder
        self._program = program
        self._databases: dict[DBInstance, Database] = {}
        self._supervisor = Supervisor()
        self._snapshots = Snapshots(folder / "snapshots")
        self._todo: queue.SimpleQueue[tuple[DBInstance, Callable[[DBInstance], None]]] = queue.SimpleQueue()
        self._asked: Counter[DBInstance] = Counter()
        """What is still to do: until then a server's state says nothing of the instance's."""
        self._lock = threading.Lock()
        """Holds whoever sets a status by what is asked, or by what is not."""
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> Databases:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        self.file.write_bytes(self.authority.pem)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        self._thread.join()

    # What RDS's operations ask for, each on the caller's thread.

    def serves(self, instance: DBInstance) -> bool:
        """Whether that instance has a server, or can get one."""
        fits = instance.engine in ENGINES and not instance.db_cluster_identifier and not instance.is_replica
        return self._program is not None and fits

    def create(self, instance: DBInstance, snapshot: str | None) -> None:
        """A new server, empty or with the data of a snapshot."""
        self._ask(instance, CREATING, partial(self._create, snapshot=snapshot))

    def reboot(self, instance: DBInstance) -> None:
        """The same server once more, with the parameters of now."""
        self._ask(instance, REBOOTING, self._reboot)

    def stop(self, instance: DBInstance) -> None:
        """No server until `start`; the data stay."""
        self._ask(instance, STOPPING, self._stop)

    def start(self, instance: DBInstance) -> None:
        """The server again, after a stop."""
        self._ask(instance, STARTING, self._start)

    def delete(self, instance: DBInstance) -> None:
        """Neither server nor data any more."""
        self._ask(instance, DELETING, self._delete)

    def reset_master(self, instance: DBInstance) -> None:
        """The master user with the instance's password of now."""
        self._ask(instance, RESETTING, self._reset_master)

    def snapshot(self, instance: DBInstance, snapshot: DBSnapshot) -> None:
        """Keep the data as they are now."""
        snapshot.status = CREATING
        self._ask(instance, "", partial(self._snapshot, snapshot=snapshot))

    def listed(self, instances: Iterable[DBInstance]) -> list[dict[str, Any]]:
        """What the harness asks: where each instance's server is, and how it is; without one why."""
        return [self._shown(instance) for instance in instances]

    def _ask(self, instance: DBInstance, status: str, work: Callable[[DBInstance], None]) -> None:
        with self._lock:
            self._asked[instance] += 1
            instance.status = status or instance.status
        self._todo.put((instance, work))

    def _shown(self, instance: DBInstance) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "identifier": instance.db_instance_identifier,
            "endpoint": {"address": instance.address, "port": instance.port},
            "authority": str(self.file),
            "state": OTHER if self._program else NONE,
        }
        database = self._databases.get(instance)
        if database is None:
            return shown | ({"state": STARTING} if self.serves(instance) else {})
        restarts = database.restarts + (database.kept.restarts if database.kept else 0)
        return shown | {
            "host": HOST,
            "port": database.server.port,
            "state": database.state,
            "restarts": restarts,
            "log": str(database.process.log) if database.process else "",
            "parameters": {"passed": database.passed, "left": database.left},
        }

    # All below runs on the one thread: the kernel ends a server when the thread that started it ends.

    def _work(self) -> None:
        try:
            while not self._closed.is_set():
                try:
                    self._do(*self._todo.get(timeout=LOOK))
                except queue.Empty:
                    self._look()
        finally:
            self._supervisor.close()

    def _do(self, instance: DBInstance, work: Callable[[DBInstance], None]) -> None:
        try:
            work(instance)
        except Exception as error:
            # Whatever it is, this thread goes on: with it all other servers would end.
            instance.status = FAILED
            if instance in self._databases:
                self._databases[instance].why = str(error)
            expected = isinstance(error, (KfawsError, OSError))
            log.warning("%s: %s", instance.db_instance_identifier, error, exc_info=not expected)
        with self._lock:
            self._asked[instance] -= 1

    def _create(self, instance: DBInstance, snapshot: str | None) -> None:
        if self._program is None:
            return
        folder = self._folder / f"{instance.region}-{instance.db_instance_identifier}"
        # Whom it was named after is deleted by now.
        shutil.rmtree(folder, ignore_errors=True)
        server = MariaDb(self._program, folder, instance.address, self.authority)
        database = self._databases[instance] = Database(instance, server)
        if not (snapshot and self._snapshots.restore(snapshot, server.data)):
            server.prepare()
        self._run(database, _master(instance) + (schema(instance.db_name) if instance.db_name else ""))

    def _run(self, database: Database, first: str = "") -> None:
        instance, server = database.instance, database.server
        asked = {
            name: str(parameter["ParameterValue"])
            for group in instance.db_parameter_groups()
            for name, parameter in group.parameters.items()
            if parameter.get("ParameterValue") is not None
        }
        database.passed, database.left = accepted(server.program, asked)
        database.process = Process(server.command(database.passed, first), server.folder)
        database.kept, database.ready_with = self._supervisor.start(database.process), NEVER
        database.why = ""

    def _reboot(self, instance: DBInstance) -> None:
        self._stop(instance, REBOOTING)
        self._start(instance)

    def _stop(self, instance: DBInstance, then: str = STOPPED) -> None:
        database = self._databases[instance]
        if database.process and database.kept:
            self._supervisor.end(database.process.name)
            database.restarts += database.kept.restarts
            database.kept = None
        instance.status = then

    def _start(self, instance: DBInstance) -> None:
        database = self._databases[instance]
        database.restarts += 1
        self._run(database)

    def _delete(self, instance: DBInstance) -> None:
        self._stop(instance, DELETING)
        shutil.rmtree(self._databases.pop(instance).server.folder, ignore_errors=True)

    def _reset_master(self, instance: DBInstance) -> None:
        self._databases[instance].waits = _master(instance)

    def _snapshot(self, instance: DBInstance, snapshot: DBSnapshot) -> None:
        database = self._databases[instance]
        runs = database.process if database.kept else None
        self._snapshots.take(snapshot.db_snapshot_identifier, database.server.data, runs)
        snapshot.status = AVAILABLE

    def _look(self) -> None:
        self._supervisor.look()
        for database in self._databases.values():
            if database.kept:
                self._tell(database, database.kept)

    def _tell(self, database: Database, kept: Kept) -> None:
        """Let the instance's status say how its server is."""
        instance = database.instance
        if kept.ready and database.waits:
            try:
                database.server.execute(database.waits)
            except pymysql.Error as error:
                log.warning("%s: %s", instance.db_instance_identifier, error)
                return
            database.waits = ""
        with self._lock:
            if self._asked[instance]:
                return
            if kept.ready:
                instance.status, database.ready_with = AVAILABLE, kept.restarts
            elif instance.status == AVAILABLE:
                # It fell, and is started again.
                instance.status = REBOOTING
            elif kept.why and kept.restarts != database.ready_with:
                instance.status = UNSTARTABLE if database.passed else FAILED


def _master(instance: DBInstance) -> str:
    """SQL for the master user, with the password that it was given or that Secrets Manager has."""
    user, managed = instance.master_username or "admin", getattr(instance, "master_user_secret", None)
    if managed is None:
        # moto lets nobody read it.
        return master(user, instance._master_user_password)
    return master(user, str(json.loads(managed.secret.secret_string)["password"]))
