"""`python -m kfaws.harness.standins.aws`: all of AWS's services behind one port of 127.0.0.1."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import tempfile
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
    parser.add_argument("--databases", type=Path, help="a folder for the data of databases; it is emptied")
    parser.add_argument("--mariadbd", type=Path, help="the server of databases; without it they have none")
    asked = parser.parse_args()
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(message)s", level=logging.WARNING)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # moto reads it when it is imported.
    os.environ["MOTO_ACCOUNT_ID"] = asked.account
    os.environ["MOTO_ACM_VALIDATION_WAIT"] = "0"
    with tempfile.TemporaryDirectory(prefix="kfaws-databases-") as scratch:
        serve(asked, asked.databases or Path(scratch))


def serve(asked: argparse.Namespace, folder: Path) -> None:
    """Furnish and serve, with the data of databases in that folder."""
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )

    from kfaws.harness.standins.aws.account import Account
    from kfaws.harness.standins.aws.application import Application
    from kfaws.harness.standins.aws.databases import Databases
    from kfaws.harness.standins.aws.overlay import correct, stand_on

    correct()
    environment: Path | None = asked.environment
    answers = yaml.safe_load((environment / ".copier-answers.yml").read_text()) if environment else {}
    with Databases(folder, asked.mariadbd) as databases:
        stand_on(databases)
        application = Application(
            DomainDispatcherApplication(create_backend_app),
            asked.region,
            answers.get("cluster_name", ""),
            databases,
        )
        server = make_server(
            "127.0.0.1", asked.port, application, threaded=True, request_handler=MotoRequestHandler
        )
        serving = threading.Thread(target=server.serve_forever)
        for number in (signal.SIGTERM, signal.SIGINT):
            # From a thread of its own: it waits for the server, and the server may be in this handler's way.
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        serving.start()
        if environment:
            Account(f"http://127.0.0.1:{asked.port}", asked.account, asked.region).furnish(environment)
        application.ready.set()
        serving.join()


if __name__ == "__main__":
    main()
