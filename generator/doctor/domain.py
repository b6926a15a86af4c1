"""The domain: hosted zones, their delegation, and the certificate."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import dns.exception
import dns.resolver
from botocore.exceptions import ClientError

from kfaws.generator.doctor.report import Line, judge, missing, ok, unknown
from kfaws.generator.doctor.site import Site, answer, code_of

DNS_SECONDS = 5.0


def check_root_zone(site: Site) -> Iterator[Line]:
    """The root domain's zone is the one that the world asks."""
    if site.answers.get("root_zone") != "route53":
        return
    yield from _zone(
        site, "Root zone", site.answers["root_zone_id"], site.answers["root_domain"], "root_zone_id"
    )


def check_zone(site: Site) -> Iterator[Line]:
    """The environment's own zone is right and delegated; a new one will need a delegation."""
    if site.answers.external("zone_source"):
        yield from _zone(site, "Zone", site.answers["zone_id"], site.answers["domain"], "zone_id")
        return
    if site.answers.get("root_zone") != "elsewhere":
        return
    domain = site.answers["domain"]
    listed = site.account.client("route53").list_hosted_zones_by_name(DNSName=domain)["HostedZones"]
    zones = [zone for zone in listed if zone["Name"] == f"{domain}." and not zone["Config"]["PrivateZone"]]
    if zones:
        yield from _zone(site, "Zone", zones[0]["Id"], domain, "zone_id")
        return
    yield unknown(
        "Zone",
        f"{domain} is made by the first sync; certificate and log-in wait until its name servers are set"
        f" where {site.answers['root_domain']} is served",
        "kubectl --namespace kubeflow-claims get hostedzones.route53.services.k8s.aws --output"
        " jsonpath='{.items[*].status.delegationSet.nameServers}'",
    )


def check_certificate(site: Site) -> Iterator[Line]:
    """An existing certificate is issued, lies in the region and covers the environment's hosts."""
    if not site.answers.external("certificate_source"):
        return
    topic, arn = "Certificate", site.answers["certificate_arn"]
    look = site.aws("acm", "list-certificates", "--certificate-statuses", "ISSUED")
    try:
        found = site.account.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        yield missing(topic, f"{arn} is not in {site.region}", look)
        return
    yield judge(topic, found["Status"] == "ISSUED", f"{arn}: {found['Status']}", look)
    names = {found["DomainName"], *found.get("SubjectAlternativeNames", [])}
    domain, listed = site.answers["domain"], ", ".join(sorted(names))
    bare = [
        host for host in (f"kubeflow.{domain}", f"api.{domain}") if not any(_covers(n, host) for n in names)
    ]
    yield judge(
        "Names on the certificate",
        not bare,
        listed if not bare else f"{', '.join(bare)} is not covered by {listed}",
        site.aws("acm", "request-certificate", "--domain-name", domain, "--validation-method", "DNS",
                 "--subject-alternative-names", f"*.{domain}"),
    )  # fmt: skip


def _zone(site: Site, topic: str, zone_id: str, domain: str, question: str) -> Iterator[Line]:
    try:
        found = site.account.client("route53").get_hosted_zone(Id=zone_id)
    except ClientError as error:
        if code_of(error) != "NoSuchHostedZone":
            raise
        yield missing(
            topic, f"{zone_id} does not exist", f"aws route53 list-hosted-zones-by-name --dns-name {domain}"
        )
        return
    zone = found["HostedZone"]
    right = zone["Name"] == f"{domain}." and not zone["Config"].get("PrivateZone", False)
    seen = f"{zone['Name'].rstrip('.')}{' (private)' if zone['Config'].get('PrivateZone') else ''}"
    yield judge(
        topic,
        right,
        f"{zone_id}: {seen}" + ("" if right else f"; the answers want the public zone of {domain}"),
        answer(question, f"<the id of {domain}'s public zone>"),
    )
    if right:
        yield _delegation(site, topic, domain, found)


def _delegation(site: Site, topic: str, domain: str, found: dict[str, Any]) -> Line:
    topic = f"{topic}'s name servers"
    own = {server.rstrip(".").lower() for server in found["DelegationSet"]["NameServers"]}
    try:
        public = _name_servers(site, domain)
    except dns.exception.DNSException as error:
        return unknown(
            topic, f"the name server of this machine did not say ({error})", f"dig +short NS {domain}"
        )
    if own & public:
        return ok(topic, ", ".join(sorted(public)))
    seen = ", ".join(sorted(public)) or "no name servers"
    return missing(
        topic,
        f"the world sees {seen} for {domain}; Route 53 serves it at {', '.join(sorted(own))}",
        f"set the NS record of {domain} at its parent or registrar to: {' '.join(sorted(own))}",
    )


def _name_servers(site: Site, domain: str) -> set[str]:
    """Return the name servers that public DNS gives for a domain, in lower case and without a last dot."""
    resolver = dns.resolver.Resolver(configure=site.resolver is None)
    if site.resolver:
        resolver.nameservers, resolver.port = [site.resolver[0]], site.resolver[1]
    try:
        records = resolver.resolve(domain, "NS", lifetime=DNS_SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return set()
    return {str(record.target).rstrip(".").lower() for record in records}


def _covers(name: str, host: str) -> bool:
    """Say whether a certificate's name covers a host; a star stands for one label."""
    return fnmatchcase(host, name) and host.count(".") == name.count(".")
