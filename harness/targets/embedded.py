"""An environment on this machine."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import httpx

from kfaws.harness.answers import Answers
from kfaws.harness.applications import Row, applications
from kfaws.harness.bootstrap import ARGO_CD, ROOT, apply
from kfaws.harness.kube import Cluster
from kfaws.harness.parts import Part, embedded_parts
from kfaws.harness.platform.starting import started
from kfaws.harness.platform.state import Platform, State
from kfaws.harness.platform.watching import expected
from kfaws.harness.servers.git_hosts import GitHosts


class EmbeddedTarget:
    """The platform that `kfaws up` has running for the folder, or one of our own until `close`."""

    name = "embedded"

    def __init__(self, environment: Path, components: Mapping[str, Path]) -> None:
        """Start what is not up yet; the folder itself is never changed."""
        self._running = ExitStack()
        self._environment = environment.resolve()
        work = Path(self._running.enter_context(tempfile.TemporaryDirectory(prefix="kfaws-")))
        self.folder = work / environment.name
        self._copy()
        self._platform = Platform.of(environment)
        self._changed = False
        if self._platform.state is None:
            self._platform = Platform(self._environment, work / "platform")
            self._running.callback(self._platform.stop)
            started(self._platform, components)

    @cached_property
    def answers(self) -> Answers:
        """What the environment was generated from."""
        return Answers.of(self.folder)

    @cached_property
    def cluster(self) -> Cluster:
        """The API server, as an administrator."""
        return Cluster(Path(self._state.kubeconfig))

    def aws(self, service: str) -> Any:
        """A boto3 client of the environment's account and region."""
        session = boto3.Session("scenario", "scenario", region_name=self.answers.region)
        return session.client(service, endpoint_url=self._state.aws)  # type: ignore[call-overload]

    def applications(self) -> Sequence[Row]:
        """All Applications but the root."""
        return applications(self.cluster, self.answers.argo_cd)

    def expected(self) -> Sequence[str]:
        """The Applications of apps/, less those that cannot be delivered here."""
        return [name for name in expected(self.folder) if name not in self._state.left_out]

    def push(self) -> Sequence[str]:
        """Push the folder as it is; returns the Applications that look at it."""
        self._changed = True
        return self._platform.push(self.folder)[1]

    def restore(self) -> None:
        """Make the folder as it was, push it if it was changed, and end all faults."""
        httpx.delete(f"{self._state.aws}/kfaws/faults").raise_for_status()
        if self._changed:
            self._copy()
            self._platform.push(self.folder)
            self._changed = False

    def bootstrap(self) -> None:
        """Take the steps of bootstrap/ again."""
        hosts = GitHosts(self._platform.folder / "git", self.answers.repository, self.answers.revision)
        for folder in (ARGO_CD, ROOT):
            apply(self.folder / folder, Path(self._state.kubeconfig), hosts.git)

    def kill(self, program: str) -> None:
        """End a program at once; the platform's keeper starts it again."""
        os.kill(self._state.part(program).pid, signal.SIGKILL)

    def fail_aws(self, kind: str, services: Sequence[str], rate: float, seconds: float) -> None:
        """Let AWS throttle (`throttling`) or fail (`error`) a share of calls for a while."""
        fault = {"kind": kind, "services": list(services), "rate": rate, "seconds": seconds}
        httpx.post(f"{self._state.aws}/kfaws/faults", json=fault).raise_for_status()

    def calls(self, service: str = "", operation: str = "") -> Sequence[Mapping[str, Any]]:
        """The calls that changed something in AWS, oldest first."""
        asked = {"service": service, "operation": operation}
        found: list[Mapping[str, Any]] = httpx.get(f"{self._state.aws}/kfaws/calls", params=asked).json()
        return found

    def logs(self) -> Path:
        """The folder with a log of each program."""
        return self._platform.logs

    def parts(self) -> Sequence[Part]:
        """What was real and what stood in."""
        return embedded_parts()

    def close(self) -> None:
        """End what was started for this target."""
        self._running.close()

    @property
    def _state(self) -> State:
        return self._platform.running

    def _copy(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self._environment, self.folder, symlinks=True, ignore=shutil.ignore_patterns(".git"))
