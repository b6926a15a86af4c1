"""The two steps by which a person puts an environment into a cluster."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from kfaws.generator.programs import kubectl
from kfaws.generator.run import run

ARGO_CD, ROOT = Path("bootstrap/argocd"), Path("bootstrap/root")


def apply(folder: Path, kubeconfig: Path, git: Mapping[str, str]) -> None:
    """`kubectl apply` of one of the folders; `git` says where kubectl finds upstream's repositories."""
    environment = {**os.environ, **git, "KUBECONFIG": str(kubeconfig)}
    command: list[str | Path] = [kubectl().path, "apply", "--server-side", "--force-conflicts", "-k"]
    run([*command, folder], env=environment)
