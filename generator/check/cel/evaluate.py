"""Value of an expression as far as it is known before run time; everything else is UNKNOWN."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from kfaws.generator.check.cel.syntax import Call, Index, ListOf, Literal, MapOf, Name, Node, Select, parse
from kfaws.generator.check.cel.template import expressions


class _Unknown:
    """The value of what only the cluster knows."""

    def __repr__(self) -> str:
        return "UNKNOWN"


class _Absent:
    """An optional selection that found nothing, or kro's omit()."""

    def __repr__(self) -> str:
        return "ABSENT"


UNKNOWN: Final = _Unknown()
ABSENT: Final = _Absent()
Values = Mapping[str, Any]


def substitute(string: str, values: Values) -> Any:
    """A template's string with its expressions replaced; as it was when one of them is not known."""
    found = expressions(string)
    if len(found) == 1 and found[0].start == 0 and found[0].end == len(string):
        value = evaluate(parse(found[0].text), values)
        return string if value is UNKNOWN else value
    parts: list[str] = []
    position = 0
    for embedded in found:
        value = evaluate(parse(embedded.text), values)
        known = not isinstance(value, _Unknown | _Absent | dict | list) and value is not None
        parts.append(string[position : embedded.start])
        parts.append(_text(value) if known else string[embedded.start : embedded.end])
        position = embedded.end
    return "".join(parts) + string[position:]


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def evaluate(node: Node, values: Values) -> Any:
    """The value of a tree, with `values` for its root names; UNKNOWN where one of them is missing."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Name):
        return values.get(node.name, UNKNOWN)
    if isinstance(node, Select):
        return _member(evaluate(node.operand, values), node.field, node.optional)
    if isinstance(node, Index):
        return _member(evaluate(node.operand, values), evaluate(node.key, values), node.optional)
    if isinstance(node, ListOf):
        items = [evaluate(item, values) for item in node.items]
        return UNKNOWN if UNKNOWN in items else items
    if isinstance(node, MapOf):
        return _mapping(node, values)
    return _call(node, values)


def _member(holder: Any, key: Any, optional: bool) -> Any:
    if holder is ABSENT:
        return ABSENT
    if holder is UNKNOWN or key is UNKNOWN:
        return UNKNOWN
    try:
        value = holder[key]
    except (KeyError, IndexError, TypeError):
        return ABSENT if optional else UNKNOWN
    return UNKNOWN if isinstance(value, str) and "${" in value else value


def _mapping(node: MapOf, values: Values) -> Any:
    result = {}
    for key, value in node.entries:
        known = evaluate(key, values), evaluate(value, values)
        if UNKNOWN in known:
            return UNKNOWN
        result[known[0]] = known[1]
    return result


def _call(node: Call, values: Values) -> Any:
    if node.function in ("&&", "||"):
        return _logic(node, values)
    if node.function == "?:":
        condition = evaluate(node.arguments[0], values)
        if not isinstance(condition, bool):
            return UNKNOWN
        return evaluate(node.arguments[1 if condition else 2], values)
    if node.function == "has":
        return _has(node.arguments[0], values)
    if node.function in ("map", "filter") and node.target is not None and len(node.arguments) == 2:
        return _comprehension(node, values)
    return _applied(node, values)


def _applied(node: Call, values: Values) -> Any:
    """A function of the tables, or a method of optional values."""
    target = evaluate(node.target, values) if node.target is not None else None
    arguments = [evaluate(argument, values) for argument in node.arguments]
    if target is UNKNOWN or UNKNOWN in arguments:
        return UNKNOWN
    if node.function in ("orValue", "hasValue"):
        absent = target is ABSENT
        return (arguments[0] if absent else target) if node.function == "orValue" else not absent
    if target is ABSENT or ABSENT in arguments:
        return UNKNOWN
    table = FUNCTIONS if node.target is None else METHODS
    function = table.get(node.function)
    if function is None:
        return UNKNOWN
    try:
        return function(*([] if node.target is None else [target]), *arguments)
    except (TypeError, ValueError, ArithmeticError):
        return UNKNOWN


def _logic(node: Call, values: Values) -> Any:
    """Both sides count: one that decides alone wins over one that is not known, as in CEL."""
    decisive = node.function == "||"
    sides = [evaluate(argument, values) for argument in node.arguments]
    if any(side is decisive for side in sides):
        return decisive
    return (not decisive) if all(isinstance(side, bool) for side in sides) else UNKNOWN


def _has(argument: Node, values: Values) -> Any:
    if not isinstance(argument, Select):
        return UNKNOWN
    holder = evaluate(argument.operand, values)
    return argument.field in holder if isinstance(holder, dict) else UNKNOWN


def _comprehension(node: Call, values: Values) -> Any:
    variable, body = node.arguments
    items = evaluate(node.target, values) if node.target is not None else UNKNOWN
    if not isinstance(items, list) or not isinstance(variable, Name):
        return UNKNOWN
    results = [evaluate(body, {**values, variable.name: item}) for item in items]
    if UNKNOWN in results:
        return UNKNOWN
    if node.function == "map":
        return results
    return [item for item, kept in zip(items, results, strict=True) if kept]


def _add(left: Any, right: Any) -> Any:
    if type(left) is not type(right):
        raise TypeError("CEL adds values of one type only")
    return left + right


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda item, holder: item in holder,
    "+": _add,
    "-": operator.sub,
    "*": operator.mul,
    "!": operator.not_,
    "negate": operator.neg,
    "size": len,
    "string": lambda value: _text(value),
    "int": int,
    "omit": lambda: ABSENT,
}
"""Functions without a target, by name."""

METHODS: dict[str, Callable[..., Any]] = {
    "size": len,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": lambda value, part: part in value,
    "lowerAscii": str.lower,
    "upperAscii": str.upper,
    "replace": str.replace,
    "split": str.split,
    "join": lambda items, separator="": separator.join(items),
    "trim": str.strip,
    "findAll": lambda text, pattern: re.findall(pattern, text),
    "merge": lambda left, right: {**left, **right},
}
"""Functions called on a value, by name."""
