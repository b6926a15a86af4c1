"""Two rendered environments to the objects that were added, removed or changed."""

from __future__ import annotations

from dataclasses import dataclass

from kfaws.generator.check.inventory import Item
from kfaws.generator.check.kinds import Key
from kfaws.generator.check.world import World
from kfaws.generator.diff.fields import Change, changes


@dataclass(frozen=True)
class Difference:
    """One object that is not the same on both sides."""

    key: Key
    old: Item | None
    """None for an object that is new."""
    new: Item | None
    """None for an object that is gone."""
    fields: tuple[Change, ...] = ()

    @property
    def application(self) -> str:
        """The Application that applies the object, on the new side where it has one."""
        item = self.new or self.old
        return item.application.name if item and item.application else "bootstrap"


def differences(old: World, new: World) -> list[Difference]:
    """Every object that differs, rendered ones and those that kro makes of claims, in the order of the waves.

    An Application that could not be rendered on one side is left out on both.
    """
    unknown = {
        rendered.application.name
        for world in (old, new)
        for rendered in world.environment.applications
        if rendered.not_rendered
    }
    before, after = (_by_key(world, unknown) for world in (old, new))
    found = []
    for key in dict.fromkeys([*after, *before]):
        was, now = before.get(key), after.get(key)
        if was is None or now is None:
            found.append(Difference(key, was, now))
        elif fields := tuple(changes(was.manifest, now.manifest)):
            found.append(Difference(key, was, now, fields))
    return sorted(found, key=lambda difference: (_wave(difference), difference.key))


def _by_key(world: World, left_out: set[str]) -> dict[Key, Item]:
    """Items by key; of two alike the last, which is the one that Argo CD applies."""
    items = world.inventory.items
    return {item.key: item for item in items if not item.application or item.application.name not in left_out}


def _wave(difference: Difference) -> tuple[int, int, int]:
    item = difference.new or difference.old
    return item.wave if item else (0, 0, 0)
