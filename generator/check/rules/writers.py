"""One writer an object: two that write it would undo each other's work for ever."""

from __future__ import annotations

from collections.abc import Iterator

from kfaws.generator.check.finding import Breach, Rule
from kfaws.generator.check.inventory import Item
from kfaws.generator.check.kinds import Key
from kfaws.generator.check.world import World

TWO_WRITERS = Rule(
    "writer/two-writers",
    "Argo CD and the other writer set the object back in turn, and pruning one deletes it for both",
    "leave the object to one of them",
)
MERGING = frozenset({"Merge", "None"})


def check(world: World) -> Iterator[Breach]:
    """Objects that two Applications, an Application and a claim, or a Secret's controller write."""
    for key, items in world.inventory.several():
        if "${" not in key.name and "${" not in key.namespace and key.name:
            writers = sorted({_writer(item) for item in items})
            what = f"{key} is written by {' and by '.join(writers)}"
            if len(writers) == 1:
                what = f"{key} is written {len(items)} times by {writers[0]}"
            yield TWO_WRITERS.found(items[-1], what)
    for rendered in world.environment.applications:
        name = rendered.application.name
        item = next(i for i in world.inventory.of("argoproj.io", "Application") if i.key.name == name)
        for repeated in rendered.repeated:
            yield TWO_WRITERS.found(
                item, f"Application {name} has {repeated} more than once; the last one wins"
            )
    for target, maker in _secrets(world):
        written = world.inventory.get(*target)
        if written is not None and _filled(written):
            what = f"{target} is written by {_writer(written)} and by {maker.key}"
            yield TWO_WRITERS.found(maker, what, hint=target.name)


def _writer(item: Item) -> str:
    if item.made_by is not None:
        return f"kro for {item.made_by.key}"
    return f"Application {item.application.name}" if item.application else "bootstrap"


def _filled(item: Item) -> bool:
    return any(item.manifest.get(field) for field in ("data", "stringData"))


def _secrets(world: World) -> Iterator[tuple[Key, Item]]:
    """Secrets that External Secrets and cert-manager write."""
    for item in world.inventory.of("external-secrets.io", "ExternalSecret"):
        target = (item.manifest.get("spec") or {}).get("target") or {}
        if target.get("creationPolicy") not in MERGING:
            yield Key("", "Secret", item.key.namespace, target.get("name") or item.key.name), item
    for item in world.inventory.of("cert-manager.io", "Certificate"):
        name = (item.manifest.get("spec") or {}).get("secretName") or ""
        yield Key("", "Secret", item.key.namespace, name), item
