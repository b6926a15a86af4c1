"""The embedded platform for the walkthrough's environment: start, `kfaws up`, memory, a line changed in git.

`kfaws up` is held against the sum of plain `kubectl apply --server-side` of the same rendered objects, one
Application after another, to a control plane of its own. Programs must be built (`kfaws tools`); with
upstream (KFAWS_MIRROR, or a host that answers) it is the whole environment, else what is left of it. Nothing
else should run beside it.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import orjson
import yaml

from benchmarks.measure import ANSWERS, Verdicts, program, seconds, workplace
from kfaws.generator.model import Object
from kfaws.generator.programs import kubectl
from kfaws.generator.progress import silent
from kfaws.generator.render import render
from kfaws.harness.kube import Cluster, Kind
from kfaws.harness.placeholders import namespaces
from kfaws.harness.platform import Platform, State
from kfaws.harness.polling import Done, Pending, eventually
from kfaws.harness.process import Process
from kfaws.harness.servers import control_plane
from kfaws.harness.standins.cluster import STAGES
from kfaws.harness.steps import editing
from kfaws.harness.tools import Programs

READY, WHOLE, RATIO, GIBIBYTES, LIVE = 5.0, 240.0, 4.0, 6.0, 10.0
ROUNDS = 3
TEAM = "data-science"
LOOK_MEMORY = 2.0
"""Seconds between two looks at the memory of all programs."""


def main() -> None:
    """One environment, from nothing to a changed line."""
    verdicts = Verdicts()
    with workplace() as folder:
        repository = folder / "kube-eks-cluster"
        seconds([program("kfaws"), "new", repository, "--answers", ANSWERS], dict(os.environ))
        starts = [ready_in(folder / f"plane-{number}") for number in range(ROUNDS)]
        verdicts.limit("control plane: ready", sorted(starts)[ROUNDS // 2], READY, "s")
        plain = applied_in(folder, repository)
        platform = Platform.of(repository)
        try:
            with memory(platform) as peak:
                whole = seconds([program("kfaws"), "up", repository], dict(os.environ))
                verdicts.limit("up: every Application Synced and Healthy", whole, WHOLE, "s")
                verdicts.ratio("up, against plain kubectl apply", whole, plain, RATIO)
                verdicts.limit("a line in git: live", live_in(repository), LIVE, "s")
            verdicts.limit("memory of all programs: peak", max(peak), GIBIBYTES, "GiB")
        finally:
            platform.stop()
    verdicts.exit()


@contextmanager
def plane(folder: Path) -> Iterator[control_plane.Plane]:
    """A control plane with kwok, ready."""
    servers, programs = control_plane.Plane(folder), Programs(silent())
    paths = {name: programs.path(name) for name in control_plane.PROGRAMS}
    servers.prepare()
    with ExitStack() as running:
        processes = []
        for command in servers.commands(paths, STAGES):
            process = Process(command, folder)
            running.callback(process.stop)
            process.start()
            processes.append(process)
            if command.name in ("etcd", "kube-apiserver"):
                process.wait_ready()
        for process in processes:
            process.wait_ready()
        yield servers


def ready_in(folder: Path) -> float:
    """Seconds until all of it is ready."""
    start = time.perf_counter()
    with plane(folder):
        return time.perf_counter() - start


def applied_in(folder: Path, repository: Path) -> float:
    """Seconds of `kubectl apply --server-side` of bootstrap/ and each Application, one after another.

    What an API server without controllers refuses (kinds that a definition makes, for instance) is counted
    and printed.
    """
    environment = render(repository, silent())
    parts = [("default", environment.bootstrap)]
    parts += [(item.application.namespace or "default", item.objects) for item in environment.applications]
    total, refused = 0.0, 0
    with plane(folder / "plain") as servers:
        cluster = Cluster(servers.kubeconfig)
        for item in namespaces(environment):
            cluster.apply(item)
        for namespace, objects in parts:
            taken, done = apply(servers.kubeconfig, folder / "objects.json", namespace, objects)
            total, refused = total + taken, refused + len(objects) - done
    print(f"plain kubectl apply: {total:.1f} s; {refused} objects refused", flush=True)
    return total


def apply(kubeconfig: Path, file: Path, namespace: str, objects: Sequence[Object]) -> tuple[float, int]:
    """One `kubectl apply`: its seconds, and how many objects it applied."""
    content = yaml.safe_load(kubeconfig.read_text())
    content["contexts"][0]["context"]["namespace"] = namespace
    kubeconfig.write_text(yaml.safe_dump(content))
    file.write_bytes(b"\n".join(orjson.dumps(item) for item in objects))
    command: list[str | Path] = [kubectl().path, "apply", "--server-side", "--force-conflicts", "-f", file]
    start = time.perf_counter()
    done = subprocess.run(
        command, env={**os.environ, "KUBECONFIG": str(kubeconfig)}, capture_output=True, check=False
    )
    return time.perf_counter() - start, len(done.stdout.splitlines())


def live_in(repository: Path) -> float:
    """Seconds from `kfaws up` on a raised quota to the quota in the cluster."""
    cluster = Cluster(Path(Platform.of(repository).running.kubeconfig))
    wanted = editing.raise_quota(repository, TEAM)

    def look() -> Done[float] | Pending:
        found = [item["spec"]["hard"].get("cpu") for item in cluster.list(Kind("v1", "ResourceQuota"), TEAM)]
        return Done(time.perf_counter()) if wanted in found else Pending(str(found))

    start = time.perf_counter()
    Platform.of(repository).push(repository)
    return eventually("the quota is live", look, 60) - start


@contextmanager
def memory(platform: Platform) -> Iterator[list[float]]:
    """Looks at all programs of the platform until the context is left: GiB, what they share counted once."""
    seen, over = [0.0], threading.Event()

    def look() -> None:
        while not over.wait(LOOK_MEMORY):
            if state := platform.state:
                seen.append(sum(proportional(pid) for pid in session_of([state.keeper, *pids(state)])))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def pids(state: State) -> list[int]:
    """The programs that the keeper started."""
    return [part.pid for part in state.parts]


def session_of(leaders: list[int]) -> set[int]:
    """These processes and all that they started: each program leads a session of its own."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if os.getsid(int(entry.name)) in leaders:
                    found.add(int(entry.name))
    return found


def proportional(pid: int) -> float:
    """The memory of one process in GiB, its share of what it shares; 0 for one that has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 2**20
    return 0.0


if __name__ == "__main__":
    main()
