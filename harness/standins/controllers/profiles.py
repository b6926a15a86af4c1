"""In the place of Kubeflow's profile controller: a namespace for each Profile, and what is in it.

As components/profile-controller of kubeflow/kubeflow v1.10 does it. It writes no condition for a Profile that
went well, and the one for a Profile that failed never arrives: it writes the status where a subresource is.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from kfaws.generator.model import Object
from kfaws.harness.kube import Kind
from kfaws.harness.standins.controllers.controller import Place, Request, Requests, Seen, itself
from kfaws.harness.standins.controllers.profile_objects import Settings, namespace_of, objects_of, owner_of
from kfaws.harness.workload import environment_of

API = "kubeflow.org/v1"
PROFILES, NAMESPACES = Kind(API, "Profile"), Kind("v1", "Namespace")
ACCOUNTS, BINDINGS = Kind("v1", "ServiceAccount"), Kind("rbac.authorization.k8s.io/v1", "RoleBinding")
POLICIES, QUOTAS = Kind("security.istio.io/v1beta1", "AuthorizationPolicy"), Kind("v1", "ResourceQuota")
DEPLOYMENTS, CONFIG_MAPS = Kind("apps/v1", "Deployment"), Kind("v1", "ConfigMap")
CONTAINER, LABELS = "manager", "namespace-labels.yaml"
FINALIZER, QUOTA = "profile-finalizer", "kf-resource-quota"
PLUGIN, ROLE = "AwsIamForServiceAccount", "eks.amazonaws.com/role-arn"
EDITOR = "default-editor"

log = logging.getLogger("controllers")


class Profiles:
    """A Controller for Profile; of its plugins AwsIamForServiceAccount, without that one's change in IAM."""

    @property
    def watches(self) -> Mapping[Kind, Requests]:
        """Profiles, and what they own, for their owner."""
        return {PROFILES: itself} | dict.fromkeys((NAMESPACES, POLICIES, ACCOUNTS, BINDINGS), _owner)

    def reconcile(self, place: Place, item: Object) -> float | None:
        """Make what a Profile asks for, or let it go."""
        if "deletionTimestamp" in item["metadata"]:
            _let_go(place, item)
            return None
        settings = _settings(place)
        if not _has_namespace(place, item, settings):
            return None
        for wanted in objects_of(item, settings):
            _ensure(place, wanted)
        if not (item["spec"].get("resourceQuotaSpec") or {}).get("hard"):
            metadata = {"name": QUOTA, "namespace": item["metadata"]["name"]}
            if place.cluster.get(QUOTAS, QUOTA, metadata["namespace"]):
                place.cluster.delete({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata})
        _annotate(place, item, _role(item))
        finalizers = item["metadata"].get("finalizers") or []
        if FINALIZER not in finalizers:
            place.cluster.patch(item, {"metadata": {"finalizers": [*finalizers, FINALIZER]}})
        return None


def _settings(place: Place) -> Settings:
    """What the controller's Deployment and the ConfigMaps that it names say."""
    deployment = place.ours.get(DEPLOYMENTS, place.workload, place.namespace) or {}
    told = environment_of(place.ours, deployment, CONTAINER)
    for volume in deployment["spec"]["template"]["spec"].get("volumes") or ():
        name = (volume.get("configMap") or {}).get("name")
        found = name and place.ours.get(CONFIG_MAPS, name, place.namespace)
        if found and LABELS in (found.get("data") or {}):
            return Settings(told, yaml.safe_load(found["data"][LABELS]) or {})
    return Settings(told, {})


def _has_namespace(place: Place, profile: Object, settings: Settings) -> bool:
    """Make the namespace or its labels; not where it is another's."""
    wanted = namespace_of(profile, settings, None)
    found = place.cluster.get(NAMESPACES, wanted["metadata"]["name"])
    if found is None:
        place.cluster.create(wanted)
        return True
    owner = profile["spec"]["owner"]["name"]
    if (found["metadata"].get("annotations") or {}).get("owner") != owner:
        log.warning("namespace already exist, but not owned by profile creator %s", owner)
        return False
    labelled = namespace_of(profile, settings, found)
    if labelled != found:
        place.cluster.replace(labelled)
    return True


def _ensure(place: Place, wanted: Object) -> None:
    """Create an object, or correct the fields that the controller decides about."""
    kind, metadata = Kind.of(wanted), wanted["metadata"]
    found = place.cluster.get(kind, metadata["name"], metadata["namespace"])
    if found is None:
        place.cluster.create(wanted)
        return
    fields: dict[str, Any] = {key: wanted[key] for key in ("spec", "roleRef", "subjects") if key in wanted}
    if any(found.get(key) != value for key, value in fields.items()):
        place.cluster.replace({**found, **fields})


def _role(profile: Object) -> str | None:
    """The role of the plugin AwsIamForServiceAccount, if a Profile has that."""
    plugins = profile["spec"].get("plugins") or ()
    found = (one.get("spec") or {} for one in plugins if one.get("kind") == PLUGIN)
    return next((str(spec.get("awsIamRole", "")) for spec in found), None)


def _annotate(place: Place, profile: Object, role: str | None) -> None:
    if role == "":
        log.warning(
            "%s: failed to setup service account because awsIamRole is empty", profile["metadata"]["name"]
        )
    elif role:
        _annotate_account(place, profile["metadata"]["name"], role)


def _annotate_account(place: Place, namespace: str, role: str | None) -> None:
    account = place.cluster.get(ACCOUNTS, EDITOR, namespace)
    if account and (account["metadata"].get("annotations") or {}).get(ROLE) != role:
        place.cluster.patch(account, {"metadata": {"annotations": {ROLE: role}}})


def _let_go(place: Place, profile: Object) -> None:
    """What a Profile owns goes with it, by the garbage collector."""
    finalizers = profile["metadata"].get("finalizers") or []
    if FINALIZER in finalizers:
        if _role(profile):
            _annotate_account(place, profile["metadata"]["name"], None)
        left = [name for name in finalizers if name != FINALIZER]
        place.cluster.patch(profile, {"metadata": {"finalizers": left}})


def _owner(item: Object, seen: Seen) -> Iterable[Request]:
    owner = owner_of(item)
    return [Request(PROFILES, owner)] if owner else []
