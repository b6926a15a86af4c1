"""botocore's service models, read as data: importing botocore takes longer than a whole check."""

from __future__ import annotations

import gzip
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson

from kfaws.generator.errors import KfawsError

Shape = dict[str, Any]


class Service:
    """One service's newest model."""

    def __init__(self, name: str) -> None:
        """Load a service by botocore's name, such as `rds` or `cognito-idp`."""
        versions = sorted((_data_folder() / name).glob("*/service-2.json*"))
        if not versions:
            raise KfawsError(f"botocore has no service {name}: update the package boto3")
        content = versions[-1].read_bytes()
        model = orjson.loads(gzip.decompress(content) if versions[-1].suffix == ".gz" else content)
        self.name = name
        self._operations: dict[str, Any] = model["operations"]
        self._shapes: dict[str, Shape] = model["shapes"]

    @property
    def operations(self) -> frozenset[str]:
        """Names of all operations."""
        return frozenset(self._operations)

    def input(self, operation: str) -> Shape:
        """Shape of an operation's input."""
        return self._shapes[self._operations[operation]["input"]["shape"]]

    def at(self, operation: str, path: tuple[str, ...]) -> Shape:
        """Shape of a member of an operation's input; `[]` stands for the elements of a list."""
        return self._below(self.input(operation), path)

    def result(self, operation: str, path: tuple[str, ...] = ()) -> Shape:
        """Shape of an operation's output, or of a member of it; an operation without one has no members."""
        output = self._operations[operation].get("output")
        return self._below(self.shape(output), path) if output else {"type": "structure", "members": {}}

    def _below(self, shape: Shape, path: tuple[str, ...]) -> Shape:
        for name in path:
            shape = self.shape(shape["member"] if name == "[]" else shape["members"][name])
        return shape

    def shape(self, reference: dict[str, Any]) -> Shape:
        """The shape that a member refers to."""
        return self._shapes[reference["shape"]]


def _data_folder() -> Path:
    found = find_spec("botocore")
    if found is None or not found.submodule_search_locations:
        raise KfawsError("the package botocore is not installed: `uv sync` installs it")
    return Path(found.submodule_search_locations[0]) / "data"


@cache
def service(name: str) -> Service:
    """A service's model, loaded once."""
    return Service(name)


def exists(name: str) -> bool:
    """True when botocore has a service of that name."""
    return (_data_folder() / name).is_dir()
