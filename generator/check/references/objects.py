"""References of every other kind: services, roles, stores, gateways, volumes and custom resources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kfaws.generator.check.aws.kinds import KINDS
from kfaws.generator.check.inventory import Item
from kfaws.generator.check.kinds import Key
from kfaws.generator.check.references.needed import Extractor, Needed
from kfaws.generator.check.references.pods import of_pods

RBAC = "rbac.authorization.k8s.io"
ESO = "external-secrets.io"
ISTIO = "networking.istio.io"
CLUSTER_DOMAIN = "svc.cluster.local"


def of_item(item: Item) -> Iterator[Needed]:
    """Everything that an object names."""
    yield from of_pods(item)
    extractor = EXTRACTORS.get((item.key.group, item.key.kind))
    if extractor:
        yield from extractor(item)
    if item.key.group.endswith(".services.k8s.aws"):
        yield from _ack(item)
    if item.key.group.endswith((".m.upbound.io", ".upbound.io")):
        yield from _crossplane(item)


def _spec(item: Item) -> dict[str, Any]:
    return item.manifest.get("spec") or {}


def _service(reference: dict[str, Any], where: str, port: int | str | None = None) -> Needed:
    key = Key("", "Service", reference.get("namespace", ""), reference.get("name", ""))
    return Needed(key, where, port=port if port is not None else reference.get("port", 443))


def _webhooks(item: Item) -> Iterator[Needed]:
    for webhook in item.manifest.get("webhooks") or ():
        reference = (webhook.get("clientConfig") or {}).get("service")
        if reference:
            yield _service(reference, f"webhook {webhook.get('name')}")


def _crd(item: Item) -> Iterator[Needed]:
    conversion = (_spec(item).get("conversion") or {}).get("webhook") or {}
    reference = (conversion.get("clientConfig") or {}).get("service")
    if reference:
        yield _service(reference, "conversion webhook")


def _api_service(item: Item) -> Iterator[Needed]:
    reference = _spec(item).get("service")
    if reference:
        yield _service(reference, "spec.service")


def _ingress(item: Item) -> Iterator[Needed]:
    spec = _spec(item)
    backends = [spec.get("defaultBackend")]
    for rule in spec.get("rules") or ():
        backends += [path.get("backend") for path in (rule.get("http") or {}).get("paths") or ()]
    for backend in backends:
        service = (backend or {}).get("service")
        port = ((service or {}).get("port") or {}).get("number") or ((service or {}).get("port") or {}).get(
            "name"
        )
        if service and port != "use-annotation":
            reference = {"namespace": item.key.namespace, "name": service.get("name", "")}
            yield _service(reference, "backend", port)
    if spec.get("ingressClassName"):
        key = Key("networking.k8s.io", "IngressClass", "", spec["ingressClassName"])
        yield Needed(key, "ingressClassName")


def _virtual_service(item: Item) -> Iterator[Needed]:
    spec = _spec(item)
    for gateway in spec.get("gateways") or ():
        if gateway != "mesh":
            namespace, _, name = gateway.rpartition("/")
            yield Needed(Key(ISTIO, "Gateway", namespace or item.key.namespace, name), "gateways")
    for protocol in ("http", "tls", "tcp"):
        for index, rule in enumerate(spec.get(protocol) or ()):
            for route in rule.get("route") or ():
                destination = route.get("destination") or {}
                key = service_of_host(destination.get("host", ""), item.key.namespace)
                if key:
                    port = (destination.get("port") or {}).get("number")
                    yield Needed(key, f"{protocol}[{index}].route", port=port)


def service_of_host(host: str, namespace: str) -> Key | None:
    """The Service that an Istio host name means; None for hosts outside the cluster."""
    if not host or "*" in host or "${" in host:
        return None
    parts = host.split(".")
    if host.endswith((f".{CLUSTER_DOMAIN}", ".svc")) and len(parts) >= 3:
        return Key("", "Service", parts[1], parts[0])
    return Key("", "Service", namespace, host) if len(parts) == 1 else None


def _binding(item: Item) -> Iterator[Needed]:
    role = item.manifest.get("roleRef") or {}
    namespace = item.key.namespace if role.get("kind") == "Role" else ""
    yield Needed(Key(RBAC, role.get("kind", ""), namespace, role.get("name", "")), "roleRef")
    for subject in item.manifest.get("subjects") or ():
        if subject.get("kind") == "ServiceAccount":
            account_namespace = subject.get("namespace") or item.key.namespace
            yield Needed(Key("", "ServiceAccount", account_namespace, subject.get("name", "")), "subjects")


def _volume_claim(item: Item) -> Iterator[Needed]:
    spec = _spec(item)
    if spec.get("storageClassName"):
        key = Key("storage.k8s.io", "StorageClass", "", spec["storageClassName"])
        yield Needed(key, "storageClassName")
    if spec.get("volumeName"):
        yield Needed(Key("", "PersistentVolume", "", spec["volumeName"]), "volumeName")


def _store(reference: dict[str, Any], namespace: str, where: str) -> Needed:
    kind = reference.get("kind") or "SecretStore"
    return Needed(
        Key(ESO, kind, "" if kind == "ClusterSecretStore" else namespace, reference.get("name", "")), where
    )


def _generator(reference: dict[str, Any], namespace: str, where: str) -> Needed:
    group = str(reference.get("apiVersion") or "generators.external-secrets.io/v1alpha1").split("/")[0]
    return Needed(Key(group, reference.get("kind", ""), namespace, reference.get("name", "")), where)


def _external_secret(item: Item) -> Iterator[Needed]:
    spec, namespace = _spec(item), item.key.namespace
    if spec.get("secretStoreRef"):
        yield _store(spec["secretStoreRef"], namespace, "secretStoreRef")
    for field in ("data", "dataFrom"):
        for entry in spec.get(field) or ():
            source = entry.get("sourceRef") or {}
            if source.get("storeRef"):
                yield _store(source["storeRef"], namespace, f"{field}, sourceRef")
            if source.get("generatorRef"):
                yield _generator(source["generatorRef"], namespace, f"{field}, generatorRef")


def _push_secret(item: Item) -> Iterator[Needed]:
    spec, namespace = _spec(item), item.key.namespace
    for reference in spec.get("secretStoreRefs") or ():
        if reference.get("name"):
            yield _store(reference, namespace, "secretStoreRefs")
    selector = spec.get("selector") or {}
    name = (selector.get("secret") or {}).get("name")
    if name:
        yield Needed(Key("", "Secret", namespace, name), "selector.secret")
        templated = bool(spec.get("template"))
        for entry in spec.get("data") or ():
            key = (entry.get("match") or {}).get("secretKey")
            if key and not templated:
                yield Needed(Key("", "Secret", namespace, name), "data, secretKey", key)
    if selector.get("generatorRef"):
        yield _generator(selector["generatorRef"], namespace, "selector.generatorRef")


def _secret_store(item: Item) -> Iterator[Needed]:
    aws = (_spec(item).get("provider") or {}).get("aws") or {}
    account = ((aws.get("auth") or {}).get("jwt") or {}).get("serviceAccountRef")
    if account:
        namespace = account.get("namespace") or item.key.namespace
        yield Needed(Key("", "ServiceAccount", namespace, account.get("name", "")), "serviceAccountRef")


def _certificate(item: Item) -> Iterator[Needed]:
    reference = _spec(item).get("issuerRef") or {}
    kind = reference.get("kind") or "Issuer"
    group = reference.get("group") or "cert-manager.io"
    namespace = "" if kind == "ClusterIssuer" else item.key.namespace
    yield Needed(Key(group, kind, namespace, reference.get("name", "")), "issuerRef")


def _application(item: Item) -> Iterator[Needed]:
    key = Key("argoproj.io", "AppProject", item.key.namespace, _spec(item).get("project", ""))
    yield Needed(key, "spec.project")


def _autoscaler(item: Item) -> Iterator[Needed]:
    reference = _spec(item).get("scaleTargetRef") or {}
    group = str(reference.get("apiVersion") or "").rpartition("/")[0]
    yield Needed(
        Key(group, reference.get("kind", ""), item.key.namespace, reference.get("name", "")), "scaleTargetRef"
    )


def _stateful_set(item: Item) -> Iterator[Needed]:
    name = _spec(item).get("serviceName")
    if name:
        yield Needed(Key("", "Service", item.key.namespace, name), "serviceName")


def _ack(item: Item) -> Iterator[Needed]:
    """ACK's secret references (namespace, name, key) and references to other ACK resources by name."""
    yield from _walk_ack(_spec(item), item, "spec")


def _walk_ack(node: Any, item: Item, where: str) -> Iterator[Needed]:
    if isinstance(node, list):
        for index, child in enumerate(node):
            yield from _walk_ack(child, item, f"{where}[{index}]")
    if not isinstance(node, dict):
        return
    if {"key", "name"} <= node.keys() <= {"key", "name", "namespace"}:
        namespace = node.get("namespace") or item.key.namespace
        yield Needed(Key("", "Secret", namespace, node["name"]), where, node["key"])
    for field, child in node.items():
        yield from _ack_reference(field, child, item, f"{where}.{field}")
        yield from _walk_ack(child, item, f"{where}.{field}")


def _ack_reference(field: str, child: Any, item: Item, where: str) -> Iterator[Needed]:
    """`fileSystemRef: {from: {name: a}}`: the kind is in the field's name."""
    target = ACK_KINDS.get(field.removesuffix("Ref").lower()) if field.endswith("Ref") else None
    origin = child.get("from") if isinstance(child, dict) else None
    if target and isinstance(origin, dict) and origin.get("name"):
        namespace = origin.get("namespace") or item.key.namespace
        yield Needed(Key(*target, namespace, str(origin["name"])), where)


def _crossplane(item: Item) -> Iterator[Needed]:
    spec = _spec(item)
    reference = spec.get("providerConfigRef")
    if reference:
        kind = reference.get("kind") or "ProviderConfig"
        group = "aws.m.upbound.io" if item.key.group.endswith(".m.upbound.io") else "aws.upbound.io"
        namespace = "" if kind == "ClusterProviderConfig" else item.key.namespace
        yield Needed(Key(group, kind, namespace, reference.get("name", "")), "providerConfigRef")


def _provider(item: Item) -> Iterator[Needed]:
    reference = _spec(item).get("runtimeConfigRef")
    if reference:
        kind = reference.get("kind") or "DeploymentRuntimeConfig"
        yield Needed(Key("pkg.crossplane.io", kind, "", reference.get("name", "")), "runtimeConfigRef")


ACK_KINDS = {kind.lower(): (group, kind) for group, kind in KINDS if group.endswith(".services.k8s.aws")}
"""Group and kind by the kind's name in lower case."""

EXTRACTORS: dict[tuple[str, str], Extractor] = {
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): _webhooks,
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): _webhooks,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _crd,
    ("apiregistration.k8s.io", "APIService"): _api_service,
    ("networking.k8s.io", "Ingress"): _ingress,
    (ISTIO, "VirtualService"): _virtual_service,
    (RBAC, "RoleBinding"): _binding,
    (RBAC, "ClusterRoleBinding"): _binding,
    ("", "PersistentVolumeClaim"): _volume_claim,
    (ESO, "ExternalSecret"): _external_secret,
    (ESO, "PushSecret"): _push_secret,
    (ESO, "SecretStore"): _secret_store,
    (ESO, "ClusterSecretStore"): _secret_store,
    ("cert-manager.io", "Certificate"): _certificate,
    ("argoproj.io", "Application"): _application,
    ("autoscaling", "HorizontalPodAutoscaler"): _autoscaler,
    ("apps", "StatefulSet"): _stateful_set,
    ("pkg.crossplane.io", "Provider"): _provider,
}
"""Which fields of a kind name other objects."""
