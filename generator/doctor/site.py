"""Where doctor looks: the answers, the AWS account and the cluster."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import boto3
import yaml
from botocore.config import Config
from botocore.exceptions import ClientError

from kfaws.generator.doctor.kubectl import Kubectl
from kfaws.generator.errors import KfawsError

ANSWERS_FILE = ".copier-answers.yml"
CLIENT_CONFIG = Config(
    connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3}
)


class Answers(Mapping[str, Any]):
    """The answers of a generated repository. Copier records only those that were asked, so a missing key
    means that the environment does not have the thing."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)

    @classmethod
    def read(cls, folder: Path) -> Answers:
        """Read the answers of the repository in `folder`; raises KfawsError when it is none."""
        file = folder / ANSWERS_FILE
        try:
            values = yaml.safe_load(file.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise KfawsError(
                f"{folder} has no {ANSWERS_FILE}: give the folder of a generated repository"
            ) from error
        except yaml.YAMLError as error:
            raise KfawsError(f"{file} is not YAML: restore it with `git checkout {ANSWERS_FILE}`") from error
        if not isinstance(values, dict) or "aws_region" not in values:
            raise KfawsError(f"{file} holds no answers: restore it with `git checkout {ANSWERS_FILE}`")
        return cls(values)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def creates(self, question: str) -> bool:
        """Say whether a `create or external` question was answered with create."""
        return self.get(question) == "create"

    def external(self, question: str) -> bool:
        """Say whether a `create or external` question was answered with external."""
        return self.get(question) == "external"

    @property
    def uses_aws(self) -> bool:
        """Whether pods of the environment call AWS at all."""
        return "credentials" in self

    @property
    def has_endpoint(self) -> bool:
        """Whether the dashboard is published through an ALB."""
        return "alb_name" in self


class Account:
    """The AWS account, as the user's credentials reach it."""

    def __init__(self, session: boto3.Session, region: str) -> None:
        self.session = session
        self.region = region
        self._clients: dict[tuple[str, str], Any] = {}
        self._making = Lock()

    def client(self, service: str, region: str | None = None) -> Any:
        """Return the boto3 client of `service`, by default in the environment's region."""
        key = (service, region or self.region)
        make: Callable[..., Any] = self.session.client
        with self._making:  # Sessions, unlike clients, are not made for several threads.
            if key not in self._clients:
                self._clients[key] = make(key[0], region_name=key[1], config=CLIENT_CONFIG)
        return self._clients[key]

    def pages(self, service: str, operation: str, key: str, **parameters: Any) -> list[Any]:
        """Return the whole list under `key` of a paged operation."""
        paginator = self.client(service).get_paginator(operation)
        return [item for page in paginator.paginate(**parameters) for item in page[key]]


class Site:
    """Everything that a check may look at."""

    def __init__(
        self,
        folder: Path,
        account: Account,
        kubectl: Kubectl,
        resolver: tuple[str, int] | None = None,
    ) -> None:
        """`resolver` is the address and port of the name server to ask; by default the system's."""
        self.folder = folder
        self.answers = Answers.read(folder)
        self.account = account
        self.kubectl = kubectl
        self.resolver = resolver

    @property
    def region(self) -> str:
        """The environment's region."""
        return self.account.region

    @cached_property
    def cluster(self) -> dict[str, Any] | None:
        """The cluster as EKS describes it; None when there is none of that name."""
        try:
            found = self.account.client("eks").describe_cluster(name=self.answers["cluster_name"])
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return None
            raise
        description: dict[str, Any] = found["cluster"]
        return description

    def aws(self, *arguments: str) -> str:
        """Return an AWS CLI command in the environment's region, to be copied."""
        return shlex.join(["aws", *arguments, "--region", self.region])


def answer(question: str, value: str) -> str:
    """Return the command that changes one answer of a generated repository."""
    return f"copier update --defaults --data {shlex.quote(f'{question}={value}')}"


def code_of(error: ClientError) -> str:
    """Return the error code of a refused call."""
    return str(error.response.get("Error", {}).get("Code", ""))
