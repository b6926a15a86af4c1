"""One account, region, cluster, domain and bucket: every place says the same as the answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path as File
from typing import Any, NamedTuple

from kfaws.generator.check.definitions import GROUP as KRO
from kfaws.generator.check.definitions import KIND as DEFINITION
from kfaws.generator.check.facts import UNKNOWN, Facts, Fault
from kfaws.generator.check.finding import Breach, Rule
from kfaws.generator.check.iam.roles import Identities
from kfaws.generator.check.inventory import Item
from kfaws.generator.check.schemas.crds import is_crd
from kfaws.generator.check.walk import Path
from kfaws.generator.check.world import World

WHY = "part of the environment works with another resource than the rest, or is denied"
SAY_THE_SAME = "give the value of .copier-answers.yml, or change the answer with `copier update`"
ARN = Rule("consistency/arn", WHY, SAY_THE_SAME)
BUCKET = Rule("consistency/bucket", WHY, SAY_THE_SAME)
REGION = Rule("consistency/region", WHY, SAY_THE_SAME)
CLUSTER = Rule("consistency/cluster", WHY, SAY_THE_SAME)
NETWORK = Rule("consistency/network", WHY, SAY_THE_SAME)
NEARLY = Rule("consistency/nearly", "a name that is nearly another one is a misspelling of it", SAY_THE_SAME)
NO_POLICY = Rule(
    "consistency/unknown-policy",
    "IAM refuses a role with a permissions boundary or managed policy that does not exist",
    "name a policy that bootstrap or platform/roles makes",
)
RULES = {"arn": ARN, "bucket": BUCKET, "region": REGION, "network": NETWORK, "nearly": NEARLY}

BUCKET_FIELD = re.compile(r"(?i)^(?:bucket|bucket_?name|\w*_BUCKET(?:_?NAME)?)$")
REGION_FIELD = re.compile(r"(?i)^(?:region|aws_?(?:default_?)?region|aws-region|awsRegion|\w+_REGION)$")
CLUSTER_FIELD = re.compile(r"(?i)^(?:cluster_?name|cluster-name)$")
REGION_NAME = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
ARGUMENT = re.compile(r"^--(aws-region|region|cluster-name|bucket|bucket-name)=(.*)$", re.DOTALL)
CLAIMS = "claims.kubeflow-aws.dev"
BY_HAND = ("*.yaml", "*.sh", "*.md")


class Named(NamedTuple):
    """A value with the name of the field or variable that holds it."""

    field: str
    value: str
    path: Path


def check(world: World) -> Iterator[Breach]:
    """Every string of every object but CRDs, the bootstrap's files, and the policies that roles name."""
    facts = Facts(world.answers)
    for item in world.inventory.items:
        if is_crd(item.key) or (item.key.group, item.key.kind) == (KRO, DEFINITION):
            # A definition's templates are looked at with the claims' values in them.
            continue
        for fault in _item(facts, item):
            yield RULES[fault.about].found(item, fault.what, hint=fault.text)
        yield from _cluster(facts, item)
    for file in _files(world.folder):
        name = str(file.relative_to(world.folder))
        text = file.read_text(encoding="utf-8")
        for fault in dict.fromkeys(facts.faults(text, "it", in_global_region=True)):
            yield RULES[fault.about].found_in(name, fault.what)
    yield from _policies(world, facts)


def _files(folder: File) -> Iterator[File]:
    """What a person applies or reads."""
    yield from (file for file in [folder / "README.md"] if file.is_file())
    for pattern in BY_HAND:
        yield from sorted((folder / "bootstrap").rglob(pattern))


def _item(facts: Facts, item: Item) -> Iterator[Fault]:
    in_global_region = item.key.kind == "Certificate" or item.key.group == CLAIMS
    for path, text in item.strings:
        if len(text) < 3:
            continue
        where = _dotted(path)
        yield from facts.faults(text, where, in_global_region=in_global_region)
        named = _name_of(item, path, text)
        if named is None or not named.value or any(mark in named.value for mark in UNKNOWN):
            continue
        if BUCKET_FIELD.match(named.field):
            yield from facts.bucket_faults(named.value, where)
        elif REGION_FIELD.match(named.field) and REGION_NAME.fullmatch(named.value):
            yield from facts.region_faults(named.value, where, in_global_region=in_global_region)


def _dotted(path: Path) -> str:
    return ".".join(str(part) for part in path)


def _cluster(facts: Facts, item: Item) -> Iterator[Breach]:
    if not item.key.group.endswith("k8s.aws"):
        return
    for path, text in item.strings:
        named = _name_of(item, path, text)
        if named and CLUSTER_FIELD.match(named.field) and "$" not in text and named.value != facts.cluster:
            what = f"{_dotted(path)} names cluster {named.value}, the answers say {facts.cluster}"
            yield CLUSTER.found(item, what, hint=named.value)


def _name_of(item: Item, path: Path, text: str) -> Named | None:
    """The field's name: the key, the variable of `env`, or the flag of an argument."""
    argument = ARGUMENT.match(text)
    if argument:
        return Named(argument[1].replace("aws-region", "region"), argument[2], path)
    last = path[-1] if path else ""
    if last == "value" and len(path) >= 3 and "env" in path:
        holder: Any = item.manifest
        for part in path[:-1]:
            holder = holder[part]
        return Named(str(holder.get("name") or ""), text, path)
    return Named(last, text, path) if isinstance(last, str) else None


def _policies(world: World, facts: Facts) -> Iterator[Breach]:
    """Boundaries and attached policies of this account exist."""
    identities = world.once(Identities)
    for role in identities.roles.values():
        for arn in (*role.attached, role.boundary):
            ours = f":{facts.account}:policy/" in arn
            if ours and role.item and "${" not in arn and not facts.is_given(arn):
                name = arn.rpartition("/")[2]
                if not identities.has_policy(name):
                    what = f"role {role.name} names policy {name}, which nothing makes"
                    yield NO_POLICY.found(role.item, what, hint=arn)
