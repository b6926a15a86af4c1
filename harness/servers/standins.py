"""What stands in for parts that cannot be had here: modules of harness/standins, each a process."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kfaws.harness.ports import free_port
from kfaws.harness.process import Command

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


@dataclass(frozen=True)
class Aws:
    """Where the stand-in of AWS answers."""

    account: str
    region: str
    environment: Path
    """The generated repository by whose answers the account is furnished."""
    pod_identity: bool
    """Whether pods get their roles from EKS Pod Identity; otherwise anybody's keys do."""
    databases: Path
    """The folder for the data of RDS's instances."""
    mariadbd: Path | None
    """What serves them; None: they have an endpoint only."""
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        """The endpoint of all services."""
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> Command:
        """moto, with what it lacks."""
        options = {
            "port": str(self.port),
            "account": self.account,
            "region": self.region,
            "environment": str(self.environment),
            "databases": str(self.databases),
            **({"mariadbd": str(self.mariadbd)} if self.mariadbd else {}),
        }
        return _command("aws", options, f"{self.url}/kfaws/readyz")

    def identity(self, namespace: str, account: str) -> dict[str, str]:
        """The environment of a pod of that ServiceAccount: where its role's credentials are."""
        keys = {} if self.pod_identity else dict.fromkeys(KEYS, "anybody")
        place = f"{self._identities}/{namespace}/{account}" if self.pod_identity else ""
        return {
            # A person's own would come first.
            **dict.fromkeys((*KEYS, "AWS_SESSION_TOKEN", "AWS_PROFILE"), ""),
            **keys,
            "AWS_REGION": self.region,
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": place,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def claims(self, kubeconfig: Path) -> Command:
        """The stand-in of ACK's controllers and Crossplane's providers."""
        options = {
            "kubeconfig": str(kubeconfig),
            "aws-endpoint": self.url,
            "region": self.region,
            "account": self.account,
            **({"pod-identity": self._identities} if self.pod_identity else {}),
        }
        return _command("claims", options)

    @property
    def _identities(self) -> str:
        return f"{self.url}/kfaws/pod-identity"


def kubelet(kubeconfig: Path) -> Command:
    """What kwok lacks of kubelet and of storage drivers."""
    return _command("cluster", {"kubeconfig": str(kubeconfig)})


def controllers(kubeconfig: Path) -> Command:
    """The controllers of the cluster that cannot be built here."""
    return _command("controllers", {"kubeconfig": str(kubeconfig), "metrics-port": str(free_port())})


def _command(module: str, options: Mapping[str, str], health: str = "") -> Command:
    words: Sequence[str] = [word for name, value in options.items() for word in (f"--{name}", value)]
    if not health:
        port = free_port()
        words = [*words, "--health-port", str(port)]
        health = f"http://127.0.0.1:{port}/readyz"
    return Command(module, [sys.executable, "-m", f"kfaws.harness.standins.{module}", *words], health)
