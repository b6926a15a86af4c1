"""What kwok lacks of kubelet: pods wait for what they name, claims get volumes (docs/fidelity.md, "Pods")."""

from __future__ import annotations

from pathlib import Path

STAGES = Path(__file__).parent / "stages.yaml"
"""kwok's configuration: a pod turns Ready only once the gate has let it."""
MAY_RUN = "embedded.kubeflow-aws.dev/may-run"
"""The annotation by which the gate lets a pod run; `stages.yaml` asks for it."""
