"""Real Argo CD on a real control plane delivers the walkthrough's environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from kfaws.generator.errors import KfawsError
from kfaws.generator.progress import silent
from kfaws.harness.kube import Cluster, Kind
from kfaws.harness.polling import Done, Failed, Pending, eventually
from kfaws.harness.stack import Stack
from kfaws.harness.tools import Programs

APPLICATIONS = Kind("argoproj.io/v1alpha1", "Application")
NAMESPACES = Kind("v1", "Namespace")

pytestmark = pytest.mark.xdist_group("stack")


def healthy(cluster: Cluster, name: str) -> Done[None] | Pending | Failed:
    """Whether an Application is Synced and Healthy."""
    found = cluster.get(APPLICATIONS, name, "argocd")
    status = (found or {}).get("status", {})
    seen = [status.get(part, {}).get("status") for part in ("sync", "health")]
    words = [condition["message"] for condition in status.get("conditions", [])]
    return Done(None) if seen == ["Synced", "Healthy"] else Pending(f"{seen} {words}")


@pytest.mark.parametrize("application", ["namespaces", "kubeflow-namespace", "environment", "ack-iam"])
def test_applications_of_the_first_waves_are_delivered(stack: Stack, application: str) -> None:
    cluster = stack.cluster
    if application == "ack-iam":
        # Its controller is a pod, and pods do not run here: the wave after it has to wait.
        eventually("its wave", lambda: _is_there(cluster, application), 120)
        assert not isinstance(healthy(cluster, application), Done)
        assert cluster.get(APPLICATIONS, "definitions", "argocd") is None
    else:
        eventually(f"{application} is healthy", lambda: healthy(cluster, application), 120)


def _is_there(cluster: Cluster, name: str) -> Done[None] | Pending | Failed:
    return Done(None) if cluster.get(APPLICATIONS, name, "argocd") else Pending("no such Application")


def test_drift_in_the_cluster_is_healed(stack: Stack) -> None:
    cluster = stack.cluster
    eventually("namespaces are there", lambda: healthy(cluster, "namespaces"), 120)
    changed = cluster.get(NAMESPACES, "kubeflow-claims") or {}
    labels = changed["metadata"]["labels"]
    label = next(name for name in labels if name.startswith("pod-security.kubernetes.io/"))

    cluster.patch(changed, {"metadata": {"labels": {label: "privileged"}}})

    def look() -> Done[None] | Pending | Failed:
        found = (cluster.get(NAMESPACES, "kubeflow-claims") or {})["metadata"]["labels"][label]
        return Done(None) if found == labels[label] else Pending(f"{label}: {found}")

    eventually("the label is back", look, 60)


def test_a_folder_that_is_no_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KfawsError, match="is no generated repository"):
        Stack(tmp_path, tmp_path / "platform", Programs(silent()), silent())
