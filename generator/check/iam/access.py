"""What a role may do: its own policies, within its permissions boundary."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from kfaws.generator.check.iam.documents import DocumentError, Statement, statements
from kfaws.generator.check.iam.roles import Identities, Role


class Access:
    """Answers whether a role may make a call; conditions count as met."""

    def __init__(self, identities: Identities) -> None:
        self.identities = identities
        self._own: dict[str, tuple[Statement, ...]] = {}

    def allows(self, role: Role, action: str, resource: str | None = None) -> bool:
        """True when the role's policies and its boundary allow the action (on a resource, by its ARN)."""
        return _allowed(self.own(role), action, resource) and not self.outside(role, action, resource)

    def outside(self, role: Role, action: str, resource: str | None = None) -> bool:
        """True when the role's boundary, as far as it is known here, does not allow the action."""
        boundary = self.identities.boundary_of(role)
        if boundary is None:
            return False
        return not _allowed(_read([boundary.document]), action, resource)

    def own(self, role: Role) -> tuple[Statement, ...]:
        """Statements of all policies of the role."""
        if role.name not in self._own:
            attached = self.identities.attached_to(role)
            documents = [policy.document for policy in (*role.policies, *attached)]
            self._own[role.name] = _read(documents)
        return self._own[role.name]

    def is_complete(self, role: Role) -> bool:
        """False when the role has a managed policy that is not known here, such as one of AWS's."""
        return len(self.identities.attached_to(role)) == len(role.attached)


def _read(documents: Iterable[object]) -> tuple[Statement, ...]:
    """Statements of documents; one that cannot be read is another rule's finding."""
    found: list[Statement] = []
    for document in documents:
        try:
            found += statements(document)
        except DocumentError:
            continue
    return tuple(found)


def _allowed(found: tuple[Statement, ...], action: str, resource: str | None) -> bool:
    applying = [entry for entry in found if entry.covers(action) and _on(entry, resource)]
    denied = any(not entry.allows and not entry.condition and "*" in entry.resources for entry in applying)
    return not denied and any(entry.allows for entry in applying)


def _on(entry: Statement, resource: str | None) -> bool:
    if resource is None or not entry.resources:
        return True
    return any(arn_matches(pattern, resource) for pattern in entry.resources)


def arn_matches(pattern: str, arn: str) -> bool:
    """True when a resource of a policy covers an ARN; what is known at run time only fits everything."""
    return _expression(pattern).fullmatch(arn) is not None


@lru_cache(maxsize=4096)
def _expression(pattern: str) -> re.Pattern[str]:
    text = re.sub(r"\$\{[^{}]*\}|EXPRESSION", "*", pattern)
    parts = [".*" if sign == "*" else "." if sign == "?" else re.escape(sign) for sign in text]
    return re.compile("".join(parts), re.DOTALL)
