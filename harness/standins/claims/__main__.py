"""`python -m kfaws.harness.standins.claims`: in the place of ACK's controllers and Crossplane's providers."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from pathlib import Path

from kfaws.harness.standins.claims.aws import Aws
from kfaws.harness.standins.claims.engine import Engine
from kfaws.harness.standins.health import Health

RESYNC = 30.0


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="claims", description=__doc__)
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--aws-endpoint", required=True, help="URL of all of AWS's services")
    parser.add_argument("--region", required=True)
    parser.add_argument("--account", required=True, help="twelve digits")
    parser.add_argument(
        "--pod-identity", default="", help="URL below which <namespace>/<ServiceAccount> has credentials"
    )
    parser.add_argument("--health-port", type=int, required=True)
    parser.add_argument("--resync", type=float, default=RESYNC, help="seconds between two looks for drift")
    asked = parser.parse_args()
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(message)s", level=logging.WARNING)
    logging.getLogger("claims").setLevel(logging.INFO)
    health = Health(asked.health_port)
    aws = Aws(asked.aws_endpoint, asked.region, asked.account)
    engine = Engine(asked.kubeconfig, aws, asked.resync, asked.pod_identity)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: engine.stop())
    engine.run(health.ready)


if __name__ == "__main__":
    main()
