"""Retention: deleting an Application, a claim or a definition deletes nothing that holds data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kfaws.generator.check.definitions import GROUP as KRO_GROUP
from kfaws.generator.check.definitions import KIND as DEFINITION
from kfaws.generator.check.finding import Breach, Rule
from kfaws.generator.check.inventory import Item
from kfaws.generator.check.schemas.crds import CRD
from kfaws.generator.check.world import World
from kfaws.generator.model import Object

NOT_KEPT = Rule(
    "retention/not-kept",
    "Argo CD deletes the object when it leaves git or its Application goes, and the data in AWS goes with it",
    "annotate it with argocd.argoproj.io/sync-options: Prune=false,Delete=false",
)
NO_RETAIN = Rule(
    "retention/no-retain",
    "ACK deletes the resource in AWS, with its data, when its object is deleted",
    "annotate it with services.k8s.aws/deletion-policy: retain",
)
MAY_DELETE = Rule(
    "retention/may-delete",
    "Crossplane deletes the resource in AWS when its object is deleted",
    "give it managementPolicies without Delete and `*`",
)
UNPROTECTED = Rule(
    "retention/unprotected",
    "one wrong call of the AWS API deletes the data",
    "switch deletion protection on",
)

CASCADE = "resources-finalizer.argocd.argoproj.io"
ON_DELETE = "kubeflow-aws.dev/on-delete"
SYNC_OPTIONS = "argocd.argoproj.io/sync-options"
KEPT = frozenset({"Prune=false", "Delete=false"})
RETAIN = "services.k8s.aws/deletion-policy"
ACK_STATEFUL = frozenset(
    {
        ("rds.services.k8s.aws", "DBInstance"),
        ("rds.services.k8s.aws", "DBCluster"),
        ("s3.services.k8s.aws", "Bucket"),
        ("cognitoidentityprovider.services.k8s.aws", "UserPool"),
        ("efs.services.k8s.aws", "FileSystem"),
        ("route53.services.k8s.aws", "HostedZone"),
        ("kms.services.k8s.aws", "Key"),
        ("cloudwatchlogs.services.k8s.aws", "LogGroup"),
        ("secretsmanager.services.k8s.aws", "Secret"),
    }
)
CROSSPLANE_STATEFUL = frozenset(
    {
        ("fsx.aws.m.upbound.io", "LustreFileSystem"),
        ("cognitoidp.aws.m.upbound.io", "UserPoolClient"),
        ("cognitoidp.aws.m.upbound.io", "UserPoolDomain"),
        ("cognitoidp.aws.m.upbound.io", "UserPool"),
    }
)
STATEFUL = ACK_STATEFUL | CROSSPLANE_STATEFUL
PROTECTION: dict[tuple[str, str], tuple[str, tuple[Any, ...]]] = {
    ("cognitoidp.aws.m.upbound.io", "UserPool"): ("deletionProtection", ("ACTIVE",)),
    ("rds.services.k8s.aws", "DBInstance"): ("deletionProtection", (True,)),
    ("cognitoidentityprovider.services.k8s.aws", "UserPool"): ("deletionProtection", ("ACTIVE",)),
}


def check(world: World) -> Iterator[Breach]:
    """Stateful resources, the claims and definitions behind them, and the CRDs of all of these."""
    claims = _stateful_claims(world)
    for item in world.inventory.items:
        kind = (item.key.group, item.key.kind)
        if kind in ACK_STATEFUL and item.annotations.get(RETAIN) != "retain":
            yield NO_RETAIN.found(_declared(world, item), f"{item.key} has no deletion policy retain")
        if kind in CROSSPLANE_STATEFUL and _deletes(item):
            yield MAY_DELETE.found(_declared(world, item), f"{item.key} may delete what it stands for")
        if kind in PROTECTION:
            yield from _protection(world, item)
        if item.rendered and _must_be_kept(item, claims) and not kept(item):
            yield NOT_KEPT.found(item, f"{item.key.kind} without Prune=false and Delete=false")


def _declared(world: World, item: Item) -> Item:
    """The definition whose template an item is made from; the item itself when it is rendered."""
    child = world.child_of.get(item)
    return child.definition.item if child else item


def _deletes(item: Item) -> bool:
    policies = (item.manifest.get("spec") or {}).get("managementPolicies")
    return not policies or bool({"*", "Delete"} & set(policies))


def _protection(world: World, item: Item) -> Iterator[Breach]:
    field, wanted = PROTECTION[item.key.group, item.key.kind]
    spec = item.manifest.get("spec") or {}
    value = (spec.get("forProvider") or spec).get(field)
    if value not in wanted and not (isinstance(value, str) and "${" in value):
        what = f"{item.key} has {field} {value if value is not None else 'not set'}"
        yield UNPROTECTED.found(_declared(world, item), what, hint=field)


def _stateful_claims(world: World) -> frozenset[tuple[str, str]]:
    """Kinds of claims that make something stateful, by themselves or by claims of their own."""
    found: set[tuple[str, str]] = set()
    grows = True
    while grows:
        makers = {
            (child.definition.group, child.definition.kind)
            for child in world.children
            if (child.item.key.group, child.item.key.kind) in STATEFUL | found
        }
        grows = not makers <= found
        found |= makers
    return frozenset(found)


def _must_be_kept(item: Item, claims: frozenset[tuple[str, str]]) -> bool:
    kind = (item.key.group, item.key.kind)
    if kind in STATEFUL or kind in claims or kind == (KRO_GROUP, DEFINITION):
        return True
    if kind == CRD:
        spec = item.manifest.get("spec") or {}
        of = (spec.get("group", ""), (spec.get("names") or {}).get("kind", ""))
        return of in STATEFUL or of == (KRO_GROUP, DEFINITION)
    return False


def kept(item: Item) -> bool:
    """True when Argo CD neither prunes nor deletes the object: it says so, or its whole Application does."""
    options = {option.strip() for option in item.annotations.get(SYNC_OPTIONS, "").split(",")}
    return options >= KEPT or (item.application is not None and _keeps_all(item.application.manifest))


def _keeps_all(application: Object) -> bool:
    """True for an Application that says so, prunes nothing and, deleted, leaves its objects."""
    metadata = application["metadata"]
    automated = (application["spec"].get("syncPolicy") or {}).get("automated") or {}
    cascades = any(name.startswith(CASCADE) for name in metadata.get("finalizers") or ())
    declared = (metadata.get("labels") or {}).get(ON_DELETE) == "keep"
    return declared and not automated.get("prune") and not cascades
