"""What a running platform says of itself: a folder an environment, with one file that its keeper writes."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kfaws.generator.cache import cache_home, write_whole
from kfaws.generator.errors import KfawsError
from kfaws.harness.answers import Answers
from kfaws.harness.applications import refresh
from kfaws.harness.kube import Cluster
from kfaws.harness.polling import Done, Pending, eventually
from kfaws.harness.servers.git_hosts import GitHosts

ENDS_WITHIN = 60.0
STARTING, RUNNING, FAILED = "starting", "running", "failed"


@dataclass(frozen=True)
class Part:
    """One program of a platform."""

    name: str
    pid: int
    state: str
    """`ready`, `starting` or `failed: why`."""
    restarts: int


@dataclass(frozen=True)
class State:
    """What the keeper last wrote."""

    keeper: int
    """Its process id."""
    environment: str
    phase: str
    """`starting`, `running` or `failed`."""
    said: str = ""
    """What it does now, or why it failed."""
    kubeconfig: str = ""
    aws: str = ""
    """The URL of AWS."""
    argo_cd: str = ""
    """Argo CD's namespace."""
    parts: Sequence[Part] = field(default_factory=tuple)
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Applications that cannot be delivered here, each with the reason."""

    def part(self, name: str) -> Part:
        """One program; raises KfawsError for an unknown name."""
        for part in self.parts:
            if part.name == name:
                return part
        raise KfawsError(
            f"no program {name} runs here: choose of {', '.join(one.name for one in self.parts)}"
        )


@dataclass(frozen=True)
class Platform:
    """The platform of one environment, running or not."""

    environment: Path
    folder: Path

    @classmethod
    def of(cls, environment: Path) -> Platform:
        """The one that `kfaws up` starts for that folder."""
        place = environment.resolve()
        name = f"{place.name}-{hashlib.sha256(str(place).encode()).hexdigest()[:8]}"
        return cls(place, cache_home() / "platforms" / name)

    @property
    def logs(self) -> Path:
        """A file for each program, and `keeper.log`."""
        return self.folder / "logs"

    @property
    def state(self) -> State | None:
        """What its keeper says; None when none runs."""
        try:
            content = json.loads((self.folder / "state.json").read_text())
        except FileNotFoundError:
            return None
        state = State(**{**content, "parts": tuple(Part(**part) for part in content["parts"])})
        return state if state.phase == FAILED or _runs(state.keeper) else None

    @property
    def running(self) -> State:
        """What its keeper says; raises KfawsError when it is not up."""
        state = self.state
        if state is None or state.phase == FAILED:
            raise KfawsError(f"no platform is up for {self.environment}: run kfaws up {self.environment}")
        return state

    def push(self, environment: Path) -> tuple[list[str], list[str]]:
        """Push a folder to the platform's git, and let Argo CD look at what is built of the change.

        Returns the files that changed and the names of the Applications that were asked to look.
        """
        state, answers = self.running, Answers.of(environment)
        hosts = GitHosts(self.folder / "git", answers.repository, answers.revision)
        changed = hosts.push(environment)
        cluster = Cluster(Path(state.kubeconfig))
        return changed, refresh(cluster, state.argo_cd, changed) if changed else []

    def write(self, state: State) -> None:
        """For the keeper."""
        write_whole(self.folder / "state.json", json.dumps(asdict(state), indent=2).encode())

    def forget(self) -> None:
        """For the keeper, at its end."""
        (self.folder / "state.json").unlink(missing_ok=True)

    def stop(self) -> bool:
        """End it, and wait until all is gone; whether there was one."""
        state = self.state
        if state is None or not _runs(state.keeper):
            self.forget()
            return False
        os.kill(state.keeper, signal.SIGTERM)

        def look() -> Done[None] | Pending:
            return Pending("its keeper still ends programs") if _runs(state.keeper) else Done(None)

        eventually(f"the platform of {self.environment} ends", look, ENDS_WITHIN)
        return True


def keeper_command(platform: Platform, components: Mapping[str, Path], ours: bool = False) -> list[str]:
    """The command that runs a platform's keeper; one that is `ours` ends when we do, however that is."""
    command = [sys.executable, "-m", "kfaws.harness.platform.keeper"]
    command += ["--environment", str(platform.environment), "--folder", str(platform.folder)]
    if ours:
        command += ["--ends-with", str(os.getpid())]
    for name, path in components.items():
        command += ["--component", f"{name}={path}"]
    return command


def _runs(pid: int) -> bool:
    # Where it is a child of ours, one that has ended stays known until somebody asks.
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    # A child of somebody else, who has not asked yet.
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True
