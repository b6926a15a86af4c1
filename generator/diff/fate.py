"""What becomes of an object that is no longer in git, and of the AWS resource behind it."""

from __future__ import annotations

from dataclasses import dataclass

from kfaws.generator.check.inventory import Item
from kfaws.generator.check.world import World

FINALIZER = "resources-finalizer.argocd.argoproj.io"
SYNC_OPTIONS = "argocd.argoproj.io/sync-options"
DELETION_POLICY = "services.k8s.aws/deletion-policy"


@dataclass(frozen=True)
class Fate:
    """Whether the resource in AWS goes, and what decides that."""

    deleted: bool
    why: str


def fate(item: Item, new: World) -> Fate:
    """Say what a sync of the new version does to an AWS resource that only the old one has.

    A claim that is still there, but no longer asks for the resource, has kro delete the resource's object.
    """
    claimed = item.made_by is not None and new.inventory.get(*item.source.key) is not None
    stays = None if claimed else _stays_in_cluster(item.source, new)
    return Fate(False, stays) if stays else _in_aws(item)


def _stays_in_cluster(item: Item, new: World) -> str | None:
    """Why Argo CD leaves an object alone that it no longer finds in git; None when it deletes it."""
    options = {part.strip() for part in item.annotations.get(SYNC_OPTIONS, "").split(",")}
    application = item.application
    if application is None:
        return "bootstrap is applied by hand, so nothing deletes it"
    after = next((a for a in new.environment.applications if a.application.name == application.name), None)
    if after is not None:
        return "Argo CD does not prune it (Prune=false)" if "Prune=false" in options else None
    if FINALIZER not in (application.manifest["metadata"].get("finalizers") or []):
        return f"the Application {application.name} goes without what it applied"
    return "the Application goes, and leaves it (Delete=false)" if "Delete=false" in options else None


def _in_aws(item: Item) -> Fate:
    """What the controller does to the resource when its object is deleted."""
    policies = (item.manifest.get("spec") or {}).get("managementPolicies")
    if policies is not None and not {"*", "Delete"} & set(policies):
        return Fate(False, "Crossplane may not delete it (managementPolicies)")
    if item.annotations.get(DELETION_POLICY) == "retain":
        return Fate(False, "ACK retains it (deletion-policy: retain)")
    return Fate(True, "its object is deleted, and the controller deletes what it made")
