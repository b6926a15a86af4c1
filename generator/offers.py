"""What an account holds, as choices and defaults of the template's questions.

A default is Jinja in the template's own delimiters: it depends on answers that come later than the look.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from kfaws.generator.survey import Certificate, UserPool, Zone

Changes = dict[str, dict[str, Any]]


def zone_offers(zones: Sequence[Zone]) -> Changes:
    """Root domain, its zone, and the environment's own zone if there is one."""
    if not zones:
        return {"root_zone": {"default": "elsewhere"}}
    choices = {f"{zone.name} ({zone.id})": zone.id for zone in zones}
    counted = Counter(zone.name for zone in zones)
    ids = {zone.name: zone.id for zone in zones if counted[zone.name] == 1}
    names = json.dumps(sorted(counted))
    changes: Changes = {
        "root_zone": {"default": f"#{{ 'route53' if root_domain in {names} else 'elsewhere' }}#"},
        "root_zone_id": {"choices": choices, "default": _lookup(ids, "root_domain")},
        "zone_source": {"default": f"#{{ 'external' if domain in {names} else 'create' }}#"},
        "zone_id": {"choices": choices, "default": _lookup(ids, "domain")},
    }
    root = min(counted, key=len)
    if all(name == root or name.endswith(f".{root}") for name in counted):
        changes["root_domain"] = {"default": root}
    return changes


def certificate_offers(certificates: Sequence[Certificate]) -> Changes:
    """Issued certificates; one for every host of the environment's domain is the default."""
    if not certificates:
        return {}
    choices = {
        f"{', '.join(certificate.names)} ({certificate.arn})": certificate.arn for certificate in certificates
    }
    arns = {name: certificate.arn for certificate in certificates for name in certificate.names}
    return {"certificate_arn": {"choices": choices, "default": _lookup(arns, "'*.' ~ domain")}}


def user_pool_offers(pools: Sequence[UserPool]) -> Changes:
    """User pools, and the app clients of the one that is chosen."""
    if not pools:
        return {}
    clients = {
        pool.id: {f"{name} ({client})": client for client, name in pool.clients.items()} for pool in pools
    }
    return {
        "user_pool_id": {"choices": {f"{pool.name} ({pool.id})": pool.id for pool in pools}},
        "user_pool_client_id": {"choices": f"#{{ {json.dumps(clients)} [user_pool_id] | tojson }}#"},
    }


def _lookup(values: dict[str, str], key: str) -> str:
    return f"#{{ {json.dumps(values)}.get({key}, UNSET) }}#"
