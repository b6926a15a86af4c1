"""Which code stands for which row of the tables."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kfaws.harness.standins.controllers.cert_manager.injection import Injector
from kfaws.harness.standins.controllers.cert_manager.issuing import CertManager
from kfaws.harness.standins.controllers.controller import Controller
from kfaws.harness.standins.controllers.crossplane import Crossplane
from kfaws.harness.standins.controllers.made import Made, MakesItsOwn
from kfaws.harness.standins.controllers.metacontroller.decorators import Decorators
from kfaws.harness.standins.controllers.metacontroller.hooks import Hooks
from kfaws.harness.standins.controllers.present import Row, table
from kfaws.harness.standins.controllers.profiles import Profiles

MADE = Path(__file__).with_name("made.yaml")


def controllers(running: ExitStack) -> Mapping[Row, Controller]:
    """A controller for each row of both tables; `running` ends the programs that some start."""
    hooks = Hooks()
    running.callback(hooks.close)
    known: dict[str, Controller] = {
        "cert-manager": CertManager(),
        "cert-manager-cainjector": Injector(),
        "crossplane": Crossplane(),
        "metacontroller": Decorators(hooks),
        "profile-controller": Profiles(),
    }
    found: dict[Row, Controller] = {row: known[row.name] for row in table().values()}
    for made in all_made():
        where = f"{made.namespace}/{made.deployment}"
        found[Row(where, deployment=where)] = MakesItsOwn(made)
    return found


@cache
def all_made() -> tuple[Made, ...]:
    """The content of made.yaml."""
    entries: dict[str, dict[str, Any]] = yaml.safe_load(MADE.read_text())
    return tuple(_made(where, entry) for where, entry in entries.items())


def _made(where: str, entry: dict[str, Any]) -> Made:
    namespace, _, name = where.partition("/")
    for key in ("webhooks", "not_in"):
        entry[key] = tuple(entry.get(key, ()))
    return Made(namespace, name, **entry)
