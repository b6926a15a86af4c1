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
from botocore.config import Config

from kfaws.harness.answers import Answers
from kfaws.harness.applications import Row, applications
from kfaws.harness.bootstrap import ARGO_CD, ROOT, apply
from kfaws.harness.kube import Cluster, ClusterError, Kind
from kfaws.harness.parts import Part, embedded_parts
from kfaws.harness.platform.starting import started
from kfaws.harness.platform.state import FAILED, Platform, State
from kfaws.harness.platform.watching import expected
from kfaws.harness.polling import Done, Pending, eventually
from kfaws.harness.servers.git_hosts import GitHosts
from kfaws.harness.targets.own import own_platform

NAMESPACE = Kind("v1", "Namespace")
ANSWERS_WITHIN = 60.0
"""Seconds for a program to be back, where a scenario ended it."""


class EmbeddedTarget:
    """The platform that `kfaws up` has running for the folder, or one of our own until `close`."""

    name = "embedded"

    def __init__(self, environment: Path, components: Mapping[str, Path]) -> None:
        """Start what is not up yet; the folder itself is never changed."""
        self._running = ExitStack()
        self._environment = environment.resolve()
        self._components = components
        work = Path(self._running.enter_context(tempfile.TemporaryDirectory(prefix="kfaws-")))
        self.folder = work / self._environment.name
        self._changed = False
        try:
            self._copy()
            self._platform = self._found_or_own(work / "platform", components)
        except BaseException:
            # Ctrl-C too: a platform outlives whoever does not end it.
            self.close()
            raise

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
        # While AWS is made to fail, whoever only looks goes on looking.
        patient = Config(retries={"mode": "standard", "max_attempts": 10})
        return session.client(service, endpoint_url=self._state.aws, config=patient)  # type: ignore[call-overload]

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
        self._copy()
        if self._changed:
            eventually("the API server answers", self._look_at_cluster, ANSWERS_WITHIN)
            self._platform.push(self.folder)
            self._changed = False
        eventually("AWS's stand-in forgets its faults", self._end_faults, ANSWERS_WITHIN)

    def bootstrap(self) -> None:
        """Take the steps of bootstrap/ again."""
        hosts = GitHosts(self._platform.folder / "git", self.answers.repository, self.answers.revision)
        for folder in (ARGO_CD, ROOT):
            apply(self.folder / folder, Path(self._state.kubeconfig), hosts.git)

    def kill(self, program: str) -> None:
        """End a program at once; the platform's keeper starts it again."""
        eventually(f"{program} runs", lambda: self._kill(program), ANSWERS_WITHIN)

    def fail_aws(self, kind: str, services: Sequence[str], rate: float, seconds: float) -> None:
        """Let AWS throttle (`throttling`) or fail (`error`) a share of calls for a while."""
        fault = {"kind": kind, "services": list(services), "rate": rate, "seconds": seconds}
        httpx.post(f"{self._state.aws}/kfaws/faults", json=fault, timeout=ANSWERS_WITHIN).raise_for_status()

    def calls(self, service: str = "", operation: str = "") -> Sequence[Mapping[str, Any]]:
        """The calls that changed something in AWS, oldest first."""
        asked = {"service": service, "operation": operation}
        answer = httpx.get(f"{self._state.aws}/kfaws/calls", params=asked, timeout=ANSWERS_WITHIN)
        found: list[Mapping[str, Any]] = answer.raise_for_status().json()
        return found

    def logs(self) -> Path:
        """The folder with a log of each program."""
        return self._platform.logs

    def parts(self) -> Sequence[Part]:
        """What was real and what stood in."""
        return embedded_parts(self._components)

    def close(self) -> None:
        """End what was started for this target."""
        self._running.close()

    @property
    def _state(self) -> State:
        return self._platform.running

    def _copy(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self._environment, self.folder, symlinks=True, ignore=shutil.ignore_patterns(".git"))

    def _found_or_own(self, folder: Path, components: Mapping[str, Path]) -> Platform:
        platform = Platform.of(self._environment)
        if not is_up(self._environment):
            return self._running.enter_context(own_platform(self._environment, folder, components))
        started(platform, components)
        # What is tested is the folder as it is: it may have changed since `kfaws up`.
        platform.push(self.folder)
        return platform

    def _kill(self, program: str) -> Done[None] | Pending:
        try:
            os.kill(self._state.part(program).pid, signal.SIGKILL)
        except ProcessLookupError:
            # It ended, and its keeper has not written down yet which process came after it.
            return Pending("it has just ended")
        return Done(None)

    def _look_at_cluster(self) -> Done[None] | Pending:
        try:
            self.cluster.get(NAMESPACE, "default")
        except ClusterError as error:
            return Pending(str(error))
        return Done(None)

    def _end_faults(self) -> Done[None] | Pending:
        try:
            httpx.delete(f"{self._state.aws}/kfaws/faults").raise_for_status()
        except httpx.HTTPError as error:
            return Pending(str(error) or type(error).__name__)
        return Done(None)


def is_up(environment: Path) -> bool:
    """Whether `kfaws up` has a platform for that folder, or has begun to."""
    state = Platform.of(environment).state
    return state is not None and state.phase != FAILED
