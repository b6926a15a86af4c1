"""`python -m kfaws.harness.standins.controllers`: in the place of controllers of the cluster."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from kfaws.harness.standins.controllers.client import Client
from kfaws.harness.standins.controllers.engine import Engine
from kfaws.harness.standins.controllers.metrics.server import Metrics
from kfaws.harness.standins.controllers.registry import controllers
from kfaws.harness.standins.health import Health


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="controllers", description=__doc__)
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--health-port", type=int, required=True)
    parser.add_argument("--metrics-port", type=int, help="where to serve metrics.k8s.io; without: not at all")
    asked = parser.parse_args()
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(message)s", level=logging.WARNING)
    logging.getLogger("controllers").setLevel(logging.INFO)
    health = Health(asked.health_port)
    kubeconfig: Path = asked.kubeconfig
    metrics = Metrics(Client(kubeconfig), asked.metrics_port) if asked.metrics_port else None

    def ready() -> None:
        if metrics:
            metrics.register()
        health.ready()

    with ExitStack() as running:
        acting_as = partial(Client, kubeconfig)
        engine = Engine(Client(kubeconfig), acting_as, controllers(running))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: engine.stop())
        engine.run(ready)


if __name__ == "__main__":
    main()
