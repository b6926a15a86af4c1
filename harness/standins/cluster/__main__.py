"""`python -m kfaws.harness.standins.cluster`: in the place of kubelet and of CSI drivers."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path

from kfaws.harness.kube import Cluster
from kfaws.harness.standins.cluster.gate import Gate
from kfaws.harness.standins.cluster.volumes import Provisioner
from kfaws.harness.standins.health import Health


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="cluster", description=__doc__)
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--health-port", type=int, required=True)
    asked = parser.parse_args()
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(message)s", level=logging.WARNING)
    logging.getLogger("cluster").setLevel(logging.INFO)
    health = Health(asked.health_port)
    cluster, ended = Cluster(asked.kubeconfig), threading.Event()
    gate = Gate(cluster)

    def end(*_: object) -> None:
        ended.set()
        gate.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    threading.Thread(target=Provisioner(cluster, ended).run, daemon=True).start()
    gate.run(health.ready)


if __name__ == "__main__":
    main()
