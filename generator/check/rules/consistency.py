"""One account, region, cluster, domain and bucket: every place says the same as the answers."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from kfaws.generator.check.definitions import GROUP as KRO
from kfaws.generator.check.definitions import KIND as DEFINITION
from kfaws.generator.check.finding import Breach, Rule
from kfaws.generator.check.iam.cloudformation import resources
from kfaws.generator.check.iam.roles import ACK_POLICY, Identities, pseudo_parameters
from kfaws.generator.check.inventory import Item
from kfaws.generator.check.schemas.crds import is_crd
from kfaws.generator.check.walk import Path, strings
from kfaws.generator.check.world import World, partition_of

WHY = "part of the environment works with another resource than the rest, or is denied"
SAY_THE_SAME = "give the value of .copier-answers.yml, or change the answer with `copier update`"
ARN = Rule("consistency/arn", WHY, SAY_THE_SAME)
BUCKET = Rule("consistency/bucket", WHY, SAY_THE_SAME)
REGION = Rule("consistency/region", WHY, SAY_THE_SAME)
CLUSTER = Rule("consistency/cluster", WHY, SAY_THE_SAME)
NEARLY = Rule("consistency/nearly", "a name that is nearly another one is a misspelling of it", SAY_THE_SAME)
NO_POLICY = Rule(
    "consistency/unknown-policy",
    "IAM refuses a role with a permissions boundary or managed policy that does not exist",
    "name a policy that bootstrap or platform/roles makes",
)

ARN_TEXT = re.compile(r"arn:(aws[\w-]*|\*):([a-z0-9-]+|\*):([a-z0-9-]*|\*):(\d{12}|aws|\*|):([^\s\"',\]}]*)")
S3_TEXT = re.compile(r"\bs3://([^/\s\"',?]+)")
HOST_REGION = re.compile(
    r"[.-]([a-z]{2}(?:-gov|-iso[a-z]?)?-(?:[a-z]+)-\d)\.(?:amazonaws|amazoncognito)\.com"
)
BUCKET_FIELD = re.compile(r"(?i)^(?:bucket|bucket_?name|\w*_BUCKET(?:_?NAME)?)$")
REGION_FIELD = re.compile(r"(?i)^(?:region|aws_?(?:default_?)?region|aws-region|awsRegion|\w+_REGION)$")
CLUSTER_FIELD = re.compile(r"(?i)^(?:cluster_?name|cluster-name)$")
ARGUMENT = re.compile(r"^--(aws-region|region|cluster-name|bucket|bucket-name)=(.*)$", re.DOTALL)
UNKNOWN = ("$", "{", "*", "%s")
GLOBAL_REGION = "us-east-1"
GLOBAL_SERVICES = frozenset({"acm", "wafv2"})
"""Services of which CloudFront, and so a custom Cognito domain, takes resources of that region only."""
CLAIMS = "claims.kubeflow-aws.dev"
NEAR = 0.86
TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{5,}[A-Za-z0-9]")


class Named(NamedTuple):
    """A value with the name of the field or variable that holds it."""

    field: str
    value: str
    path: Path


def check(world: World) -> Iterator[Breach]:
    """Every string of every object but CRDs, and the policies of the bootstrap."""
    facts = Facts(world)
    for item in world.inventory.items:
        if is_crd(item.key) or (item.key.group, item.key.kind) == (KRO, DEFINITION):
            # A definition's templates are looked at with the claims' values in them.
            continue
        yield from _item(facts, item)
    yield from _policies(world)


class Facts:
    """What the answers say."""

    def __init__(self, world: World) -> None:
        answers = world.answers
        self.account = str(answers.get("aws_account_id") or "")
        self.region = str(answers.get("aws_region") or "")
        self.partition = partition_of(self.region)
        self.cluster = str(answers.get("cluster_name") or "")
        self.bucket = str(answers.get("bucket_name") or "")
        self.domain = str(answers.get("domain") or "")
        self._answers = answers

    @cached_property
    def given(self) -> frozenset[str]:
        """Every string of the answers: what the user gave is right."""
        return frozenset(value for _, value in strings(self._answers))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names that a misspelling may be near to."""
        names = (self.bucket, self.domain, self.cluster, str(self._answers.get("database_secret_name") or ""))
        return tuple(name for name in names if len(name) >= 8)

    def is_given(self, text: str) -> bool:
        """True for what the answers hold themselves, such as a key's ARN."""
        return any(text in answer or answer in text for answer in self.given if answer.startswith("arn:"))


def _item(facts: Facts, item: Item) -> Iterator[Breach]:
    for path, text in item.strings:
        if len(text) < 3:
            continue
        if "arn:" in text:
            yield from _arns(facts, item, text)
        if facts.bucket and "s3://" in text:
            for name in S3_TEXT.findall(text):
                yield from _bucket(facts, item, name, "s3://")
        if ".com" in text:
            for region in HOST_REGION.findall(text):
                yield from _region(facts, item, region, _dotted(path))
        yield from _named(facts, item, path, text)
        yield from _nearly(facts, item, text)


def _dotted(path: Path) -> str:
    return ".".join(str(part) for part in path)


def _arns(facts: Facts, item: Item, text: str) -> Iterator[Breach]:
    for found in ARN_TEXT.finditer(text):
        partition, service, region, account, resource = found.groups()
        arn = found[0]
        if any(mark in f"{partition}{region}{account}" for mark in ("${", "$(")) or facts.is_given(arn):
            continue
        elsewhere = GLOBAL_REGION if service in GLOBAL_SERVICES else ""
        for what, value, wanted, others in (
            ("partition", partition, facts.partition, ()),
            ("region", region, facts.region, ("", elsewhere)),
            ("account", account, facts.account, ("", "aws")),
        ):
            if value not in (wanted, "*", *others):
                yield ARN.found(item, f"{arn} has {what} {value}, the answers say {wanted}", hint=arn)
        if service == "s3" and facts.bucket:
            yield from _bucket(facts, item, resource.split("/")[0], "ARN")


def _bucket(facts: Facts, item: Item, name: str, where: str) -> Iterator[Breach]:
    if not name or any(mark in name for mark in UNKNOWN) or name == facts.bucket or name in facts.given:
        return
    yield BUCKET.found(item, f"{where} names bucket {name}, the answers say {facts.bucket}", hint=name)


def _region(facts: Facts, item: Item, region: str, where: str) -> Iterator[Breach]:
    allowed = {facts.region}
    if item.key.kind == "Certificate" or item.key.group == CLAIMS:
        allowed.add(GLOBAL_REGION)
    if region not in allowed:
        yield REGION.found(
            item, f"{where} names region {region}, the answers say {facts.region}", hint=region
        )


def _named(facts: Facts, item: Item, path: Path, text: str) -> Iterator[Breach]:
    named = _name_of(item, path, text)
    if named is None or not named.value or any(mark in named.value for mark in UNKNOWN):
        return
    if facts.bucket and BUCKET_FIELD.match(named.field):
        yield from _bucket(facts, item, named.value, _dotted(path))
    elif REGION_FIELD.match(named.field) and re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", named.value):
        yield from _region(facts, item, named.value, _dotted(path))
    elif CLUSTER_FIELD.match(named.field) and item.key.group.endswith("k8s.aws"):
        yield from _cluster(facts, item, named)


def _cluster(facts: Facts, item: Item, named: Named) -> Iterator[Breach]:
    if named.value != facts.cluster:
        what = f"{_dotted(named.path)} names cluster {named.value}, the answers say {facts.cluster}"
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


def _nearly(facts: Facts, item: Item, text: str) -> Iterator[Breach]:
    for name in facts.names:
        if name[:4] not in text and name[-4:] not in text:
            continue
        labels = name.count(".") + 1
        for token in set(TOKEN.findall(text)):
            ending = ".".join(token.split(".")[-labels:]) if labels > 1 else token
            if _near(ending, name) and token not in facts.given:
                yield NEARLY.found(item, f"{token} is nearly {name}", hint=token)


@lru_cache(maxsize=65536)
def _near(token: str, name: str) -> bool:
    if abs(len(token) - len(name)) > 2 or token in name or name in token:
        return False
    matcher = difflib.SequenceMatcher(None, token, name, autojunk=False)
    return matcher.quick_ratio() >= NEAR and matcher.ratio() >= NEAR


def _policies(world: World) -> Iterator[Breach]:
    """Boundaries and attached policies of this account exist."""
    facts = Facts(world)
    known = {item.key.name for item in world.inventory.of(*ACK_POLICY)}
    known |= {str((i.manifest.get("spec") or {}).get("name")) for i in world.inventory.of(*ACK_POLICY)}
    for entry in resources(world.folder, pseudo_parameters(world)):
        if entry.type == "AWS::IAM::ManagedPolicy":
            known.add(str(entry.properties.get("ManagedPolicyName") or entry.logical_id))
    for role in world.once(Identities).roles.values():
        spec = (role.item.manifest.get("spec") or {}) if role.item else {}
        for arn in (*role.attached, str(spec.get("permissionsBoundary") or "")):
            name = arn.rpartition("/")[2]
            ours = f":{facts.account}:policy/" in arn
            if ours and role.item and name not in known and not facts.is_given(arn) and "${" not in arn:
                yield NO_POLICY.found(
                    role.item, f"role {role.name} names policy {name}, which nothing makes", hint=arn
                )
