"""Which code stands for which row of the table."""

from __future__ import annotations

from collections.abc import Mapping

from kfaws.harness.standins.controllers.cert_manager.injection import Injector
from kfaws.harness.standins.controllers.cert_manager.issuing import CertManager
from kfaws.harness.standins.controllers.controller import Controller
from kfaws.harness.standins.controllers.present import Row


def controllers(rows: Mapping[str, Row]) -> dict[str, Controller]:
    """A controller for each row of the table."""
    known: dict[str, Controller] = {
        "cert-manager": CertManager(),
        "cert-manager-cainjector": Injector(),
    }
    return {name: known[name] for name in rows}
