"""ACM: a certificate is issued once its validation record is in Route 53, and not before."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moto.acm.models import CertBundle
from moto.route53.models import FakeZone, route53_backends

from kfaws.harness.standins.aws.requests import Asked

ANSWERS: dict[tuple[str, str], Callable[[Asked], Mapping[str, Any]]] = {}
PENDING, ISSUED = "PENDING_VALIDATION", "ISSUED"


def correct() -> None:
    """moto issues a certificate after a while, whatever DNS says."""
    checked = CertBundle.check

    def check(self: CertBundle) -> None:
        if self.type != "AMAZON_ISSUED" or self.status != PENDING:
            checked(self)
        elif _validated(self):
            self.status = ISSUED

    CertBundle.check = check  # type: ignore[method-assign]


def _validated(certificate: CertBundle) -> bool:
    options = certificate.describe()["Certificate"]["DomainValidationOptions"]
    return all(_is_answered(option["ResourceRecord"]) for option in options)


def _is_answered(record: Mapping[str, str]) -> bool:
    """Whether the zone that the world would ask has that record."""
    name, zones = record["Name"], list(_public_zones())
    zone = max((zone for zone in zones if _is_below(name, zone.name)), key=_length, default=None)
    if zone is None or not _is_delegated(zone, zones):
        return False
    return any(
        found.type == "CNAME" and found.name == name and record["Value"] in found.records
        for found in zone.rrsets
    )


def _is_delegated(zone: FakeZone, zones: list[FakeZone]) -> bool:
    """Whether its parent, if that is of this account, names it; other parents are taken to do so."""
    parents = [other for other in zones if other is not zone and _is_below(zone.name, other.name)]
    parent = max(parents, key=_length, default=None)
    return parent is None or any(found.type == "NS" and found.name == zone.name for found in parent.rrsets)


def _is_below(name: str, zone: str) -> bool:
    return name == zone or name.endswith(f".{zone}")


def _length(zone: FakeZone) -> int:
    return len(zone.name)


def _public_zones() -> Iterator[FakeZone]:
    backends = route53_backends[os.environ["MOTO_ACCOUNT_ID"]]
    for partition in list(backends):
        yield from (zone for zone in backends[partition].zones.values() if not zone.private_zone)
