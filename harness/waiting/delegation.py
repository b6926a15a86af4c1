"""Whether the parent of a hosted zone sends the world to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import dns.exception
import dns.message
import dns.name
import dns.query
import dns.rdatatype
import dns.resolver

from kfaws.generator.model import Object
from kfaws.harness.waiting import slow
from kfaws.harness.waiting.judging import Waiting, waiting

DNS_SECONDS = 5.0
NameServers = Callable[[str], set[str]]
"""The name servers that the parent of a domain gives for it; raises DNSException when it cannot be asked."""


@dataclass(frozen=True)
class Parent:
    """Asks the parent zone's own servers: others may remember for hours that there was nothing."""

    resolver: dns.resolver.Resolver | None = None
    """Finds the parent's servers; None: this machine's."""
    port: int = 53

    def __call__(self, domain: str) -> set[str]:
        """Their answer, in lower case and without last dots."""
        name, resolver = dns.name.from_text(domain), self.resolver or dns.resolver.Resolver()
        zone = dns.resolver.zone_for_name(name.parent(), resolver=resolver, lifetime=DNS_SECONDS)
        query = dns.message.make_query(name, dns.rdatatype.NS)
        refused: Exception | None = None
        for server in resolver.resolve(zone, "NS", lifetime=DNS_SECONDS):
            try:
                address = resolver.resolve(server.target, "A", lifetime=DNS_SECONDS)[0].address
                answer = dns.query.udp(query, address, timeout=DNS_SECONDS, port=self.port)
            except (dns.exception.DNSException, OSError) as error:
                refused = error
                continue
            # It refers to the zone's servers, or is one of them itself.
            sets = [*answer.answer, *answer.authority]
            found = [one for one in sets if one.rdtype == dns.rdatatype.NS and one.name == name]
            return {_bare(str(record.target)) for one in found for record in one}
        raise OSError(f"no name server of {zone} answers") from refused


@dataclass(frozen=True)
class Delegation:
    """What is known of the way to one public hosted zone."""

    domain: str
    waiting: Waiting | None
    """None: its parent has it, or was not asked."""
    advice: str
    """What to do so that its parent has it; empty where that is done, or done by the cluster."""

    def covers(self, host: str) -> bool:
        """Whether a host is in the zone."""
        return f".{_bare(host)}".endswith(f".{self.domain}")


def delegations(
    zones: Iterable[Object], records: Iterable[Object], name_servers: NameServers | None, now: datetime
) -> list[Delegation]:
    """What is known of HostedZones that have name servers; without `name_servers` nobody is asked.

    `records` are the RecordSets of the cluster: one of them may be what the parent is to have.
    """
    made = {_bare(record["spec"].get("name") or "") for record in records if _is_of_name_servers(record)}
    found = []
    for zone in zones:
        servers = slow.field(zone, "status.delegationSet.nameServers") or []
        if servers and not slow.field(zone, "spec.hostedZoneConfig.privateZone"):
            own = {_bare(server) for server in servers}
            found.append(_delegation(zone, own, made, name_servers, now))
    return found


def _delegation(
    zone: Object, own: set[str], made: set[str], name_servers: NameServers | None, now: datetime
) -> Delegation:
    domain = _bare(zone["spec"]["name"])
    advice = f"set the NS record of {domain} at its parent to: {' '.join(sorted(own))}"
    by_hand = "" if domain in made else advice
    if name_servers is None:
        return Delegation(domain, None, by_hand)
    try:
        public = name_servers(domain)
    except (dns.exception.DNSException, OSError) as error:
        state, says = "delegation unknown", f"the parent of {domain} could not be asked: {error}"
    else:
        if own & public:
            return Delegation(domain, None, "")
        seen = ", ".join(sorted(public)) or "no name servers"
        state, says = "not delegated", f"the parent of {domain} gives {seen}"
    final, since = bool(by_hand) and state == "not delegated", zone["metadata"]["creationTimestamp"]
    blocked = by_hand or f"a RecordSet of the cluster is to do it: {advice}"
    return Delegation(domain, waiting(zone, state, says, since, now, None, final, blocked), by_hand)


def _is_of_name_servers(record: Object) -> bool:
    return bool(record["spec"].get("recordType") == "NS")


def _bare(name: str) -> str:
    return name.rstrip(".").lower()
