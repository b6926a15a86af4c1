"""Lists whose entries have keys: server-side apply refuses two entries with the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from kfaws.generator.check.finding import Breach, Rule
from kfaws.generator.check.inventory import Item
from kfaws.generator.check.kinds import containers, pod_specification
from kfaws.generator.check.world import World

DUPLICATE = Rule(
    "duplicate/entry",
    "server-side apply refuses a list with two entries of one key, and the Application never syncs",
    "remove one of them",
)

OF_POD = {"volumes": ("name",), "initContainers": ("name",), "containers": ("name",)}
OF_CONTAINER = {
    "env": ("name",),
    "ports": ("containerPort", "protocol"),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
}
OF_SERVICE = {"ports": ("port", "protocol")}
DEFAULTS = {"protocol": "TCP"}
"""What a key is when it is left out (Kubernetes' `x-kubernetes-list-map-keys` and their defaults)."""


def check(world: World) -> Iterator[Breach]:
    """Pods and Services, where patches add entries to upstream's."""
    for item in world.inventory.items:
        pod = pod_specification(item.manifest)
        if pod is not None:
            yield from _lists(item, pod, OF_POD, "pod")
            for container in containers(pod):
                yield from _lists(item, container, OF_CONTAINER, f"container {container.get('name')}")
        elif (item.key.group, item.key.kind) == ("", "Service"):
            yield from _lists(item, item.manifest.get("spec") or {}, OF_SERVICE, "service")


def _lists(
    item: Item, holder: dict[str, Any], keys: Mapping[str, tuple[str, ...]], where: str
) -> Iterator[Breach]:
    for field, names in keys.items():
        entries = holder.get(field)
        if not isinstance(entries, list):
            continue
        found = Counter(
            tuple(str(entry.get(name, DEFAULTS.get(name))) for name in names) for entry in entries
        )
        for key, times in found.items():
            if times > 1:
                what = f"{where}: {field} has {'/'.join(key)} {times} times"
                yield DUPLICATE.found(item, what, hint=key[0])
