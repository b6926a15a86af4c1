"""References that dangle: what an object names must exist, with the key or port that it names."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from kfaws.generator.check.cel.references import ANY_ELEMENT, references
from kfaws.generator.check.cel.template import strings
from kfaws.generator.check.definitions import Definition, Resource
from kfaws.generator.check.finding import Breach, Rule
from kfaws.generator.check.inventory import Item
from kfaws.generator.check.kinds import Key, type_of
from kfaws.generator.check.references.existing import Existing, ExistingObjects
from kfaws.generator.check.references.needed import Needed
from kfaws.generator.check.references.objects import of_item
from kfaws.generator.check.references.remote import RemoteSecrets, reads
from kfaws.generator.check.rules.definition import parsed
from kfaws.generator.check.world import World

DANGLING = Rule(
    "reference/missing-object",
    "what names an object that never exists waits for it for ever, or fails at the first use",
    "correct the name or namespace, or add what makes the object",
)
MISSING_KEY = Rule(
    "reference/missing-key",
    "a pod that reads a key which is not there does not start",
    "correct the key, or add it",
)
MISSING_PORT = Rule(
    "reference/missing-port",
    "traffic to a port that the Service does not have is refused",
    "use a port that the Service declares",
)
MISSING_NAMESPACE = Rule(
    "reference/missing-namespace",
    "an object in a namespace that nobody makes is refused",
    "make the namespace in platform/namespaces, or correct its name",
)
UNKNOWN_REMOTE = Rule(
    "reference/unknown-remote-secret",
    "an ExternalSecret of a secret that nobody writes never becomes ready, and its users never start",
    "correct the name, add what writes it, or say in the README how it is made",
)
MISSING_PROPERTY = Rule(
    "reference/missing-property",
    "External Secrets cannot find the property, and the Secret is never made",
    "read a property that the secret is written with",
)
HARMLESS: dict[Key, str] = {
    Key("", "ServiceAccount", "kubeflow", "jupyter-notebook"): (
        "upstream still binds a role to it and no longer makes it; nobody gets the rights"
    ),
}
"""What upstream names without making it, and why nothing waits for it."""
FROM_THE_START = frozenset({"default", "kube-system", "kube-public", "kube-node-lease"})


def check(world: World) -> Iterator[Breach]:
    """References of every object, and of definitions to what they take as given."""
    existing = world.once(ExistingObjects)
    for item in world.inventory.items:
        for needed in of_item(item):
            yield from _needed(existing, item, needed)
        yield from _namespace(existing, item)
    for item in world.inventory.of("external-secrets.io", "ExternalSecret"):
        yield from _remote(world.once(RemoteSecrets), item)
    for declared in world.definitions.values():
        for resource in declared.resources:
            if resource.external:
                yield from _external(world, existing, declared, resource)


def _needed(existing: ExistingObjects, item: Item, needed: Needed) -> Iterator[Breach]:
    key = needed.key
    if any("${" in part for part in (*key, needed.data_key or "")) or not key.name:
        return
    found = existing.find(key)
    if not found and key in HARMLESS:
        return
    if not found:
        yield DANGLING.found(item, f"{needed.where} names {key}, {_hint(existing, key)}", hint=key.name)
    elif needed.data_key and not any(_has_key(entry, needed.data_key) for entry in found):
        keys = sorted({name for entry in found for name in entry.data or ()})
        what = f"{needed.where} reads key {needed.data_key} of {key}, which has {', '.join(keys) or 'none'}"
        yield MISSING_KEY.found(item, what, hint=needed.data_key)
    elif needed.port is not None and not any(_has_port(entry, needed.port) for entry in found):
        yield MISSING_PORT.found(
            item, f"{needed.where} names port {needed.port} of {key}, which does not have it", hint=key.name
        )


def _hint(existing: ExistingObjects, key: Key) -> str:
    elsewhere = existing.namespaces_of(key)
    if elsewhere:
        return f"which exists only in {', '.join(elsewhere)}"
    close = difflib.get_close_matches(key.name, existing.names(key), n=1)
    return "which nothing makes" + (f": did you mean {close[0]}?" if close else "")


def _has_key(entry: Existing, name: str) -> bool:
    return entry.data is None or name in entry.data


def _has_port(entry: Existing, port: int | str) -> bool:
    if entry.item is None or entry.item.key != entry.key:
        return True
    spec = entry.item.manifest.get("spec") or {}
    if spec.get("type") == "ExternalName":
        return True
    return any(port in (declared.get("port"), declared.get("name")) for declared in spec.get("ports") or ())


def _remote(remote: RemoteSecrets, item: Item) -> Iterator[Breach]:
    for read in reads(item):
        if "${" in read.name or "${" in read.property:
            continue
        properties = remote.properties(read.name)
        if not remote.exists(read.name):
            close = difflib.get_close_matches(read.name, remote.written, n=1)
            question = f": did you mean {close[0]}?" if close else ""
            what = f"{read.where} reads secret {read.name}, which nothing writes{question}"
            yield UNKNOWN_REMOTE.found(item, what, hint=read.name)
        elif read.property and properties is not None and read.property not in properties:
            has = ", ".join(sorted(properties))
            what = f"{read.where} reads property {read.property} of secret {read.name}, which has {has}"
            yield MISSING_PROPERTY.found(item, what, hint=read.property)


def _namespace(existing: ExistingObjects, item: Item) -> Iterator[Breach]:
    namespace = item.key.namespace
    if not namespace or namespace in FROM_THE_START or "${" in namespace:
        return
    key = Key("", "Namespace", "", namespace)
    if not existing.find(key):
        what = f"is in namespace {namespace}, {_hint(existing, key)}"
        yield MISSING_NAMESPACE.found(item, what, hint=namespace)


def _external(
    world: World, existing: ExistingObjects, declared: Definition, resource: Resource
) -> Iterator[Breach]:
    """An externalRef names an object that exists, with every data key that expressions read of it."""
    metadata = resource.manifest.get("metadata") or {}
    kind = type_of(resource.manifest)
    for claim in world.inventory.of(declared.group, declared.kind):
        namespace = metadata.get("namespace") or claim.key.namespace
        key = Key(kind.group, kind.kind, namespace, metadata.get("name") or "")
        if world.schemas.namespaced(kind.group, kind.kind) is False:
            key = key._replace(namespace="")
        yield from _needed(existing, declared.item, Needed(key, f"resource {resource.id}"))
        if kind.kind in ("ConfigMap", "Secret"):
            for name in _data_keys_read(declared, resource):
                yield from _needed(existing, declared.item, Needed(key, f"resource {resource.id}", name))


def _data_keys_read(declared: Definition, resource: Resource) -> set[str]:
    texts = [text for other in declared.resources for _, text in strings(other.manifest)]
    texts += [text for _, text in strings(declared.status)]
    return {
        reference.path[1]
        for text in texts
        for tree in parsed(text)
        for reference in references(tree)
        if reference.root == resource.id
        and reference.path[:1] == ("data",)
        and len(reference.path) > 1
        and reference.path[1] != ANY_ELEMENT
        and not reference.optional
    }
