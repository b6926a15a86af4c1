"""What steps know of an environment, wherever it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from kfaws.generator.errors import KfawsError
from kfaws.harness.answers import Answers
from kfaws.harness.applications import Row
from kfaws.harness.kube import Cluster
from kfaws.harness.parts import Part


class UnsupportedError(KfawsError):
    """This target cannot do that: the scenario belongs to another one."""


class Target(Protocol):
    """An environment in a cluster and an account."""

    @property
    def name(self) -> str:
        """`embedded` or `live`."""

    @property
    def answers(self) -> Answers:
        """What the environment was generated from."""

    @property
    def folder(self) -> Path:
        """A copy of the repository that a scenario may change; `push` delivers it."""

    @property
    def cluster(self) -> Cluster:
        """The API server, as an administrator."""

    def aws(self, service: str) -> Any:
        """A boto3 client of the environment's account and region."""

    def applications(self) -> Sequence[Row]:
        """All Applications but the root."""

    def expected(self) -> Sequence[str]:
        """The names of the Applications that should be there: those in git that can be delivered here."""

    def push(self) -> Sequence[str]:
        """Push the folder as it is; returns the Applications that look at it. UnsupportedError on `live`."""

    def restore(self) -> None:
        """Make the folder as it was, and push it if it was changed."""

    def bootstrap(self) -> None:
        """Take the steps of bootstrap/ (again). UnsupportedError on `live`."""

    def kill(self, program: str) -> None:
        """End a program of the platform at once; it comes back. UnsupportedError on `live`."""

    def fail_aws(self, kind: str, services: Sequence[str], rate: float, seconds: float) -> None:
        """Let AWS throttle (`throttling`) or fail (`error`) for a while. UnsupportedError on `live`."""

    def calls(self, service: str = "", operation: str = "") -> Sequence[Mapping[str, Any]]:
        """The calls that changed something in AWS, oldest first. UnsupportedError on `live`."""

    def logs(self) -> Path:
        """The folder with a log of each program that was started for it."""

    def close(self) -> None:
        """End what was started for this target."""

    def parts(self) -> Sequence[Part]:
        """What was real and what stood in."""
