"""`python -m kfaws.harness.standins.aws`: all of AWS's services behind one port of 127.0.0.1."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from pathlib import Path

import yaml
from werkzeug.serving import make_server


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="aws", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--account", required=True, help="twelve digits")
    parser.add_argument("--region", required=True)
    parser.add_argument("--environment", type=Path, help="a generated repository: furnishes the account")
    asked = parser.parse_args()
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(message)s", level=logging.WARNING)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # moto reads it when it is imported.
    os.environ["MOTO_ACCOUNT_ID"] = asked.account
    os.environ["MOTO_ACM_VALIDATION_WAIT"] = "0"
    serve(asked.port, asked.account, asked.region, asked.environment)


def serve(port: int, account: str, region: str, environment: Path | None) -> None:
    """Furnish and serve."""
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )

    from kfaws.harness.standins.aws.account import Account
    from kfaws.harness.standins.aws.application import Application
    from kfaws.harness.standins.aws.overlay import correct

    correct()
    answers = yaml.safe_load((environment / ".copier-answers.yml").read_text()) if environment else {}
    application = Application(
        DomainDispatcherApplication(create_backend_app), region, answers.get("cluster_name", "")
    )
    server = make_server("127.0.0.1", port, application, threaded=True, request_handler=MotoRequestHandler)
    serving = threading.Thread(target=server.serve_forever)
    for number in (signal.SIGTERM, signal.SIGINT):
        # From a thread of its own: it waits for the server, and the server may be in this handler's way.
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    serving.start()
    if environment:
        Account(f"http://127.0.0.1:{port}", account, region).furnish(environment)
    application.ready.set()
    serving.join()


if __name__ == "__main__":
    main()
