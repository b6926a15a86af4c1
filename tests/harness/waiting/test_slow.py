"""The table of what takes its time."""

from __future__ import annotations

import pytest

from kfaws.harness.standins.claims.ack.kinds import DOMAIN as ACK
from kfaws.harness.standins.claims.ack.kinds import KINDS as OF_ACK
from kfaws.harness.standins.claims.crossplane.kinds import DOMAIN as CROSSPLANE
from kfaws.harness.standins.claims.crossplane.kinds import KINDS as OF_CROSSPLANE
from kfaws.harness.waiting.slow import Slow, all_slow

ENTRIES = [(kind, entry) for kind, entries in all_slow().items() for entry in entries]


def test_every_kind_is_one_that_an_environment_has() -> None:
    known = {f"{kind}.{group}.{ACK}" for group, kind in OF_ACK}
    known |= {f"{kind}.{group}.{CROSSPLANE}" for group, kind in OF_CROSSPLANE}
    assert set(all_slow()) <= {*known, "Ingress.networking.k8s.io"}


@pytest.mark.parametrize(("kind", "entry"), ENTRIES)
def test_an_entry_names_its_source_in_the_documentation_of_aws(kind: str, entry: Slow) -> None:
    assert entry.source.startswith("https://docs.aws.amazon.com/")
    assert entry.minutes > 0
    assert not (entry.first or entry.never) or entry.state.startswith("status.")


def test_an_entry_for_the_rest_is_the_last_of_its_kind() -> None:
    for entries in all_slow().values():
        assert [bool(entry.when) for entry in entries] == [True] * (len(entries) - 1) + [False]
