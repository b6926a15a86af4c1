"""The arguments of a container, as a program on this machine gets them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from kfaws.generator.model import Object

VARIABLE = re.compile(r"\$\((\w+)\)")


def arguments_of(
    container: Object, environment: Mapping[str, str], flags: Mapping[str, str | None]
) -> list[str]:
    """The container's `args` with its variables put in, and `flags` (by name, without dashes) set otherwise.

    A flag of value None is left out; one that the container does not have comes last.
    """
    given = [_substituted(str(argument), environment) for argument in container.get("args") or []]
    kept = [argument for name, parts in _flags(given) if name not in flags for argument in parts]
    return kept + [f"--{name}={value}" for name, value in flags.items() if value is not None]


def _substituted(argument: str, environment: Mapping[str, str]) -> str:
    """As kubelet does it: what is no variable of the container stays as it is."""
    return VARIABLE.sub(lambda found: environment.get(found[1], found[0]), argument)


def _flags(arguments: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Each flag with its value; what is no flag has no name."""
    found: list[tuple[str, list[str]]] = []
    for argument in arguments:
        if argument.startswith("-"):
            found.append((argument.lstrip("-").partition("=")[0], [argument]))
        elif found and found[-1][0] and len(found[-1][1]) == 1 and "=" not in found[-1][1][0]:
            found[-1][1].append(argument)
        else:
            found.append(("", [argument]))
    return found
