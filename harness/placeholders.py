"""Placeholders where upstream cannot be reached: what the rest of an environment needs to find."""

from __future__ import annotations

from collections.abc import Iterator

from kfaws.generator.model import Object, RenderedEnvironment
from kfaws.harness.standins.claims.controllers import table as claims_table
from kfaws.harness.standins.controllers.present import table as controllers_table

MADE_BY_KUBERNETES = {"default", "kube-node-lease", "kube-public", "kube-system"}


def namespaces(environment: RenderedEnvironment) -> Iterator[Object]:
    """The namespaces that objects live in and that no Application here brings."""
    objects = [item for _, item in environment.objects]
    used = {item["metadata"].get("namespace") for item in objects} | {
        item.application.namespace for item in environment.applications
    }
    brought = {item["metadata"]["name"] for item in objects if item["kind"] == "Namespace"}
    for name in sorted(filter(None, used - brought - MADE_BY_KUBERNETES)):
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def controllers(environment: RenderedEnvironment) -> Iterator[Object]:
    """Deployments of the controllers that are left out and whose place is taken all the same.

    Each has a ServiceAccount that may do anything: the rights that upstream gives it are not known here.
    """
    table = claims_table()
    left_out = {item.application.name for item in environment.applications if item.not_rendered}
    for group, name in table["ack"].items():
        if f"ack-{group}" in left_out:
            yield from _controller(table["namespace"], name)
    for row in controllers_table().values():
        namespace, _, name = row.deployment.partition("/")
        # cert-manager is the one that has a namespace of its own, of the name of its Application.
        if namespace in left_out:
            yield from _controller(namespace, name)


def _controller(namespace: str, name: str) -> Iterator[Object]:
    place = {"name": name, "namespace": namespace}
    labels = {"app.kubernetes.io/name": name}
    # Argo CD takes it over.
    yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": place}
    yield {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": f"placeholder-{name}"},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "cluster-admin",
        },
        "subjects": [{"kind": "ServiceAccount", **place}],
    }
    pod = {"serviceAccountName": name, "containers": [{"name": "controller", "image": "placeholder:none"}]}
    yield {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": place,
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }
