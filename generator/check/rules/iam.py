"""IAM policies: they parse, name actions that exist, and allow no more than is needed."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from kfaws.generator.check.finding import Breach, Rule
from kfaws.generator.check.iam.actions import known, names_of
from kfaws.generator.check.iam.documents import DocumentError, Statement, statements
from kfaws.generator.check.iam.roles import Identities, Policy
from kfaws.generator.check.world import World

UNREADABLE = Rule(
    "iam/unreadable",
    "IAM refuses a policy that does not parse, and the role never exists",
    "correct the policy document",
)
UNKNOWN_ACTION = Rule(
    "iam/unknown-action",
    "IAM takes a misspelt action without a word, and the call that needs it is denied",
    "correct the action's name",
)
EVERYTHING = Rule(
    "iam/everything",
    "whoever takes over one pod with this role owns what the wildcard covers",
    "name the actions and the resources",
)
INVERTED = Rule(
    "iam/inverted",
    "an Allow of everything but something allows what AWS adds tomorrow",
    "name the actions (or resources) that are allowed",
)

BOUNDARY = "boundary"


def check(world: World) -> Iterator[Breach]:
    """All policies, trust policies too."""
    identities = world.once(Identities)
    for role in identities.roles.values():
        trust = Policy(f"trust of {role.name}", role.trust, role.item, role.file)
        yield from _policy(trust, trust=True)
    for policy in identities.policies:
        yield from _policy(policy)


def _found(rule: Rule, policy: Policy, what: str, hint: str = "") -> Breach:
    text = f"policy {policy.name}: {what}"
    return rule.found(policy.item, text, hint=hint) if policy.item else rule.found_in(policy.file, text)


def _policy(policy: Policy, *, trust: bool = False) -> Iterator[Breach]:
    if policy.document is None or (isinstance(policy.document, str) and policy.document.startswith("${")):
        return
    try:
        found = statements(policy.document)
    except DocumentError as error:
        yield _found(UNREADABLE, policy, str(error))
        return
    for entry in found:
        yield from _actions(policy, entry)
        if entry.allows:
            yield from _width(policy, entry, trust=trust)


def _actions(policy: Policy, entry: Statement) -> Iterator[Breach]:
    for action in (*entry.actions, *entry.not_actions):
        if action == "*" or "${" in action:
            continue
        if ":" not in action or known(action) is False:
            prefix, _, name = action.partition(":")
            near = difflib.get_close_matches(name.lower(), names_of(prefix), n=1)
            question = f": did you mean {prefix}:{near[0]}?" if near else ""
            yield _found(UNKNOWN_ACTION, policy, f"there is no action {action}{question}", action)


def _width(policy: Policy, entry: Statement, *, trust: bool) -> Iterator[Breach]:
    if entry.not_actions or entry.not_resources:
        field = "NotAction" if entry.not_actions else "NotResource"
        yield _found(INVERTED, policy, f"an Allow with {field}", field)
    everywhere = "*" in entry.resources
    for action in entry.actions:
        whole_service = action.endswith(":*")
        if action == "*" or (whole_service and everywhere):
            where = "on every resource" if everywhere else f"on {', '.join(entry.resources)}"
            if not _limits_only(policy):
                yield _found(EVERYTHING, policy, f"allows {action} {where}", f'"{action}"')
    if trust and "*" in str(entry.principal) and not entry.condition:
        yield _found(EVERYTHING, policy, "anybody may take the role", "Principal")


def _limits_only(policy: Policy) -> bool:
    """A permissions boundary gives nothing: it only limits what the roles' own policies give."""
    return BOUNDARY in policy.name.lower()
