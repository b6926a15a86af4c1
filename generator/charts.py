"""Helm charts, rendered as Argo CD renders them."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import yaml

from kfaws.generator.errors import KfawsError
from kfaws.generator.manifests import parse
from kfaws.generator.model import Object
from kfaws.generator.programs import helm
from kfaws.generator.run import run

KNOWN = {
    "releaseName",
    "valuesObject",
    "values",
    "valueFiles",
    "parameters",
    "skipCrds",
    "skipTests",
    "version",
}


def template(
    chart: Path, options: dict[str, Any], name: str, namespace: str, kube_version: str
) -> list[Object]:
    """Render a chart. `options` is `spec.source.helm`, `name` the Application's."""
    unknown = set(options) - KNOWN
    if unknown:
        raise KfawsError(f"helm option {', '.join(sorted(unknown))} is not supported here: use valuesObject")
    with tempfile.TemporaryDirectory(prefix="kfaws-chart-") as folder:
        chart = _without_disabled_dependencies(chart, options, Path(folder))
        values = Path(folder) / "values.yaml"
        values.write_text(_values(options))
        command: list[str | Path] = [helm().path, "template", chart]
        command += ["--name-template", options.get("releaseName") or name, "--namespace", namespace]
        # A cluster reports all three parts of its version.
        command += ["--kube-version", f"{kube_version}.0" if kube_version.count(".") == 1 else kube_version]
        for file in options.get("valueFiles", []):
            command += ["--values", chart / file]
        command += ["--values", values]
        for parameter in options.get("parameters", []):
            flag = "--set-string" if parameter.get("forceString") else "--set"
            command += [flag, f"{parameter['name']}={parameter['value']}"]
        if not options.get("skipCrds"):
            command.append("--include-crds")
        if options.get("skipTests"):
            command.append("--skip-tests")
        printed = run(command).stdout.decode()
    return parse(printed, f"what chart {chart.name} printed")


def _values(options: dict[str, Any]) -> str:
    """Argo CD lets `valuesObject` win over the text of `values`."""
    if options.get("valuesObject"):
        return yaml.safe_dump(options["valuesObject"])
    return str(options.get("values") or "{}")


def _without_disabled_dependencies(chart: Path, options: dict[str, Any], folder: Path) -> Path:
    """Copy a chart whose dependencies were not packed with it, less those that its values turn off.

    Argo CD downloads them, and then Helm leaves the disabled ones out: the objects are the same.
    """
    file = chart / "Chart.yaml"
    if not file.is_file():
        raise KfawsError(f"{chart} is no chart: it has no Chart.yaml")
    description = yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
    missing = [entry for entry in description.get("dependencies", []) if not _is_packed(chart, entry["name"])]
    if not missing:
        return chart
    values = yaml.load((chart / "values.yaml").read_bytes(), Loader=yaml.CSafeLoader) or {}
    for entry in missing:
        if not _is_off(entry.get("condition", ""), options.get("valuesObject") or {}, values):
            raise KfawsError(
                f"chart {chart.name} needs chart {entry['name']}, which is not in its repository"
            )
    copy = folder / chart.name
    shutil.copytree(chart, copy)
    (copy / "Chart.lock").unlink(missing_ok=True)
    description["dependencies"] = [entry for entry in description["dependencies"] if entry not in missing]
    (copy / "Chart.yaml").write_text(yaml.safe_dump(description, sort_keys=False))
    return copy


def _is_packed(chart: Path, name: str) -> bool:
    return (chart / "charts" / name).is_dir() or any((chart / "charts").glob(f"{name}-*.tgz"))


def _is_off(condition: str, *layers: dict[str, Any]) -> bool:
    """Tell whether a condition is false: its first path with a value counts, in its first layer."""
    for path in filter(None, condition.split(",")):
        for layer in layers:
            value: Any = layer
            for part in path.strip().split("."):
                value = value.get(part) if isinstance(value, dict) else None
            if isinstance(value, bool):
                return not value
    return False
