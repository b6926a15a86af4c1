"""A keeper without programs: it writes the state of a platform that is up, and ends on SIGTERM."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from kfaws.harness.platform import Part, Platform, State
from kfaws.harness.platform.state import FAILED, RUNNING, STARTING


def main() -> None:
    """`keeper.py ENVIRONMENT FOLDER PHASE AWS`: stay in that phase."""
    environment, folder, phase, aws = sys.argv[1:]
    platform, ended = Platform(Path(environment), Path(folder)), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    said = {RUNNING: "", STARTING: "starting etcd", FAILED: "etcd is missing"}[phase]
    parts = (Part("etcd", os.getpid(), "ready", 0),)
    print("the keeper's own words", flush=True)
    (platform.folder / "keeper.pid").write_text(str(os.getpid()))
    platform.write(State(os.getpid(), environment, phase, said, "kubeconfig", aws, "argocd", parts))
    if phase != FAILED:
        ended.wait()
        platform.forget()


if __name__ == "__main__":
    main()
