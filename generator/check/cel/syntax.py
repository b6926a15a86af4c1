"""Syntax of the Common Expression Language, as far as kro definitions use it: tokens and an operator parser.

Source of the grammar: the CEL language definition (cel-spec), with optional selection (`a.?b`, `a[?0]`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kfaws.generator.errors import KfawsError


class CelError(KfawsError):
    """An expression that is not CEL."""


@dataclass(frozen=True)
class Literal:
    """A constant: string, number, boolean or null."""

    value: str | int | float | bool | None


@dataclass(frozen=True)
class Name:
    """An identifier at the root of an expression."""

    name: str


@dataclass(frozen=True)
class Select:
    """`operand.field`, or `operand.?field` when optional."""

    operand: Node
    field: str
    optional: bool = False


@dataclass(frozen=True)
class Index:
    """`operand[key]`, or `operand[?key]` when optional."""

    operand: Node
    key: Node
    optional: bool = False


@dataclass(frozen=True)
class Call:
    """A function, operator or method call; operators are named by their sign."""

    function: str
    arguments: tuple[Node, ...]
    target: Node | None = None


@dataclass(frozen=True)
class ListOf:
    """`[a, b]`."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class MapOf:
    """`{key: value}`."""

    entries: tuple[tuple[Node, Node], ...]


Node = Literal | Name | Select | Index | Call | ListOf | MapOf

TOKEN = re.compile(
    r"""\s*(?:
    (?P<float>\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)
  | (?P<int>0x[0-9a-fA-F]+|\d+)[uU]?
  | (?P<string>[rR]?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))
  | (?P<name>[A-Za-z_]\w*)
  | (?P<sign>\|\||&&|==|!=|<=|>=|\.\?|\[\?|[-+*/%!<>?:.,()\[\]{}])
  )""",
    re.VERBOSE | re.DOTALL,
)

BINDING = {
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    "<": 3,
    "<=": 3,
    ">": 3,
    ">=": 3,
    "in": 3,
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
    "%": 5,
}
"""How tightly a binary operator binds; the larger the tighter."""

CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def parse(expression: str) -> Node:
    """The tree of one expression; raises CelError where it is not CEL."""
    parser = _Parser(_tokens(expression), expression)
    node = parser.ternary()
    if parser.kind != "end":
        raise parser.unexpected()
    return node


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise CelError(f"`{text}` is not CEL: unexpected {text[position : position + 10]!r}")
        tokens.append((match.lastgroup, match.group(match.lastgroup)))
        position = match.end()
    return [*tokens, ("end", "")]


class _Parser:
    """Precedence climbing over a list of tokens."""

    def __init__(self, tokens: list[tuple[str, str]], source: str) -> None:
        self.tokens = tokens
        self.source = source
        self.position = 0

    @property
    def kind(self) -> str:
        return self.tokens[self.position][0]

    @property
    def text(self) -> str:
        return self.tokens[self.position][1]

    def unexpected(self) -> CelError:
        return CelError(f"`{self.source}` is not CEL: unexpected {self.text or 'end'!r}")

    def take(self, sign: str) -> bool:
        """Step over a sign when it is next."""
        if self.kind == "sign" and self.text == sign:
            self.position += 1
            return True
        return False

    def need(self, sign: str) -> None:
        if not self.take(sign):
            raise self.unexpected()

    def ternary(self) -> Node:
        condition = self.binary(1)
        if not self.take("?"):
            return condition
        then = self.ternary()
        self.need(":")
        return Call("?:", (condition, then, self.ternary()))

    def binary(self, minimum: int) -> Node:
        left = self.unary()
        while self.kind in ("sign", "name") and BINDING.get(self.text, 0) >= minimum:
            operator = self.text
            self.position += 1
            left = Call(operator, (left, self.binary(BINDING[operator] + 1)))
        return left

    def unary(self) -> Node:
        if self.take("!"):
            return Call("!", (self.unary(),))
        if self.take("-"):
            return Call("negate", (self.unary(),))
        return self.member(self.primary())

    def primary(self) -> Node:
        kind, text = self.tokens[self.position]
        self.position += 1
        if kind == "float":
            return Literal(float(text))
        if kind == "int":
            return Literal(int(text, 0))
        if kind == "string":
            return Literal(_unquote(text))
        if kind == "name":
            return self.named(text)
        if kind == "sign" and text == "(":
            inner = self.ternary()
            self.need(")")
            return inner
        if kind == "sign" and text == "[":
            return ListOf(self.arguments("]"))
        if kind == "sign" and text == "{":
            return self.mapping()
        self.position -= 1
        raise self.unexpected()

    def named(self, name: str) -> Node:
        if name in CONSTANTS:
            return Literal(CONSTANTS[name])
        if self.take("("):
            return Call(name, self.arguments(")"))
        return Name(name)

    def member(self, node: Node) -> Node:
        while True:
            if self.take("."):
                node = self.selected(node)
            elif self.take(".?"):
                node = Select(node, self.identifier(), optional=True)
            elif self.take("[?"):
                node = Index(node, self.ternary(), optional=True)
                self.need("]")
            elif self.take("["):
                node = Index(node, self.ternary())
                self.need("]")
            else:
                return node

    def selected(self, node: Node) -> Node:
        field = self.identifier()
        if self.take("("):
            return Call(field, self.arguments(")"), target=node)
        return Select(node, field)

    def identifier(self) -> str:
        if self.kind != "name":
            raise self.unexpected()
        self.position += 1
        return self.tokens[self.position - 1][1]

    def arguments(self, closing: str) -> tuple[Node, ...]:
        found: list[Node] = []
        while not self.take(closing):
            self.take("?")
            found.append(self.ternary())
            if not self.take(","):
                self.need(closing)
                break
        return tuple(found)

    def mapping(self) -> Node:
        entries: list[tuple[Node, Node]] = []
        while not self.take("}"):
            self.take("?")
            key = self.ternary()
            self.need(":")
            entries.append((key, self.ternary()))
            if not self.take(","):
                self.need("}")
                break
        return MapOf(tuple(entries))


def _unquote(text: str) -> str:
    if text[0] in "rR":
        return text[2:-1]
    return re.sub(r"\\(.)", lambda found: ESCAPES.get(found[1], found[1]), text[1:-1], flags=re.DOTALL)
