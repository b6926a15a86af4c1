"""Argo CD: its repo-server, its application-controller, and the Redis between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe

from kfaws.generator.model import Object
from kfaws.harness.ports import free_port
from kfaws.harness.process import RARE_COLLECTION, Command, accepts

PROGRAMS = ("argocd-repo-server", "argocd-application-controller", "kustomize")
VERIFY = """#!/bin/sh
# Argo CD calls this for the signature of a commit; its own refuses where no key is configured.
exit 0
"""


@dataclass(frozen=True)
class ArgoCd:
    """Where Argo CD's servers meet, and what their pods would have been told."""

    folder: Path
    checkouts: Path
    """Where repositories are checked out: some of them again and again."""
    password: str = field(default_factory=token_urlsafe)
    """Redis's, which Argo CD's own initialising container would have made."""
    redis: int = field(default_factory=free_port)
    repo_server: int = field(default_factory=free_port)

    def prepare(self, kustomize: Path, helm: Path) -> None:
        """Make the folders that an image has, and the programs that the repo-server calls by name."""
        for name in ("tls", "ssh", "gpg", "bin"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.checkouts.mkdir(parents=True, exist_ok=True)
        for name, program in (("kustomize", kustomize), ("helm", helm)):
            link = self.folder / "bin" / name
            link.unlink(missing_ok=True)
            link.symlink_to(program)
        script = self.folder / "bin" / "git-verify-wrapper.sh"
        script.write_text(VERIFY)
        script.chmod(0o755)

    def trust(self, host: str, certificate: bytes) -> None:
        """Take that certificate (PEM) for the host of repositories."""
        (self.folder / "tls" / host).write_bytes(certificate)

    def redis_secret(self, namespace: str) -> Object:
        """The Secret from which Argo CD's programs read Redis's password."""
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "argocd-redis", "namespace": namespace},
            "stringData": {"auth": self.password},
        }

    def redis_server(self, program: Path) -> Command:
        """Redis, in memory only; the password stands in no argument that others could read."""
        file = self.folder / "redis.conf"
        file.touch(mode=0o600)
        settings = ["bind 127.0.0.1", f"port {self.redis}", 'save ""', f"requirepass {self.password}"]
        file.write_text("\n".join(settings) + "\n")
        return Command("redis", [program, file], lambda: accepts(self.redis))

    def repository_server(
        self, program: Path, path: str, git: Mapping[str, str], told: Mapping[str, str]
    ) -> Command:
        """The repo-server: `git` says where repositories are, `told` is its container's environment."""
        metrics = free_port()
        arguments = [
            "--address=127.0.0.1",
            f"--port={self.repo_server}",
            "--metrics-address=127.0.0.1",
            f"--metrics-port={metrics}",
            "--disable-tls",
            "--client-ca-path=",
            f"--redis=127.0.0.1:{self.redis}",
        ]
        environment = {
            **told,
            **git,
            "PATH": f"{self.folder / 'bin'}:{path}",
            "TMPDIR": str(self.checkouts),
            "HOME": str(self.folder),
            "ARGOCD_TLS_DATA_PATH": str(self.folder / "tls"),
            "ARGOCD_SSH_DATA_PATH": str(self.folder / "ssh"),
            "ARGOCD_GNUPGHOME": str(self.folder / "gpg"),
            "ARGOCD_GPG_ENABLED": "false",
            # For it and for each kustomize that it starts: a build is done before it would have to collect.
            "GOGC": "off",
            "GOMEMLIMIT": "400MiB",
        }
        health = f"http://127.0.0.1:{metrics}/healthz"
        return Command("argocd-repo-server", [program, *arguments], health, environment)

    def application_controller(
        self, program: Path, kubeconfig: Path, namespace: str, told: Mapping[str, str]
    ) -> Command:
        """The application-controller: `https://kubernetes.default.svc` is the kubeconfig's cluster to it."""
        metrics = free_port()
        arguments = [
            f"--kubeconfig={kubeconfig}",
            f"--namespace={namespace}",
            f"--metrics-port={metrics}",
            f"--redis=127.0.0.1:{self.redis}",
            f"--repo-server=127.0.0.1:{self.repo_server}",
            "--repo-server-plaintext",
        ]
        environment = {
            **told,
            "KUBECONFIG": str(kubeconfig),
            "ARGOCD_FAKE_IN_CLUSTER": "true",
            # The API server is ours alone: with Argo CD's own limit each new CRD costs a second.
            "ARGOCD_K8S_CLIENT_QPS": "2000",
            # Seconds that Argo CD waits after each wave for controllers to notice: here they are quicker.
            "ARGOCD_SYNC_WAVE_DELAY": "0",
            # Nanoseconds: an Application's first change is looked at soon, the hundreds that follow together.
            "WORKQUEUE_BASE_DELAY_NS": "20000000",
            "WORKQUEUE_BACKOFF_FACTOR": "2",
            "WORKQUEUE_MAX_DELAY_NS": "600000000",
            "WORKQUEUE_FAILURE_COOLDOWN_NS": "1000000000",
            **RARE_COLLECTION,
        }
        health = f"http://127.0.0.1:{metrics}/healthz"
        return Command("argocd-application-controller", [program, *arguments], health, environment)
