"""Everything that the rules look at: the objects, the schemas, the definitions and the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import yaml

from kfaws.generator.check.by_hand import applied_by_hand
from kfaws.generator.check.definitions import GROUP, KIND, Definition, Resource, definition
from kfaws.generator.check.expansion import Expansion, in_namespace
from kfaws.generator.check.finding import Skipped
from kfaws.generator.check.inventory import Inventory, Item
from kfaws.generator.check.schemas.crds import CRD, CrdFolder, CustomKind, CustomKinds, custom_kind, is_crd
from kfaws.generator.check.schemas.kubernetes import KubernetesSchemas
from kfaws.generator.check.schemas.run_time import crossplane_version, outside_namespaces
from kfaws.generator.check.schemas.store import SchemaStore
from kfaws.generator.errors import KfawsError
from kfaws.generator.model import Application, Object, RenderedEnvironment

T = TypeVar("T")
ANSWERS = ".copier-answers.yml"


def partition_of(region: str) -> str:
    """The partition that a region belongs to."""
    if region.startswith("us-gov-"):
        return "aws-us-gov"
    return "aws-cn" if region.startswith("cn-") else "aws"


@dataclass(frozen=True)
class Child:
    """One object that kro makes of a claim, and the resource of the definition that it comes from."""

    item: Item
    definition: Definition
    resource: Resource
    claim: Item


class World:
    """One environment, indexed."""

    def __init__(
        self,
        environment: RenderedEnvironment,
        crd_folders: Iterable[CrdFolder] = (),
        skipped: Iterable[Skipped] = (),
    ) -> None:
        """Index an environment.

        `crd_folders` hold the CRDs that controllers install themselves; `skipped` says what could not be had.
        """
        self._made: dict[Any, Any] = {}
        self.skipped = [*skipped, *_not_rendered(environment)]
        self.environment = environment
        self.folder: Path = environment.folder
        self.answers = read_answers(environment.folder)
        custom = CustomKinds(crd_folders)
        self.schemas = SchemaStore(KubernetesSchemas(str(self.answers["kubernetes_version"])), custom)
        for crd in _crds(environment):
            custom.add(crd)
        self.inventory = Inventory(self.schemas.namespaced)
        everything = list(_everything(environment))
        self._take_in(entry for entry in everything if entry[0].get("kind") == KIND)
        self.definitions = self._definitions(custom)
        self._take_in(entry for entry in everything if entry[0].get("kind") != KIND)
        self.children = tuple(self._children())

    def _take_in(self, entries: Iterable[tuple[Object, Application | None]]) -> None:
        for manifest, application in entries:
            self.inventory.add(manifest, application)

    def _definitions(self, custom: CustomKinds) -> dict[tuple[str, str], Definition]:
        found = {}
        for item in self.inventory.of(GROUP, KIND):
            declared = definition(item)
            custom.add(declared.custom_kind())
            found[declared.group, declared.kind] = declared
        return found

    def _children(self) -> list[Child]:
        """Children of all claims, and of claims among the children."""
        made: list[Child] = []
        expansion = Expansion(self.definitions, self._external, self._foreseen)
        claims = [i for i in self.inventory.items if (i.key.group, i.key.kind) in self.definitions]
        while claims:
            claim = claims.pop(0)
            declared = self.definitions[claim.key.group, claim.key.kind]
            settled = in_namespace(claim.manifest, claim.key.namespace)
            for resource, manifest in expansion.children(declared, settled):
                item = self.inventory.add(
                    manifest, claim.application, made_by=claim, namespace=claim.key.namespace
                )
                made.append(Child(item, declared, resource, claim))
                if (item.key.group, item.key.kind) in self.definitions:
                    claims.append(item)
        return made

    def _external(self, reference: Object, namespace: str) -> Object | None:
        """The rendered object behind an externalRef."""
        found = self.inventory.get(*self.inventory.key_of(reference, namespace))
        return found.manifest if found else None

    def _foreseen(self, manifest: Object) -> Object:
        """A role's ARN follows from its name, and is all that others ask of it."""
        name = (manifest.get("spec") or {}).get("name")
        if manifest.get("kind") != "Role" or "iam.services.k8s.aws/" not in str(manifest.get("apiVersion")):
            return {}
        if not name or "${" in str(name):
            return {}
        partition = partition_of(str(self.answers.get("aws_region", "")))
        account = self.answers.get("aws_account_id", "")
        return {"ackResourceMetadata": {"arn": f"arn:{partition}:iam::{account}:role/{name}"}}

    def once(self, make: Callable[[World], T]) -> T:
        """What several rules need of this world, made once: an index such as ExistingObjects."""
        if make not in self._made:
            self._made[make] = make(self)
        made: T = self._made[make]
        return made

    @property
    def blind(self) -> bool:
        """True when CRDs may be missing here that the cluster will have."""
        return any(skipped.hides_kinds for skipped in self.skipped)

    def skip(self, phase: str, reason: str) -> None:
        """Note that something could not be checked."""
        entry = Skipped(phase, reason)
        if entry not in self.skipped:
            self.skipped.append(entry)

    @cached_property
    def missing(self) -> dict[str | None, str]:
        """Namespaces where more exists than is known here, with the Application or answer that says so."""
        return outside_namespaces(self.answers) | {
            rendered.application.namespace: rendered.application.name
            for rendered in self.environment.applications
            if rendered.not_rendered and crossplane_version(rendered.application.source) is None
        }

    @cached_property
    def child_of(self) -> dict[Item, Child]:
        """The definition's resource behind an item that kro makes."""
        return {child.item: child for child in self.children}

    def crd_of(self, group: str, kind: str) -> Item | None:
        """The rendered CRD of a kind, or None."""
        return self._crd_items.get((group, kind))

    @cached_property
    def _crd_items(self) -> dict[tuple[str, str], Item]:
        found = {}
        for item in self.inventory.of(*CRD):
            spec = item.manifest.get("spec") or {}
            found[spec.get("group", ""), (spec.get("names") or {}).get("kind", "")] = item
        return found


def _everything(environment: RenderedEnvironment) -> Iterator[tuple[Object, Application | None]]:
    """Every object with its Application; the Applications themselves are applied by hand."""
    for manifest in (*environment.bootstrap, *applied_by_hand(environment.folder)):
        yield manifest, None
    for rendered in environment.applications:
        yield rendered.application.manifest, None
    for rendered, manifest in environment.objects:
        yield manifest, rendered.application


def _not_rendered(environment: RenderedEnvironment) -> Iterable[Skipped]:
    for rendered in environment.applications:
        if rendered.not_rendered:
            phase = f"objects of Application {rendered.application.name}"
            # Crossplane's CRDs are had by themselves.
            hides_kinds = crossplane_version(rendered.application.source) is None
            yield Skipped(phase, rendered.not_rendered, hides_kinds=hides_kinds)


def _crds(environment: RenderedEnvironment) -> Iterable[CustomKind]:
    inventory = Inventory(lambda group, kind: True)
    objects = [*environment.bootstrap, *(manifest for _, manifest in environment.objects)]
    for manifest in objects:
        if is_crd(inventory.key_of(manifest, "")) and "spec" in manifest:
            yield custom_kind(manifest, "a rendered CustomResourceDefinition")


def read_answers(folder: Path) -> dict[str, Any]:
    """The answers of a generated repository."""
    file = folder / ANSWERS
    if not file.is_file():
        raise KfawsError(f"{folder} has no {ANSWERS}: give the folder of a generated repository")
    answers = yaml.safe_load(file.read_text(encoding="utf-8"))
    if not isinstance(answers, dict) or "kubernetes_version" not in answers:
        raise KfawsError(f"{file} names no kubernetes_version: run `copier update` in {folder}")
    return answers
