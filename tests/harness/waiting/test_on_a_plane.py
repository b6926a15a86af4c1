"""A real API server with the CRDs of the mirror: kinds are found by their groups."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kfaws.harness.crds.manifest import OPEN, Named, crd
from kfaws.harness.kube import Cluster, Kind
from kfaws.harness.polling import Done, Pending, eventually
from kfaws.harness.standins.claims.ack import conditions as ack
from kfaws.harness.standins.claims.ack.kinds import DOMAIN, VERSION
from kfaws.harness.waiting import look
from tests.harness.crds.conftest import FindCrd, mirrored
from tests.harness.crds.plane import plane, programs

__all__ = ["mirrored"]

NAMES = ("etcd", "kube-apiserver")
INSTANCE = Kind(f"rds.{DOMAIN}/{VERSION}", "DBInstance")
EXPORT = Kind(f"{DOMAIN}/{VERSION}", "FieldExport")
"""Of ACK itself: nothing of AWS stands behind it."""
CLAIM = {
    "apiVersion": INSTANCE.api_version,
    "kind": INSTANCE.kind,
    "metadata": {"name": "database", "namespace": "default"},
    "spec": {"dbInstanceIdentifier": "database", "dbInstanceClass": "db.t4g.medium", "engine": "mysql"},
}
WITHIN = 60.0


@pytest.fixture(scope="module")
def cluster(mirrored: FindCrd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    paths = programs()
    missing = [name for name in NAMES if name not in paths]
    if missing:
        pytest.skip(f"not built: {', '.join(missing)} (run `kfaws tools`)")
    with plane(tmp_path_factory.mktemp("plane"), paths) as running:
        running.apply(mirrored(f"rds.{DOMAIN}", INSTANCE.kind))
        running.apply(crd(Named(DOMAIN, EXPORT.kind, (VERSION,), "nothing"), OPEN, OPEN))

        def served() -> Done[None] | Pending:
            return Done(None) if all(map(running.serves, (INSTANCE, EXPORT))) else Pending("not served yet")

        eventually("the kinds are served", served, WITHIN)
        yield running


def test_a_database_is_waited_for_until_it_is_synced(cluster: Cluster) -> None:
    assert cluster.kinds(DOMAIN) == [INSTANCE]
    cluster.apply(CLAIM)
    (found,) = look(cluster, "argocd").waiting
    assert (found.kind, found.name, found.state) == (
        "DBInstance",
        "database",
        "not looked at by its controller",
    )
    status = {"dbInstanceStatus": "creating", "conditions": ack.not_synced()}
    cluster.patch(CLAIM, {"status": status}, subresource="status")
    (found,) = look(cluster, "argocd").waiting
    assert (found.state, found.says, found.late) == ("creating", ack.NOT_SYNCED_WORDS, False)
    status = {"dbInstanceStatus": "available", "conditions": ack.synced()}
    cluster.patch(CLAIM, {"status": status}, subresource="status")
    assert not look(cluster, "argocd").waiting
