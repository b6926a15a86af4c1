"""The embedded platform for tests: its programs where somebody built them, one running stack for all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kfaws.generator.answers import read_answers
from kfaws.generator.progress import silent
from kfaws.generator.scaffold import Request, Source, copy
from kfaws.generator.upstream.mirror import Mirror
from kfaws.harness.stack import PROGRAMS, Stack
from kfaws.harness.tools import Programs

NODES_ONLY = """
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata:
  name: node-ready
spec:
  resourceRef:
    apiGroup: v1
    kind: Node
  selector:
    matchExpressions:
      - key: '.status.conditions.[] | select( .type == "Ready" ) | .status'
        operator: NotIn
        values: ["True"]
  next:
    statusTemplate: |
      conditions:
      {{ range NodeConditions }}
      - lastHeartbeatTime: {{ Now | Quote }}
        lastTransitionTime: {{ Now | Quote }}
        message: {{ .message | Quote }}
        reason: {{ .reason | Quote }}
        status: {{ .status | Quote }}
        type: {{ .type | Quote }}
      {{ end }}
"""
"""Nodes turn Ready and pods never do: what is Healthy then has no pods."""


@pytest.fixture(scope="session")
def programs() -> Programs:
    """All that a stack needs; a test that needs it is skipped where they are not built."""
    found = Programs(silent())
    missing = [name for name in PROGRAMS if found.find(name) is None]
    if missing:
        pytest.skip(f"not built: {', '.join(missing)} (run `kfaws tools`)")
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is missing (on Debian: apt-get install redis-server)")
    return found


@pytest.fixture(scope="session")
def stack(
    programs: Programs,
    mirror: Mirror,
    template: Path,
    walkthrough: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    """The walkthrough's environment, bootstrapped; no pod becomes ready in it."""
    folder = tmp_path_factory.mktemp("stack")
    copy(Request(Source(str(template)), folder / "environment", read_answers(walkthrough)))
    stages = folder / "stages.yaml"
    stages.write_text(NODES_ONLY)
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}}
    with Stack(folder / "environment", folder / "platform", programs, silent()) as running:
        running.start(stages, [node], mirror)
        running.bootstrap()
        yield running
