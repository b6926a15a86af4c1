"""A pod for tests of the gate."""

from __future__ import annotations

from typing import Any

from kfaws.generator.model import Object


def pod(
    *volumes: Object, init: list[Object] | None = None, metadata: Object | None = None, **container: Any
) -> Object:
    """A pod `web-0` of namespace `team` with the container `main`, of which the fields are given."""
    spec: Object = {
        "serviceAccountName": "runner",
        "volumes": [{"name": f"volume-{number}", **volume} for number, volume in enumerate(volumes)],
        "containers": [{"name": "main", "image": "example.com/web:1", **container}],
    }
    if init:
        spec["initContainers"] = init
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web-0", "namespace": "team", **(metadata or {})},
        "spec": spec,
    }
