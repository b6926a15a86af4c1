"""Overlays of a generated repository, each built on its own by real kustomize."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from copier import run_copy

from kfaws.generator.answers import read_answers
from kfaws.generator.building import Builder
from kfaws.generator.model import Object
from kfaws.generator.progress import silent
from kfaws.generator.repository import Repository
from kfaws.generator.sources import Source
from kfaws.generator.upstream.resolver import Upstream
from tests.conftest import ANSWERS, stage

HASH = re.compile("-[2456789bcdfghkmt]{10}$")
"""What kustomize ends the names of generated ConfigMaps with: ten of the letters that it chose."""
PARTS = (
    "template/kubeflow",
    "template/platform",
    "template/#{ _copier_conf.answers_file }#.jinja",
)


class Overlays:
    """One environment's overlays."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._builder = Builder(Repository(folder), Upstream(lambda _: None), silent())
        self._built: dict[str, list[Object]] = {}

    @classmethod
    def generate(cls, folder: Path, environment: str, **answers: Any) -> Overlays:
        """The overlays of the answers in tests/answers/valid, with some of them changed."""
        source = stage(folder / "template", *PARTS)
        data = {**read_answers(ANSWERS / "valid" / f"{environment}.yml"), **answers}
        run_copy(str(source), folder / "generated", data=data, defaults=True, quiet=True)
        return cls(folder / "generated")

    def __contains__(self, overlay: str) -> bool:
        return (self.folder / overlay).is_dir()

    def objects(self, overlay: str) -> list[Object]:
        """What an overlay's folder renders to."""
        if overlay not in self._built:
            source = Source(overlay, Path(overlay), None, {}, "", self._builder.repository.kubernetes_version)
            [outcome] = self._builder.build([source], overlay)
            if outcome.failed:
                raise outcome.failed
            assert outcome.not_rendered is None, outcome.not_rendered
            self._built[overlay] = outcome.objects
        return self._built[overlay]

    def all(self) -> Iterable[tuple[str, Object]]:
        """Every object of every overlay that has workloads, with its overlay."""
        for file in sorted(self.folder.glob("*/*/kustomization.yaml")):
            overlay = str(file.parent.relative_to(self.folder))
            if "kind: Component" not in file.read_text():
                yield from ((overlay, item) for item in self.objects(overlay))

    def get(self, overlay: str, kind: str, name: str) -> Object:
        """One object; a name that kustomize ended with a hash is found without it."""
        found = [o for o in self.objects(overlay) if o["kind"] == kind and unhashed(o) == name]
        assert len(found) == 1, f"{overlay} has {len(found)} of {kind}/{name}"
        return found[0]

    def names(self, overlay: str) -> set[tuple[str, str]]:
        """Kind and name of every object."""
        return {(item["kind"], item["metadata"]["name"]) for item in self.objects(overlay)}

    def container(self, overlay: str, deployment: str, name: str) -> Object:
        """A container of a Deployment, or one that starts before the others."""
        spec = self.get(overlay, "Deployment", deployment)["spec"]["template"]["spec"]
        containers: list[Object] = [*spec["containers"], *spec.get("initContainers", [])]
        return next(container for container in containers if container["name"] == name)

    def env(self, overlay: str, deployment: str, container: str) -> dict[str, Any]:
        """Variables of a container: a text, or `secret:NAME/KEY`, `configMap:NAME/KEY`."""
        return {
            variable["name"]: variable.get("value", _source(variable.get("valueFrom", {})))
            for variable in self.container(overlay, deployment, container).get("env", [])
        }


def _source(value: dict[str, Any]) -> str:
    for kind in ("secret", "configMap"):
        if reference := value.get(f"{kind}KeyRef"):
            return f"{kind}:{reference['name']}/{reference['key']}"
    return str(value)


def unhashed(item: Object) -> str:
    """An object's name without kustomize's hash."""
    name = str(item["metadata"]["name"])
    return HASH.sub("", name) if item["kind"] in ("ConfigMap", "Secret") else name
