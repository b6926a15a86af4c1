"""Whether a role's trust policy lets somebody assume it; moto never asks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

OPERATORS = ("StringEquals", "StringLike", "ArnLike", "ArnEquals", "StringEqualsIfExists")


def refusal(
    document: str | Mapping[str, Any],
    principal: tuple[str, str],
    actions: Iterable[str],
    context: Mapping[str, str],
) -> str | None:
    """Why these actions are refused, in words; None when the policy allows them all.

    `principal` is a kind and a name (`Service`, `Federated`, `AWS`), `context` has the condition keys in
    lower case. An operator that is not known here refuses.
    """
    policy = json.loads(document) if isinstance(document, str) else document
    statements = _list(policy.get("Statement"))
    for action in actions:
        found = [one for one in statements if _is_about(one, principal, action)]
        if any(one["Effect"] == "Deny" and not _unmet(one, context) for one in found):
            return f"a statement denies {action}"
        allowed = [one for one in found if one["Effect"] == "Allow"]
        if not allowed:
            return f"no statement allows {action} to {principal[1]}"
        unmet = [_unmet(one, context) for one in allowed]
        if all(unmet):
            return f"{action}: {unmet[0]}"
    return None


def _is_about(statement: Mapping[str, Any], principal: tuple[str, str], action: str) -> bool:
    named = statement.get("Principal", {})
    names = ["*"] if named == "*" else _list(named.get(principal[0]))
    wanted = [str(one).lower() for one in _list(statement.get("Action"))]
    return ("*" in names or principal[1] in names) and any(
        fnmatchcase(action.lower(), pattern) for pattern in wanted
    )


def _unmet(statement: Mapping[str, Any], context: Mapping[str, str]) -> str:
    """The first condition that does not hold; empty when all do."""
    for operator, pairs in (statement.get("Condition") or {}).items():
        for key, values in pairs.items():
            given = context.get(key.lower())
            if not _holds(operator, given, [str(value) for value in _list(values)]):
                return f"{key} is {given}, and the policy asks for {operator} {values}"
    return ""


def _holds(operator: str, given: str | None, values: list[str]) -> bool:
    if operator not in OPERATORS:
        return False
    if given is None:
        return operator.endswith("IfExists")
    if operator.endswith("Like"):
        return any(fnmatchcase(given, value) for value in values)
    return given in values


def _list(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]
