"""What programs make when they start: that the table is complete, and that it comes about."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from cryptography import x509

from kfaws.generator.model import Object, RenderedEnvironment
from kfaws.harness.kube import Cluster, Kind
from kfaws.harness.standins.cluster.references import ACCOUNT, references
from kfaws.harness.standins.controllers.cert_manager.kinds import CERTIFICATES, SECRETS, decoded
from kfaws.harness.standins.controllers.made import CONFIG_MAPS
from kfaws.harness.standins.controllers.registry import all_made
from tests.harness.standins.controllers.conftest import Application
from tests.harness.standins.controllers.plane import apply, available, wait

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job")
OF_THE_PLATFORM = {("Secret", "argocd", "argocd-redis")}
"""Made by whoever starts Argo CD's Redis."""
SPARK = ("kubeflow", "spark-operator-webhook")
WEBHOOKS = Kind("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration")

pytestmark = pytest.mark.xdist_group("controllers")
Named = tuple[str, str, str]
"""Kind, namespace, name."""


def _everything(environment: RenderedEnvironment) -> Iterator[Object]:
    yield from environment.bootstrap
    yield from (item for _, item in environment.objects)


def _made_by(item: Object) -> Iterator[Named]:
    """What an object is, and what its controller makes for it."""
    metadata, spec = item["metadata"], item.get("spec", {})
    namespace, name = metadata.get("namespace", ""), metadata["name"]
    yield item["kind"], namespace, name
    if Kind.of(item) == CERTIFICATES:
        yield "Secret", namespace, spec["secretName"]
    if item["kind"] == "ExternalSecret":
        yield "Secret", namespace, spec["target"].get("name", name)
    for resource in spec["resources"] if item["kind"] == "ResourceGraphDefinition" else ():
        yield from _made_by(resource["template"]) if "template" in resource else ()


def _needed_by(item: Object) -> Iterator[Named]:
    if item["kind"] in WORKLOADS:
        pod = {"metadata": item["metadata"], "spec": item["spec"]["template"]["spec"]}
        for found in references(pod):
            if (found.kind, found.name) != (ACCOUNT, "default"):
                yield found.kind, item["metadata"]["namespace"], found.name


def test_somebody_makes_what_workloads_name(rendered: RenderedEnvironment) -> None:
    objects = list(_everything(rendered))
    made = {named for item in objects for named in _made_by(item)} | OF_THE_PLATFORM
    needed = {named for item in objects for named in _needed_by(item)}
    ours = {("Secret", row.namespace, row.secret) for row in all_made()}
    everywhere = {("ConfigMap", row.config_map) for row in all_made()}

    missing = {named for named in needed - made - ours if (named[0], named[2]) not in everywhere}

    assert missing == set()


def test_the_table_names_what_is_there(rendered: RenderedEnvironment) -> None:
    there = {named for item in _everything(rendered) for named in _made_by(item)}

    for row in all_made():
        assert ("Deployment", row.namespace, row.deployment) in there
        assert not row.only_fills or ("Secret", row.namespace, row.secret) in there
        for webhook in row.webhooks:
            kind, _, name = webhook.partition("/")
            assert (kind, "", name) in there


def _data(cluster: Cluster, namespace: str, name: str) -> dict[str, bytes] | None:
    return decoded(cluster.get(SECRETS, name, namespace)) or None


def test_a_webhook_makes_its_own_certificate(cluster: Cluster, application: Application) -> None:
    apply(cluster, application("spark-operator"))
    available(cluster, *SPARK)

    data = wait("it is made", lambda: _data(cluster, "kubeflow", "spark-operator-webhook-certs"))

    certificate, authority = (
        x509.load_pem_x509_certificate(data[key]) for key in ("server-cert.pem", "ca-cert.pem")
    )
    certificate.verify_directly_issued_by(authority)
    secret = cluster.get(SECRETS, "spark-operator-webhook-certs", "kubeflow") or {}

    def look() -> bool | None:
        found = (cluster.get(WEBHOOKS, "spark-operator-webhook") or {})["webhooks"]
        bundles = {one["clientConfig"].get("caBundle") for one in found}
        return True if bundles == {secret["data"]["ca-cert.pem"]} else None

    wait("the API server is told", look)


def test_every_namespace_has_the_root_of_the_mesh(cluster: Cluster, application: Application) -> None:
    apply(cluster, application("istio-crds"))
    apply(cluster, application("istio"))
    available(cluster, "istio-system", "istiod")
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "later"}})

    def root(namespace: str) -> str | None:
        found = cluster.get(CONFIG_MAPS, "istio-ca-root-cert", namespace)
        return str(found["data"]["root-cert.pem"]) if found else None

    names = ("istio-system", "kube-system", "later")
    roots = {wait("it is there", partial(root, name)) for name in names}
    data = _data(cluster, "istio-system", "istio-ca-secret") or {}
    assert {text.encode() for text in roots} == {data["ca-cert.pem"]}
    assert root("kube-public") is None

    metadata = {"name": "istio-ca-root-cert", "namespace": "later"}
    cluster.delete({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
    assert wait("it is there again", lambda: root("later")) in roots
