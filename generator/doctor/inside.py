"""Inside the cluster: reachable by kubectl, with the rights that bootstrap needs and nothing in its way."""

from __future__ import annotations

from collections.abc import Iterator

from kfaws.generator.doctor.report import Line, judge, missing, ok
from kfaws.generator.doctor.site import Site, answer

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
TRACKING = "argocd.argoproj.io/tracking-id"
EBS_DRIVER = "ebs.csi.aws.com"
NETWORK_SCRIPT = "bootstrap/network.sh"
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"

SEAMS = {
    "argo_cd_source": ("Argo CD", "applications.argoproj.io"),
    "istio_source": ("Istio", "virtualservices.networking.istio.io"),
    "cert_manager_source": ("cert-manager", "certificates.cert-manager.io"),
}
"""Answers that say whether a program is ours to install: its name, and a CRD that shows that it is there."""


def check_kubeconfig(site: Site) -> Iterator[Line]:
    """kubectl talks to the environment's cluster and not to another one."""
    cluster = site.cluster
    if cluster is None:
        return
    topic = "kubectl's context"
    found, wanted = site.kubectl.server(), cluster.get("endpoint")
    update = site.aws("eks", "update-kubeconfig", "--name", site.answers["cluster_name"])
    if found is None:
        yield missing(topic, "the kubeconfig names no cluster", update)
        return
    same = found.rstrip("/").lower() == str(wanted).rstrip("/").lower()
    yield judge(topic, same, found if same else f"{found}, but the cluster answers at {wanted}", update)


def check_rights(site: Site) -> Iterator[Line]:
    """The user may apply bootstrap's objects, cluster-wide ones included."""
    if site.cluster is None:
        return
    allowed = site.kubectl.may_do_everything()
    yield judge(
        "Rights in the cluster",
        allowed,
        "cluster administrator" if allowed else "this identity is no cluster administrator",
        site.aws(
            "eks", "associate-access-policy", "--cluster-name", site.answers["cluster_name"],
            "--principal-arn", "<your role>", "--access-scope", "type=cluster", "--policy-arn",
            "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        ),
    )  # fmt: skip


def check_storage(site: Site) -> Iterator[Line]:
    """Volumes that name no class get one: the EBS driver for ours, or a default of the cluster."""
    if site.cluster is None:
        return
    if site.answers.creates("default_storage_class"):
        found = site.kubectl.get(f"/apis/storage.k8s.io/v1/csidrivers/{EBS_DRIVER}")
        yield judge(
            "EBS CSI driver",
            found is not None,
            "installed" if found else "not installed; the default StorageClass of this environment needs it",
            site.aws(
                "eks", "create-addon", "--cluster-name", site.answers["cluster_name"],
                "--addon-name", "aws-ebs-csi-driver",
            ),
        )  # fmt: skip
    else:
        yield _default_class(site)


def _default_class(site: Site) -> Line:
    found = site.kubectl.get("/apis/storage.k8s.io/v1/storageclasses") or {}
    classes = {item["metadata"]["name"]: item["metadata"] for item in found.get("items", [])}
    default = [
        name for name, data in classes.items() if data.get("annotations", {}).get(DEFAULT_CLASS) == "true"
    ]
    return judge(
        "Default StorageClass",
        bool(default),
        ", ".join(default) if default else f"none is the default (there are: {', '.join(classes) or 'none'})",
        f"kubectl annotate storageclass {next(iter(classes), '<a class>')} {DEFAULT_CLASS}=true",
    )


def check_network_note(site: Site) -> Iterator[Line]:
    """The network of a cluster that eksctl made is written down where the claims read it."""
    if site.cluster is None or not (site.folder / NETWORK_SCRIPT).is_file():
        return
    found = site.kubectl.get("/api/v1/namespaces/kubeflow-claims/configmaps/network")
    yield judge(
        "Network of the new cluster",
        found is not None,
        "written down" if found else "the ConfigMap network in kubeflow-claims is not there",
        f"sh {NETWORK_SCRIPT}",
    )


def check_seams(site: Site) -> Iterator[Line]:
    """What the answers call external is there, and what Argo CD shall install is not there already."""
    if site.cluster is None:
        return
    for question, (program, crd) in SEAMS.items():
        found = site.kubectl.get(f"{CRDS}/{crd}")
        ours = bool(found and TRACKING in found["metadata"].get("annotations", {}))
        if site.answers.external(question):
            yield judge(
                program,
                found is not None,
                "in the cluster" if found else "the answers say that it is in the cluster, and it is not",
                answer(question, "create"),
            )
        elif found and not ours and question != "argo_cd_source":
            yield missing(
                program, "already in the cluster; a second one would fight it", answer(question, "external")
            )
        else:
            yield ok(program, "installed by this environment" if ours else "will be installed")
