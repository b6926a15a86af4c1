"""Which CRDs an environment needs that no Application of it brings, and where they come from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kfaws.generator.check.kinds import Type, type_of
from kfaws.generator.check.schemas.crds import CrdFolder
from kfaws.generator.check.schemas.run_time import Resolver, crd_folders
from kfaws.generator.check.world import World, read_answers
from kfaws.generator.model import Object, RenderedEnvironment
from kfaws.harness.crds.derived import GroupKind, derivable, derived_crds
from kfaws.harness.crds.stubs import stub_crd, stubs


@dataclass(frozen=True)
class Needed:
    """CRDs for whoever starts the cluster to apply before any Application."""

    own: tuple[Object, ...]
    """What a controller installs when it starts, as its own project has it."""
    derived: tuple[Object, ...]
    """Made here, because their projects cannot be reached."""
    stubs: tuple[Object, ...]
    """Without a schema, so that definitions are accepted that make such objects; nothing acts on those."""
    missing: tuple[GroupKind, ...]
    """Kinds that nothing here can give: objects of them cannot be applied."""


def needed_crds(environment: RenderedEnvironment, resolver: Resolver) -> Needed:
    """Look at all objects of an environment, and at all that its definitions make.

    What `resolver` cannot give is derived where it can be; network errors are not errors here.
    """
    folders, _ = crd_folders(environment, read_answers(environment.folder), resolver)
    brought = World(environment)
    own, wanted = _from_folders(_missing(brought), folders)
    return Needed(
        own=tuple(own),
        derived=tuple(derived_crds(pair for pair in wanted if derivable(*pair))),
        stubs=tuple(stub_crd(*pair) for pair in wanted if pair in stubs()),
        missing=tuple(pair for pair in wanted if not derivable(*pair) and pair not in stubs()),
    )


def _missing(world: World) -> list[GroupKind]:
    """Kinds in use that neither Kubernetes nor a CRD of the environment nor a definition has."""
    used: set[Type] = {item.type for item in world.inventory.items}
    for declared in world.definitions.values():
        used |= {type_of(resource.manifest) for resource in declared.resources}
    return sorted({(kind.group, kind.kind) for kind in used if world.schemas.schema(kind) is None})


def _from_folders(
    wanted: Iterable[GroupKind], folders: list[CrdFolder]
) -> tuple[list[Object], list[GroupKind]]:
    found, rest = [], []
    for group, kind in wanted:
        crd = next((crd for folder in folders if (crd := folder.crd(group, kind))), None)
        if crd is None:
            rest.append((group, kind))
        else:
            found.append(crd)
    return found, rest
