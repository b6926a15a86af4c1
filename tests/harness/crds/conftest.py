"""The CRDs of the mirror, and environments whose definitions use their kinds."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
import yaml

from kfaws.generator.model import Object
from kfaws.generator.upstream.mirror import Mirror
from kfaws.harness.crds.manifest import plural_of
from tests.definitions.conftest import environments, walkthrough_environment

__all__ = ["environments", "walkthrough_environment"]

FindCrd = Callable[[str, str], Object]
FOLDERS = ("config/crd/bases", "package/crds")


@pytest.fixture(scope="session")
def mirrored(mirror: Mirror) -> FindCrd:
    """The CRD that a kind's own project has, by group and kind."""

    @cache
    def find(group: str, kind: str) -> Object:
        name = f"{group}_{plural_of(kind)}.yaml"
        [file] = [
            file
            for entry in mirror.entries.values()
            for folder in FOLDERS
            if (file := entry.folder / folder / name).is_file()
        ]
        found: Object = yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
        return found

    return find
