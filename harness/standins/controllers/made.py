"""What programs make for themselves when they start: Secrets with certificates, and what shows them."""

from __future__ import annotations

import base64
import logging
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kfaws.generator.model import Object
from kfaws.harness.kube import Kind
from kfaws.harness.standins.controllers.cert_manager import contents, keys
from kfaws.harness.standins.controllers.cert_manager.contents import Authority
from kfaws.harness.standins.controllers.cert_manager.injection import TARGETS, bundles
from kfaws.harness.standins.controllers.cert_manager.kinds import SECRETS, encoded
from kfaws.harness.standins.controllers.controller import Place, Request, Requests, Seen

DEPLOYMENTS, NAMESPACES = Kind("apps/v1", "Deployment"), Kind("v1", "Namespace")
CONFIG_MAPS = Kind("v1", "ConfigMap")
AUTHORITY, AUTHORITY_KEY = "authority", "authority key"
CERTIFICATE, CERTIFICATE_KEY = "certificate", "key"
LIFETIME = "87600h"

log = logging.getLogger("controllers")


@dataclass(frozen=True)
class Made:
    """What one Deployment makes; the table's head explains the fields."""

    namespace: str
    deployment: str
    secret: str
    data: Mapping[str, str]
    known_from: str
    host: str = ""
    type: str = "Opaque"
    annotations: Mapping[str, str] = field(default_factory=dict)
    only_fills: bool = False
    webhooks: tuple[str, ...] = ()
    config_map: str = ""
    config_map_key: str = ""
    config_map_labels: Mapping[str, str] = field(default_factory=dict)
    not_in: tuple[str, ...] = ()


class MakesItsOwn:
    """A Controller in the place of what a program does when it starts."""

    def __init__(self, made: Made) -> None:
        self._made = made
        self._making = threading.Lock()

    @property
    def watches(self) -> Mapping[Kind, Requests]:
        """Its Deployment, what it makes, and the webhooks and namespaces that show it."""
        watched = {DEPLOYMENTS: self._itself, SECRETS: self._of_secret}
        if self._made.webhooks:
            watched |= dict.fromkeys(TARGETS[:2], self._of_webhook)
        if self._made.config_map:
            watched |= {NAMESPACES: self._of_namespace, CONFIG_MAPS: self._of_config_map}
        return watched

    def reconcile(self, place: Place, item: Object) -> float | None:
        """The Deployment: its Secret and its webhooks; a namespace: its ConfigMap."""
        with self._making:
            secret = self._secret(place)
        if secret is None:
            return None
        key = next(key for key, part in self._made.data.items() if part == AUTHORITY)
        authority: str = secret["data"][key]
        if Kind.of(item) == NAMESPACES:
            self._show(place, item, base64.b64decode(authority).decode())
            return None
        for named in self._made.webhooks:
            kind, _, name = named.partition("/")
            self._inject(place, Kind(TARGETS[0].api_version, kind), name, authority)
        return None

    def _secret(self, place: Place) -> Object | None:
        """The Secret with all its data; None where it has to be there before and is not."""
        made = self._made
        found = place.cluster.get(SECRETS, made.secret, made.namespace)
        if found and all((found.get("data") or {}).get(key) for key in made.data):
            return found
        if found is None and made.only_fills:
            return None
        data = encoded(_pair(made.host or made.deployment, made.data))
        log.info("%s/%s: made for %s", made.namespace, made.secret, made.deployment)
        if found:
            return place.cluster.replace({**found, "data": {**(found.get("data") or {}), **data}})
        metadata: Object = {"name": made.secret, "namespace": made.namespace}
        if made.annotations:
            metadata["annotations"] = dict(made.annotations)
        wanted = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": made.type, "data": data}
        return place.cluster.create(wanted)

    def _inject(self, place: Place, kind: Kind, name: str, authority: str) -> None:
        item = place.cluster.get(kind, name)
        if item and any(found != authority for _, found in bundles(item)):
            for webhook in item["webhooks"]:
                webhook["clientConfig"]["caBundle"] = authority
            place.cluster.replace(item)

    def _show(self, place: Place, namespace: Object, authority: str) -> None:
        made, name = self._made, namespace["metadata"]["name"]
        if "deletionTimestamp" in namespace["metadata"] or name in made.not_in:
            return
        data = {made.config_map_key: authority}
        found = place.cluster.get(CONFIG_MAPS, made.config_map, name)
        if found is None:
            metadata = {
                "name": made.config_map,
                "namespace": name,
                "labels": dict(made.config_map_labels),
            }
            wanted = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
            place.cluster.create(wanted)
        elif found.get("data") != data:
            place.cluster.replace({**found, "data": data})

    # What a change means

    def _deployment(self) -> Request:
        return Request(DEPLOYMENTS, self._made.deployment, self._made.namespace)

    def _itself(self, item: Object, seen: Seen) -> Iterable[Request]:
        return [request for request in [Request.of(item)] if request == self._deployment()]

    def _of_secret(self, item: Object, seen: Seen) -> Iterable[Request]:
        if Request.of(item) == Request(SECRETS, self._made.secret, self._made.namespace):
            yield self._deployment()
            if self._made.config_map:
                yield from (Request.of(namespace) for namespace in seen.all(NAMESPACES))

    def _of_webhook(self, item: Object, seen: Seen) -> Iterable[Request]:
        named = f"{item['kind']}/{item['metadata']['name']}"
        return [self._deployment()] if named in self._made.webhooks else []

    def _of_namespace(self, item: Object, seen: Seen) -> Iterable[Request]:
        return [Request.of(item)]

    def _of_config_map(self, item: Object, seen: Seen) -> Iterable[Request]:
        metadata = item["metadata"]
        mine = metadata["name"] == self._made.config_map
        return [Request(NAMESPACES, metadata["namespace"])] if mine else []


def _pair(host: str, data: Mapping[str, str]) -> dict[str, bytes]:
    """The parts that a Secret's keys stand for, of a new authority and of a certificate that it signs."""
    ec: Object = {"privateKey": {"algorithm": "ECDSA"}, "duration": LIFETIME}
    authority_spec = {**ec, "commonName": f"{host}-ca", "isCA": True}
    authority_key = keys.generate(authority_spec)
    authority = contents.sign(authority_spec, authority_key, None)
    spec = {**ec, "commonName": host, "dnsNames": [host], "usages": ["digital signature", "server auth"]}
    key = keys.generate(spec)
    certificate = contents.sign(spec, key, Authority((authority,), authority_key))
    parts = {
        AUTHORITY: contents.to_pem(authority),
        AUTHORITY_KEY: keys.to_pem(authority_key, authority_spec),
        CERTIFICATE: contents.to_pem(certificate),
        CERTIFICATE_KEY: keys.to_pem(key, spec),
    }
    return {name: parts[part] for name, part in data.items()}
