"""What the answers say of account, region, domain, bucket and network, and texts that say otherwise."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from kfaws.generator.check.walk import strings
from kfaws.generator.check.world import partition_of

ARN_TEXT = re.compile(r"arn:(aws[\w-]*|\*):([a-z0-9-]+|\*):([a-z0-9-]*|\*):(\d{12}|aws|\*|):([^\s\"',\]}]*)")
S3_TEXT = re.compile(r"\bs3://([^/\s\"',?`]+)")
HOST_REGION = re.compile(
    r"[.-]([a-z]{2}(?:-gov|-iso[a-z]?)?-(?:[a-z]+)-\d)\.(?:amazonaws|amazoncognito)\.com"
)
NETWORK_ID = re.compile(r"\b(?:vpc|subnet|sg|fs|rtb|vpce)-[0-9a-f]{8,17}\b")
TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{5,}[A-Za-z0-9]")
UNKNOWN = ("$", "{", "*", "%s", "<")
"""Signs of a value that is filled in later."""
GLOBAL_REGION = "us-east-1"
GLOBAL_SERVICES = frozenset({"acm", "wafv2"})
"""Services of which CloudFront, and so a custom Cognito domain, takes resources of that region only."""
NEAR = 0.86
SHORTEST = 16
"""Shorter names have neighbours that mean something else."""
NAMED_BY = ("bucket_name", "domain", "database_host")
"""Names that nothing else is near to; other names have rules of their own."""


class Fault(NamedTuple):
    """One text that disagrees with the answers."""

    about: str
    """arn, bucket, region, network or nearly."""
    what: str
    text: str


class Facts:
    """What the answers say."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.account = str(answers.get("aws_account_id") or "")
        self.region = str(answers.get("aws_region") or "")
        self.partition = partition_of(self.region)
        self.cluster = str(answers.get("cluster_name") or "")
        self.bucket = str(answers.get("bucket_name") or "")
        self._answers = answers

    @cached_property
    def given(self) -> frozenset[str]:
        """Every string of the answers: what the user gave is right."""
        return frozenset(value for _, value in strings(self._answers))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names that a misspelling may be near to."""
        names = (str(self._answers.get(answer) or "") for answer in NAMED_BY)
        return tuple(name for name in names if len(name) >= SHORTEST or name.count(".") > 1)

    @cached_property
    def network(self) -> frozenset[str]:
        """Ids of the network and of file systems; empty when the network is yet to be made."""
        return frozenset(NETWORK_ID.findall(" ".join(self.given)))

    def is_given(self, arn: str) -> bool:
        """True for what the answers hold themselves, such as a key's ARN."""
        return any(arn in answer or answer in arn for answer in self.given if answer.startswith("arn:"))

    def faults(self, text: str, where: str, *, in_global_region: bool = False) -> Iterator[Fault]:
        """Everything in a text that disagrees with the answers."""
        if "arn:" in text:
            yield from self._arns(text)
        if "s3://" in text:
            for name in S3_TEXT.findall(text):
                yield from self.bucket_faults(name, "s3://")
        if ".com" in text:
            for region in HOST_REGION.findall(text):
                yield from self.region_faults(region, where, in_global_region=in_global_region)
        if "-" in text:
            yield from self._ids(text, where)
        yield from self._nearly(text)

    def _arns(self, text: str) -> Iterator[Fault]:
        for found in ARN_TEXT.finditer(text):
            partition, service, region, account, resource = found.groups()
            arn = found[0]
            if any(mark in f"{partition}{region}{account}" for mark in ("${", "$(")) or self.is_given(arn):
                continue
            elsewhere = GLOBAL_REGION if service in GLOBAL_SERVICES else ""
            for what, value, wanted, others in (
                ("partition", partition, self.partition, ()),
                ("region", region, self.region, ("", elsewhere)),
                ("account", account, self.account, ("", "aws")),
            ):
                if value not in (wanted, "*", *others):
                    yield Fault("arn", f"{arn} has {what} {value}, the answers say {wanted}", arn)
            if service == "s3":
                yield from self.bucket_faults(resource.split("/")[0], "ARN")

    def bucket_faults(self, name: str, where: str) -> Iterator[Fault]:
        """A fault when a bucket is not the answers'."""
        known = not name or any(mark in name for mark in UNKNOWN) or name in self.given
        if self.bucket and not known:
            yield Fault("bucket", f"{where} names bucket {name}, the answers say {self.bucket}", name)

    def region_faults(self, region: str, where: str, *, in_global_region: bool = False) -> Iterator[Fault]:
        """A fault when a region is not the answers'."""
        if region != self.region and not (in_global_region and region == GLOBAL_REGION):
            yield Fault("region", f"{where} names region {region}, the answers say {self.region}", region)

    def _ids(self, text: str, where: str) -> Iterator[Fault]:
        for found in NETWORK_ID.findall(text) if self.network else ():
            if found not in self.network:
                yield Fault("network", f"{where} names {found}, which is in no answer", found)

    def _nearly(self, text: str) -> Iterator[Fault]:
        for name in self.names:
            if name[:4] not in text and name[-4:] not in text:
                continue
            labels = name.count(".") + 1
            for token in dict.fromkeys(TOKEN.findall(text)):
                ending = ".".join(token.split(".")[-labels:]) if labels > 1 else token
                if _near(ending, name) and token not in self.given:
                    yield Fault("nearly", f"{token} is nearly {name}", token)


@lru_cache(maxsize=65536)
def _near(token: str, name: str) -> bool:
    if abs(len(token) - len(name)) > 2 or token in name or name in token:
        return False
    matcher = difflib.SequenceMatcher(None, token, name, autojunk=False)
    return matcher.quick_ratio() >= NEAR and matcher.ratio() >= NEAR
