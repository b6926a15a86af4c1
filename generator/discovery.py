"""What AWS already knows of an environment: answers that need no asking, and what there is to choose from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from kfaws.generator.doctor.site import Account
from kfaws.generator.errors import KfawsError
from kfaws.generator.offers import Changes, certificate_offers, user_pool_offers, zone_offers
from kfaws.generator.survey import describe, read_certificates, read_cluster, read_user_pools, read_zones

OFFERS: dict[str, Callable[[Account], Changes]] = {
    "hosted zones": lambda account: zone_offers(read_zones(account)),
    "certificates": lambda account: certificate_offers(read_certificates(account)),
    "user pools": lambda account: user_pool_offers(read_user_pools(account)),
}
"""What is offered where it can be read, and what it changes in the questions."""


@dataclass(frozen=True)
class Discovery:
    """What a look at one account and cluster found."""

    known: Mapping[str, Any] = field(default_factory=dict)
    """Answers that follow from the cluster."""
    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Per question, the choices or the default that the account offers."""
    notes: tuple[str, ...] = ()
    """What could not be read, and so is asked without an offer."""

    def refuse_contradiction(self, answers: Mapping[str, Any]) -> None:
        """Refuse an answer that the cluster contradicts; subnets may be other ones of the same VPC."""
        for name, value in self.known.items():
            if isinstance(value, str) and name in answers and answers[name] != value:
                said = f"the answers file says {answers[name]}, but the cluster's is {value}"
                raise KfawsError(f"{name}: {said}; remove the answer")


def discover(cluster: str, region: str | None) -> Discovery:
    """Read cluster and network, then zones, certificates and user pools.

    Raises KfawsError when the cluster cannot be read; what else cannot be is noted.
    """
    try:
        session = boto3.Session(region_name=region)
        if session.region_name is None:
            raise KfawsError("--cluster needs its region; add --region, such as --region us-west-2")
        account = Account(session, session.region_name)
        known = read_cluster(account, cluster)
    except NoCredentialsError as error:
        raise KfawsError("no AWS credentials: log in with `aws sso login`, or set AWS_PROFILE") from error
    except (ClientError, BotoCoreError) as error:
        remedy = "check --cluster, --region and AWS_PROFILE"
        raise KfawsError(f"cluster {cluster}: {describe(error)}; {remedy}") from error
    changes: Changes = {}
    notes = []
    for what, look in OFFERS.items():
        try:
            changes |= look(account)
        except (ClientError, BotoCoreError) as error:
            notes.append(
                f"{what} could not be read ({describe(error)}); questions about them offer no choice"
            )
    return Discovery(known, changes, tuple(notes))
