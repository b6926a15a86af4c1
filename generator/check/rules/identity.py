"""Identity: roles, associations and annotations mean ServiceAccounts that exist, and the other way round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from kfaws.generator.check.finding import Breach, Rule
from kfaws.generator.check.iam.documents import DocumentError, Statement, principals, statements
from kfaws.generator.check.iam.needs import needing
from kfaws.generator.check.iam.roles import Identities, Role, Use
from kfaws.generator.check.kinds import Key
from kfaws.generator.check.references.existing import ExistingObjects
from kfaws.generator.check.world import World

NO_ACCOUNT = Rule(
    "identity/no-service-account",
    "the role is given to a ServiceAccount that never exists, and the pods that should have it have none",
    "name the ServiceAccount that the workload runs as",
)
NO_ROLE = Rule(
    "identity/no-role",
    "pods of the ServiceAccount get credentials of a role that never exists, and every AWS call fails",
    "name a role that platform/roles, a claim or the bootstrap makes",
)
TRUST = Rule(
    "identity/trust",
    "STS refuses the role to the ServiceAccount, and every AWS call of its pods fails",
    "let the role's trust policy name this namespace and ServiceAccount",
)
TWO = Rule(
    "identity/two-associations",
    "EKS allows one association for a ServiceAccount and refuses the other",
    "keep one association for each ServiceAccount",
)
CLUSTER = Rule(
    "identity/wrong-cluster",
    "an association with another cluster gives nothing to the pods of this one",
    "name the cluster of the answers",
)
UNUSED = Rule(
    "identity/unused-role",
    "a role that nobody can take is a sign that the one who needs it has another, or none",
    "associate it with the ServiceAccount that needs it, or remove it",
)
MISSING = Rule(
    "identity/missing",
    "the workload calls AWS and its ServiceAccount has no role: it fails, or falls back to the node's",
    "give its ServiceAccount a role in platform/roles",
)

POD_IDENTITY = "pods.eks.amazonaws.com"
NAMESPACE_TAG = "aws:RequestTag/kubernetes-namespace"
ACCOUNT_TAG = "aws:RequestTag/kubernetes-service-account"
SUBJECT = "system:serviceaccount:"


def check(world: World) -> Iterator[Breach]:
    """All roles, all associations and annotations, and the workloads that need one."""
    identities, existing = world.once(Identities), world.once(ExistingObjects)
    by_account: dict[str, list[Use]] = defaultdict(list)
    for use in identities.uses:
        by_account[use.name].append(use)
        yield from _use(world, identities, existing, use)
    for name, uses in by_account.items():
        if len([use for use in uses if not use.annotated]) > 1:
            yield _of_use(TWO, uses[-1], f"ServiceAccount {name} has {len(uses)} associations")
    for role in identities.roles.values():
        yield from _subjects(existing, role)
        if not any(use.role == role.name for use in identities.uses) and _for_pods(role):
            yield _of_role(UNUSED, role, f"no ServiceAccount of this environment has role {role.name}")
    for need in needing(world):
        if f"{need.namespace}/{need.account}" not in by_account:
            what = f"{need.why}, and ServiceAccount {need.namespace}/{need.account} has no role"
            yield MISSING.found(need.item, what)


def _of_use(rule: Rule, use: Use, what: str) -> Breach:
    return rule.found(use.item, what, hint=use.account) if use.item else rule.found_in(use.file, what)


def _of_role(rule: Rule, role: Role, what: str) -> Breach:
    return rule.found(role.item, what, hint=role.name) if role.item else rule.found_in(role.file, what)


def _use(world: World, identities: Identities, existing: ExistingObjects, use: Use) -> Iterator[Breach]:
    if any("${" in part for part in (use.namespace, use.account)):
        return
    if not existing.find(Key("", "ServiceAccount", use.namespace, use.account)):
        others = existing.names(Key("", "ServiceAccount", use.namespace, ""))
        what = f"ServiceAccount {use.name} gets role {use.role}, and nothing makes that ServiceAccount"
        yield _of_use(NO_ACCOUNT, use, what + (f" (there are {', '.join(others[:6])})" if others else ""))
    cluster = str(world.answers.get("cluster_name", ""))
    if use.cluster and "${" not in use.cluster and use.cluster != cluster:
        what = f"association of {use.name} is with cluster {use.cluster}, the answers say {cluster}"
        yield _of_use(CLUSTER, use, what)
    if not use.role:
        return
    role = identities.roles.get(use.role)
    if role is None:
        if not _in_answers(world, use.role):
            yield _of_use(
                NO_ROLE, use, f"ServiceAccount {use.name} gets role {use.role}, which nothing makes"
            )
        return
    if not _trusts(role, use, str(world.answers.get("oidc_issuer") or "")):
        what = f"role {role.name} does not trust ServiceAccount {use.name}"
        yield _of_use(TRUST, use, what)


def _in_answers(world: World, role: str) -> bool:
    return any(isinstance(value, str) and value.endswith(f"role/{role}") for value in world.answers.values())


def _statements(role: Role) -> tuple[Statement, ...]:
    """Statements of the trust policy; one that cannot be read is another rule's finding."""
    try:
        return statements(role.trust)
    except DocumentError:
        return ()


def _for_pods(role: Role) -> bool:
    return any(
        POD_IDENTITY in principals(entry, "Service") or "AssumeRoleWithWebIdentity" in str(entry.actions)
        for entry in _statements(role)
    )


def _trusts(role: Role, use: Use, issuer: str) -> bool:
    trust = _statements(role)
    if use.annotated:
        subject = f"{SUBJECT}{use.namespace}:{use.account}"
        return any(subject in _web_subjects(entry, issuer) for entry in trust)
    return any(_pod_identity(entry, use) for entry in trust)


def _pod_identity(entry: Statement, use: Use) -> bool:
    takes = {action.lower() for action in entry.actions}
    if POD_IDENTITY not in principals(entry, "Service") or not {"sts:assumerole", "sts:tagsession"} <= takes:
        return False
    for key, value in ((NAMESPACE_TAG, use.namespace), (ACCOUNT_TAG, use.account)):
        wanted = entry.conditions(key)
        if wanted is not None and value not in wanted and not any("${" in text for text in wanted):
            return False
    return True


def _web_subjects(entry: Statement, issuer: str = "") -> tuple[str, ...]:
    """Subjects of an OIDC provider that the statement trusts; of any provider when no issuer is given."""
    providers = list(principals(entry, "Federated"))
    known = (
        any(provider.endswith(f"oidc-provider/{issuer}") for provider in providers) if issuer else providers
    )
    if not entry.covers("sts:AssumeRoleWithWebIdentity") or not known:
        return ()
    found: list[str] = []
    for wanted in entry.condition.values():
        for key, values in wanted.items():
            if key == f"{issuer}:sub" or (not issuer and key.endswith(":sub")):
                found += values if isinstance(values, list) else [values]
    return tuple(found)


def _subjects(existing: ExistingObjects, role: Role) -> Iterator[Breach]:
    """ServiceAccounts that a trust policy names exist."""
    for entry in _statements(role):
        names = [subject.removeprefix(SUBJECT).split(":") for subject in _web_subjects(entry)]
        namespaces, accounts = entry.conditions(NAMESPACE_TAG), entry.conditions(ACCOUNT_TAG)
        if namespaces and accounts:
            names += [[namespace, account] for namespace in namespaces for account in accounts]
        for name in names:
            known = len(name) == 2 and not any(sign in part for part in name for sign in ("${", "*"))
            if known and not existing.find(Key("", "ServiceAccount", name[0], name[1])):
                what = f"role {role.name} trusts ServiceAccount {'/'.join(name)}, which nothing makes"
                yield _of_role(NO_ACCOUNT, role, what)
