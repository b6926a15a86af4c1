"""An environment in AWS, or wherever the current kubeconfig and AWS's usual settings point."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from kubernetes.config import ConfigException

from kfaws.generator.errors import KfawsError
from kfaws.harness.answers import Answers
from kfaws.harness.applications import Row, applications
from kfaws.harness.kube import Cluster, ClusterError
from kfaws.harness.parts import Part
from kfaws.harness.platform.watching import expected
from kfaws.harness.targets.target import UnsupportedError


class LiveTarget:
    """Looks, and changes nothing in git: a live environment is delivered by its own repository."""

    name = "live"

    def __init__(self, environment: Path) -> None:
        environment = environment.resolve()
        self._work = tempfile.TemporaryDirectory(prefix="kfaws-")
        self.folder = Path(self._work.name) / environment.name
        shutil.copytree(environment, self.folder, symlinks=True, ignore=shutil.ignore_patterns(".git"))

    @cached_property
    def answers(self) -> Answers:
        """What the environment was generated from."""
        return Answers.of(self.folder)

    @cached_property
    def cluster(self) -> Cluster:
        """The API server of the current kubeconfig."""
        # As kubectl has it: several files may make one configuration.
        named = os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
        try:
            return Cluster(Path(named))
        except (ConfigException, ClusterError) as error:
            raise KfawsError(f"no cluster of kubeconfig {named}: {error}") from error

    def aws(self, service: str) -> Any:
        """A boto3 client with AWS's usual chain of credentials, and AWS_ENDPOINT_URL where it is set."""
        return boto3.Session(region_name=self.answers.region).client(service)  # type: ignore[call-overload]

    def applications(self) -> Sequence[Row]:
        """All Applications but the root."""
        return applications(self.cluster, self.answers.argo_cd)

    def expected(self) -> Sequence[str]:
        """The Applications of apps/."""
        return expected(self.folder)

    def push(self) -> Sequence[str]:
        """Refused: it is not ours to push to a live repository."""
        raise UnsupportedError("a live repository is not changed by a scenario: tag it @embedded")

    def restore(self) -> None:
        """Nothing was changed."""

    def bootstrap(self) -> None:
        """Refused: it is a person's act."""
        raise UnsupportedError("a live cluster is bootstrapped by hand: tag the scenario @embedded")

    def kill(self, program: str) -> None:
        """Refused."""
        raise UnsupportedError(f"{program} of a live cluster is not ended by a scenario: tag it @embedded")

    def fail_aws(self, kind: str, services: Sequence[str], rate: float, seconds: float) -> None:
        """Refused."""
        raise UnsupportedError("AWS cannot be told to fail: tag the scenario @embedded")

    def calls(self, service: str = "", operation: str = "") -> Sequence[Mapping[str, Any]]:
        """Refused: only the stand-in of AWS keeps a record that can be asked."""
        raise UnsupportedError("AWS keeps its record in CloudTrail: tag the scenario @embedded")

    def logs(self) -> Path:
        """A folder without logs: a live cluster keeps its own."""
        return Path(self._work.name)

    def parts(self) -> Sequence[Part]:
        """All of it is real, but what answers in the place of AWS."""
        endpoint = os.environ.get("AWS_ENDPOINT_URL")
        aws = (
            Part("aws", False, f"whatever answers at {endpoint}")
            if endpoint
            else Part("aws", True, self.answers.region)
        )
        return [Part("cluster", True, "of the current kubeconfig"), aws]

    def close(self) -> None:
        """Take the copy away."""
        self._work.cleanup()
