"""An API server in a dictionary, and objects of any kind that is reconciled against moto."""

from __future__ import annotations

import copy
import uuid
from typing import Any

from kfaws.generator.model import Object
from kfaws.harness.crds.derived import derived_crds
from kfaws.harness.kube import ClusterError, Kind
from kfaws.harness.standins.claims.ack.kinds import DOMAIN as ACK
from kfaws.harness.standins.claims.ack.kinds import KINDS as ACK_KINDS
from kfaws.harness.standins.claims.ack.kinds import VERSION as ACK_VERSION
from kfaws.harness.standins.claims.ack.reconciler import AckReconciler
from kfaws.harness.standins.claims.aws import Aws
from kfaws.harness.standins.claims.controllers import schema_in
from kfaws.harness.standins.claims.crossplane.kinds import DOMAIN as CROSSPLANE
from kfaws.harness.standins.claims.crossplane.kinds import KINDS as CROSSPLANE_KINDS
from kfaws.harness.standins.claims.crossplane.kinds import VERSION as CROSSPLANE_VERSION
from kfaws.harness.standins.claims.crossplane.reconciler import CrossplaneReconciler
from kfaws.harness.standins.claims.next import Next

NAMESPACE = "kubeflow-claims"
ADDED = {"kubeflow-environment": "kubeflow", "services.k8s.aws/namespace": "%K8S_NAMESPACE%"}


class FakeCluster:
    """What the reconcilers use of `Cluster`."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str, str], Object] = {}
        self.writes = 0

    def get(self, kind: Kind, name: str, namespace: str | None = None) -> Object | None:
        found = self.objects.get((kind.kind, namespace or "", name))
        return copy.deepcopy(found)

    def list(self, kind: Kind, namespace: str | None = None, selector: str | None = None) -> list[Object]:
        wanted = dict(pair.split("=") for pair in (selector or "").split(",") if pair)
        return [
            copy.deepcopy(one)
            for (its, _, _), one in self.objects.items()
            if its == kind.kind and wanted.items() <= (one["metadata"].get("labels") or {}).items()
        ]

    def apply(self, item: Object, manager: str = "") -> Object:
        self.writes += 1
        metadata = item["metadata"]
        self.objects[item["kind"], metadata["namespace"], metadata["name"]] = copy.deepcopy(item)
        return item

    def patch(self, item: Object, change: Any, subresource: str = "", how: str = "merge") -> Object:
        metadata = item["metadata"]
        key = (item["kind"], metadata["namespace"], metadata["name"])
        if key not in self.objects:
            raise ClusterError("not found", 404)
        self.writes += 1
        merged = merge(self.objects[key], change)
        if merged["metadata"].get("deletionTimestamp") and not merged["metadata"].get("finalizers"):
            del self.objects[key]
        else:
            self.objects[key] = merged
        return copy.deepcopy(merged)


def merge(old: Any, change: Any) -> Any:
    """A JSON merge patch."""
    if not isinstance(change, dict):
        return change
    new = dict(old) if isinstance(old, dict) else {}
    for key, value in change.items():
        if value is None:
            new.pop(key, None)
        else:
            new[key] = merge(new.get(key), value)
    return new


class World:
    """A cluster and AWS."""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        self.cluster = FakeCluster()

    def add(
        self, group: str, kind: str, spec: dict[str, Any], name: str = "one", **annotations: str
    ) -> Object:
        """An object, as somebody has just applied it."""
        crossplane = (group, kind) in CROSSPLANE_KINDS
        domain, version = (CROSSPLANE, CROSSPLANE_VERSION) if crossplane else (ACK, ACK_VERSION)
        item: Object = {
            "apiVersion": f"{group}.{domain}/{version}",
            "kind": kind,
            "metadata": {
                "name": name,
                "namespace": NAMESPACE,
                "uid": str(uuid.uuid4()),
                "annotations": {
                    key.replace("__", "/").replace("_", "-"): one for key, one in annotations.items()
                },
            },
            "spec": {"forProvider": spec, "managementPolicies": ["*"]} if crossplane else spec,
        }
        self.cluster.objects[kind, NAMESPACE, name] = item
        return item

    def secret(self, name: str, **data: str) -> None:
        """A Secret; values are base64."""
        self.cluster.objects["Secret", NAMESPACE, name] = {"type": "Opaque", "data": data}

    def now(self, item: Object) -> Object:
        """The object as it stands."""
        return self.cluster.objects[item["kind"], NAMESPACE, item["metadata"]["name"]]

    def there(self, item: Object) -> bool:
        """Whether it is still there."""
        return (item["kind"], NAMESPACE, item["metadata"]["name"]) in self.cluster.objects

    def change(self, item: Object, change: Any) -> None:
        """Patch it as a user would."""
        key = (item["kind"], NAMESPACE, item["metadata"]["name"])
        self.cluster.objects[key] = merge(self.cluster.objects[key], change)

    def reconciler(self, item: Object) -> Any:
        """The reconciler of its kind."""
        group, kind = item["apiVersion"].split("/")[0], item["kind"]
        schema = schema_in(derived_crds([(group, kind)])[0], item["apiVersion"].split("/")[1])
        word = group.split(".")[0]
        cluster: Any = self.cluster
        if group.endswith(CROSSPLANE):
            return CrossplaneReconciler(cluster, self.aws, CROSSPLANE_KINDS[word, kind], schema)
        return AckReconciler(cluster, self.aws, ACK_KINDS[word, kind], schema, ADDED)

    def reconcile(self, item: Object) -> Next:
        """Once."""
        result: Next = self.reconciler(item).reconcile(copy.deepcopy(self.now(item)))
        return result

    def conditions(self, item: Object) -> dict[str, str]:
        """Condition -> status."""
        return {one["type"]: one["status"] for one in self.now(item).get("status", {}).get("conditions", ())}

    def condition(self, item: Object, kind: str) -> dict[str, str]:
        """One condition."""
        found: dict[str, str] = next(
            one for one in self.now(item)["status"]["conditions"] if one["type"] == kind
        )
        return found

    def delete(self, item: Object) -> None:
        """As the API server marks it."""
        self.change(item, {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}})

    def call(self, service: str, operation: str, **parameters: Any) -> Any:
        """AWS, directly."""
        return getattr(self.aws.client(service), operation)(**parameters)
