"""`python -m kfaws.harness.standins.cluster`: in the place of what kubelet does before a container starts."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from pathlib import Path

from kfaws.harness.kube import Cluster
from kfaws.harness.standins.cluster.gate import Gate
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
    gate = Gate(Cluster(asked.kubeconfig))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: gate.stop())
    gate.run(health.ready)


if __name__ == "__main__":
    main()
