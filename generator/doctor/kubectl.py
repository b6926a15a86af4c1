"""The cluster, as the user's kubeconfig reaches it: read-only, through kubectl."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kfaws.generator.run import ProgramError, run

TIMEOUT = "10s"
"""How long the API server may take to answer."""


@dataclass(frozen=True)
class Kubectl:
    """A kubectl program and the context that it uses (None: the kubeconfig's current one)."""

    program: Path
    context: str | None = None

    def get(self, path: str) -> dict[str, Any] | None:
        """Return the JSON at a path of the API server, or None when the server has no such thing.

        Raises ProgramError when the server cannot be reached or refuses.
        """
        try:
            answer = run([*self._command(), "get", "--raw", path])
        except ProgramError as error:
            if "could not find the requested resource" in error.output or "(NotFound)" in error.output:
                return None
            raise
        document: dict[str, Any] = json.loads(answer.stdout)
        return document

    def server(self) -> str | None:
        """Return the API server's URL in the kubeconfig, or None when no context is set."""
        try:
            shown = run([*self._command(), "config", "view", "--minify", "--output", "json"])
        except ProgramError:
            return None
        clusters = json.loads(shown.stdout).get("clusters") or []
        return str(clusters[0]["cluster"]["server"]) if clusters else None

    def may_do_everything(self) -> bool:
        """Say whether the user may do everything in the cluster, as bootstrap needs."""
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {"group": "*", "resource": "*", "verb": "*"}},
        }
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        answer = run(
            [*self._command(), "create", "--raw", path, "--filename", "-"], stdin=json.dumps(review).encode()
        )
        return bool(json.loads(answer.stdout).get("status", {}).get("allowed"))

    def _command(self) -> list[str | Path]:
        context = ["--context", self.context] if self.context else []
        return [self.program, *context, "--request-timeout", TIMEOUT]
