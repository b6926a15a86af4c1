"""What each program's role must allow: the calls it makes, on the resources it makes them on."""

from __future__ import annotations

from collections.abc import Iterator

from kfaws.generator.check.finding import Breach, Rule
from kfaws.generator.check.iam.access import Access
from kfaws.generator.check.iam.actions import PROGRAMS, PUSHING_SECRETS, needed_for
from kfaws.generator.check.iam.needs import CROSSPLANE, needing
from kfaws.generator.check.iam.reach import reaches
from kfaws.generator.check.iam.roles import ACK_ROLE, Identities, Role
from kfaws.generator.check.world import World

MISSING_ACTION = Rule(
    "access/missing-action",
    "the controller's call is denied, and what it should make never becomes ready",
    "allow the action in the role's policy",
)
MISSING_RESOURCE = Rule(
    "access/missing-resource",
    "the controller's call on this resource is denied, and what it should make never becomes ready",
    "let the statement's resources cover this one",
)
BEYOND_BOUNDARY = Rule(
    "access/beyond-boundary",
    "a role can do no more than its permissions boundary allows: the call is denied",
    "allow the action in the boundary (bootstrap)",
)
NO_BOUNDARY = Rule(
    "access/no-boundary",
    "ACK's IAM controller may only make roles within the environment's boundary: this one it is denied",
    "give the role the environment's permissionsBoundary",
)

ACK = "ack-"
ACK_GROUP = ".services.k8s.aws"
CROSSPLANE_GROUPS = ".aws.m.upbound.io"


def check(world: World) -> Iterator[Breach]:
    """Every program that calls AWS."""
    identities = world.once(Identities)
    access = Access(identities)
    roles = dict(_roles(world, identities))
    for program, role in roles.items():
        if access.is_complete(role):
            yield from _actions(world, access, program, role)
    for reach in dict.fromkeys(reaches(world)):
        if reach.program not in roles or not access.is_complete(roles[reach.program]):
            continue
        role = roles[reach.program]
        if access.allows(role, reach.action) and not access.allows(role, reach.action, reach.resource):
            what = (
                f"role {role.name} does not allow {reach.action} on {reach.resource}, for {reach.because.key}"
            )
            yield _of_role(MISSING_RESOURCE, role, what)
    for item in world.inventory.of(*ACK_ROLE):
        spec = item.manifest.get("spec") or {}
        if not spec.get("permissionsBoundary") and not spec.get("permissionsBoundaryRef"):
            yield NO_BOUNDARY.found(item, f"role {spec.get('name')} has no permissionsBoundary")


def _roles(world: World, identities: Identities) -> Iterator[tuple[str, Role]]:
    """The role of each program that has one."""
    users = {use.name: use.role for use in identities.uses if use.role}
    for need in needing(world):
        role = identities.roles.get(users.get(f"{need.namespace}/{need.account}", ""))
        if role is not None:
            yield need.program, role


def _of_role(rule: Rule, role: Role, what: str) -> Breach:
    return rule.found(role.item, what, hint=role.name) if role.item else rule.found_in(role.file, what)


def _actions(world: World, access: Access, program: str, role: Role) -> Iterator[Breach]:
    for action, reason in sorted(_needed(world, program).items()):
        if access.allows(role, action):
            continue
        if access.outside(role, action):
            what = f"role {role.name}'s boundary does not allow {action}, which {program} needs for {reason}"
            yield _of_role(BEYOND_BOUNDARY, role, what)
        else:
            what = f"role {role.name} does not allow {action}, which {program} needs for {reason}"
            yield _of_role(MISSING_ACTION, role, what)


def _needed(world: World, program: str) -> dict[str, str]:
    """Actions with what they are for."""
    if program.startswith(ACK):
        return _needed_by_kinds(world, f"{program.removeprefix(ACK)}{ACK_GROUP}")
    if program == CROSSPLANE:
        return _needed_by_kinds(world, CROSSPLANE_GROUPS)
    needed = dict.fromkeys(PROGRAMS.get(program, "").split(), "its work")
    if program == "external-secrets" and any(world.inventory.of("external-secrets.io", "PushSecret")):
        needed |= dict.fromkeys(PUSHING_SECRETS.split(), "PushSecrets")
    return needed


def _needed_by_kinds(world: World, groups: str) -> dict[str, str]:
    """Actions for all kinds in use of a group, or of all groups with an ending."""
    needed: dict[str, str] = {}
    for group, kind in world.inventory.kinds():
        if group.endswith(groups):
            fields: set[str] = set()
            for item in world.inventory.of(group, kind):
                fields |= set(item.manifest.get("spec") or ())
            needed |= dict.fromkeys(needed_for(group, kind, fields), f"kind {kind}")
    return needed
