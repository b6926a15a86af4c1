"""All that an environment waits for, as its cluster tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from kfaws.generator.model import Object
from kfaws.harness.applications import APPLICATION, row_of
from kfaws.harness.kube import Cluster, ClusterError, Kind
from kfaws.harness.standins.claims.ack import conditions as ack
from kfaws.harness.standins.claims.ack.kinds import DOMAIN as ACK
from kfaws.harness.standins.claims.ack.kinds import VERSION
from kfaws.harness.standins.claims.crossplane.kinds import DOMAIN as CROSSPLANE
from kfaws.harness.waiting.delegation import Delegation, NameServers, delegations
from kfaws.harness.waiting.judging import Rule, Waiting, judge, now, short, waiting
from kfaws.harness.waiting.slow import field, slow

DEFINITION = Kind("kro.run/v1alpha1", "ResourceGraphDefinition")
INGRESS, POD = Kind("networking.k8s.io/v1", "Ingress"), Kind("v1", "Pod")
HOSTED_ZONE, RECORD_SET = (Kind(f"route53.{ACK}/{VERSION}", name) for name in ("HostedZone", "RecordSet"))
CERTIFICATE = Kind(f"acm.{ACK}/{VERSION}", "Certificate")
OF_ACK = Rule(
    done=(ack.SYNCED,),
    unless=(ack.REFERENCES, ack.READY),
    wrong=(ack.TERMINAL, ack.RECOVERABLE),
    final=(ack.TERMINAL,),
    renewed=True,
)
OF_CROSSPLANE = Rule(done=("Synced", "Ready"))
OF_KRO = Rule(unless=("InstanceManaged", "GraphResolved", "ResourcesReady"), state=("status.state", "ACTIVE"))
READY = Rule(done=("Ready",))
SINGLE = {
    Kind("external-secrets.io/v1", "ClusterSecretStore"): READY,
    Kind("external-secrets.io/v1", "SecretStore"): READY,
    Kind("external-secrets.io/v1", "ExternalSecret"): READY,
    Kind("external-secrets.io/v1alpha1", "PushSecret"): READY,
    Kind("cert-manager.io/v1", "ClusterIssuer"): READY,
    Kind("cert-manager.io/v1", "Issuer"): READY,
    Kind("cert-manager.io/v1", "Certificate"): READY,
    Kind("pkg.crossplane.io/v1", "Provider"): Rule(done=("Installed", "Healthy")),
    DEFINITION: Rule(
        unless=("GraphAccepted", "KindReady", "ControllerReady"), state=("status.state", "Active")
    ),
}
"""Kinds by their names: those of ACK and Crossplane are found by their groups, kro's by its definitions."""
FORBIDDEN = 403


@dataclass(frozen=True)
class Seen:
    """All that was seen."""

    waiting: tuple[Waiting, ...]
    """What comes first is not kept by anything that comes later."""
    hidden: tuple[str, ...]
    """Kinds that one may not look at."""


def look(cluster: Cluster, argo_cd: str, name_servers: NameServers | None = None) -> Seen:
    """Look at the whole cluster; with `name_servers`, ask DNS whether zones are delegated as well.

    Raises ClusterError where the cluster cannot be reached.
    """
    looking = _Looking(cluster, now())
    found = [
        *looking.aws(name_servers),
        *looking.kubernetes(),
        *looking.kro(),
        *looking.applications(argo_cd),
    ]
    return Seen(tuple(found), tuple(looking.hidden))


class _Looking:
    def __init__(self, cluster: Cluster, time: datetime) -> None:
        self._cluster = cluster
        self._now = time
        self.hidden: list[str] = []

    def aws(self, name_servers: NameServers | None) -> Iterator[Waiting]:
        """What AWS makes, and the delegations that certificates wait for."""
        zones = delegations(self._all(HOSTED_ZONE), self._all(RECORD_SET), name_servers, self._now)
        yield from (zone.waiting for zone in zones if zone.waiting)
        for kind in self._cluster.kinds(ACK):
            if kind == CERTIFICATE:
                yield from self._judged_by(kind, lambda item: self._certificate(item, zones))
            else:
                yield from self._judged(kind, OF_ACK)
        for kind in self._cluster.kinds(CROSSPLANE):
            yield from self._judged(kind, OF_CROSSPLANE)
        yield from self._judged_by(INGRESS, self._ingress)

    def kubernetes(self) -> Iterator[Waiting]:
        """What controllers of the cluster make ready, and pods."""
        for kind, rule in SINGLE.items():
            yield from self._judged(kind, rule)
        yield from self._judged_by(POD, self._pod)

    def kro(self) -> Iterator[Waiting]:
        """The claims: objects of the kinds that kro's definitions make."""
        for definition in self._all(DEFINITION):
            schema = definition["spec"]["schema"]
            kind = Kind(f"{schema.get('group', 'kro.run')}/{schema['apiVersion']}", schema["kind"])
            yield from self._judged(kind, OF_KRO)

    def applications(self, namespace: str) -> Iterator[Waiting]:
        """Applications that are not Synced and Healthy."""
        for item in self._cluster.list(APPLICATION, namespace):
            row = row_of(item)
            if not row.done:
                yield waiting(item, f"{row.sync} {row.health}", row.note, _changed(item), self._now)

    def _certificate(self, item: Object, zones: list[Delegation]) -> Waiting | None:
        found = judge(item, OF_ACK, self._now)
        advice = [zone.advice for zone in zones if zone.advice and zone.covers(item["spec"]["domainName"])]
        if found and advice:
            return replace(found, blocked="; ".join([found.blocked, *advice]))
        return found

    def _ingress(self, item: Object) -> Waiting | None:
        if field(item, "status.loadBalancer.ingress"):
            return None
        made = item["metadata"]["creationTimestamp"]
        return waiting(item, "no address", "", made, self._now, slow(item))

    def _pod(self, item: Object) -> Waiting | None:
        status = item.get("status") or {}
        if status.get("phase") in ("Succeeded", "Failed"):
            return None
        failing = [one for one in status.get("conditions") or () if one["status"] != "True"]
        held = [
            why
            for containers in ("initContainerStatuses", "containerStatuses")
            for container in status.get(containers) or ()
            if (why := (container.get("state") or {}).get("waiting"))
        ]
        if not held and not failing:
            return None
        reasons = [one.get("reason", "") for one in (*held, *failing)]
        says = short(dict.fromkeys(one.get("message", "") for one in (*held, *failing)))
        times = [one["lastTransitionTime"] for one in failing if one.get("lastTransitionTime")]
        since = min(times, default=item["metadata"]["creationTimestamp"])
        return waiting(item, next((one for one in reasons if one), "not ready"), says, since, self._now)

    def _judged(self, kind: Kind, rule: Rule) -> Iterator[Waiting]:
        return self._judged_by(kind, lambda item: judge(item, rule, self._now))

    def _judged_by(self, kind: Kind, judge_: Callable[[Object], Waiting | None]) -> Iterator[Waiting]:
        yield from (found for item in self._all(kind) if (found := judge_(item)))

    def _all(self, kind: Kind) -> list[Object]:
        try:
            return self._cluster.list(kind)
        except ClusterError as error:
            if error.status != FORBIDDEN:
                raise
            self.hidden.append(f"{kind.kind} of {kind.api_version}")
            return []


def _changed(application: Object) -> str:
    """Since when an Application is as it is."""
    running = field(application, "status.operationState.phase") == "Running"
    return str(
        (running and field(application, "status.operationState.startedAt"))
        or field(application, "status.health.lastTransitionTime")
        or application["metadata"]["creationTimestamp"]
    )
