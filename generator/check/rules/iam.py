"""IAM policies: they parse, name actions that exist, allow no more than is needed, and no less."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterator

from kfaws.generator.check.finding import Breach, Rule
from kfaws.generator.check.iam.actions import PROGRAMS, PUSHING_SECRETS, known, names_of, needed_for
from kfaws.generator.check.iam.documents import DocumentError, Statement, statements
from kfaws.generator.check.iam.needs import needing
from kfaws.generator.check.iam.roles import Identities, Policy, Role
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
MISSING_ACTION = Rule(
    "iam/missing-action",
    "the controller's call is denied, and what it should make never becomes ready",
    "allow the action in the role's policy",
)

ACK = "ack-"
ACK_GROUP = ".services.k8s.aws"
BOUNDARY = "boundary"


def check(world: World) -> Iterator[Breach]:
    """All policies, then what each program's role must allow."""
    identities = world.once(Identities)
    for role in identities.roles.values():
        trust = Policy(f"trust of {role.name}", role.trust, role.item, role.file)
        yield from _policy(trust, trust=True)
    for policy in identities.policies:
        yield from _policy(policy)
    yield from _missing(world, identities)


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


def _missing(world: World, identities: Identities) -> Iterator[Breach]:
    users = {use.name: use.role for use in identities.uses if use.role}
    for need in needing(world):
        role = identities.roles.get(users.get(f"{need.namespace}/{need.account}", ""))
        if role is None or any(":aws:policy/" in arn for arn in role.attached):
            continue
        allowed = list(_allowed(role))
        for action, reason in sorted(_needed(world, need.program).items()):
            if not any(entry.covers(action) for entry in allowed):
                what = f"role {role.name} does not allow {action}, which {need.program} needs for {reason}"
                yield (
                    MISSING_ACTION.found(role.item, what, hint=role.name)
                    if role.item
                    else MISSING_ACTION.found_in(role.file, what)
                )


def _allowed(role: Role) -> Iterator[Statement]:
    for policy in role.policies:
        try:
            yield from (entry for entry in statements(policy.document) if entry.allows)
        except DocumentError:
            continue


def _needed(world: World, program: str) -> dict[str, str]:
    """Actions with what they are for."""
    if program.startswith(ACK):
        return _needed_by_ack(world, f"{program.removeprefix(ACK)}{ACK_GROUP}")
    needed = dict.fromkeys(PROGRAMS.get(program, "").split(), "its work")
    if program == "external-secrets" and any(world.inventory.of("external-secrets.io", "PushSecret")):
        needed |= dict.fromkeys(PUSHING_SECRETS.split(), "PushSecrets")
    return needed


def _needed_by_ack(world: World, group: str) -> dict[str, str]:
    fields: dict[str, set[str]] = defaultdict(set)
    for of, kind in world.inventory.kinds():
        if of == group:
            for item in world.inventory.of(of, kind):
                fields[kind] |= set(item.manifest.get("spec") or ())
    return {
        action: f"kind {kind}" for kind, given in fields.items() for action in needed_for(group, kind, given)
    }
