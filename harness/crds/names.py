"""ACK's names of fields: AWS's names in lowerCamel, with initialisms in capitals as Go wants them."""

from __future__ import annotations

import re

PLAIN = (
    "acl acp api arn asn aws az bgp cidr cors cpu dhcp dns dpd ebs ec2 ecmp ecr efs eks fpga gpu html http"
    " iam icmp iops json jwt kms ldap mfa oidc sdk sha256 sqs sse ssl tcp tde tls udp url uuid vgw vlan vpc"
    " vpn waf xml yaml"
)
"""What ACK's code generator takes for an initialism (its pkg/names), wherever it stands."""
WITH_CARE = {"ami": "", "db": "", "dbi": "", "ena": "bl", "id": "entifier|entity|le", "io": "ps", "ip": "art"}
WITH_CARE |= {"nat": "i", "uri": ""}
"""Others, with what must not follow, because it makes a longer word: `Identifier`, `Enable`, `Native`.

At the head of a name they become small letters only where AWS writes them as a word: `URI` becomes `uRI`.
"""
SMALL_AT_THE_HEAD = ("CACert", "DB")
"""Other heads of names whose capitals become small letters."""
KEYWORDS = frozenset({"default", "interface", "map", "package", "range", "type"})
"""Go's keywords among AWS's names: ACK appends an underscore."""


def _word(initialism: str) -> str:
    not_before = WITH_CARE.get(initialism)
    return initialism.capitalize() + (f"(?!{not_before})" if not_before else "")


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(patterns, key=len, reverse=True)))


_WORDS = _any([_word(initialism) for initialism in (*PLAIN.split(), *WITH_CARE)])
_HEADS = _any(
    [*(initialism.upper() for initialism in PLAIN.split()), *SMALL_AT_THE_HEAD, "ID$", "IDs$", _WORDS.pattern]
)


def ack_name(member: str) -> str:
    """The field of an ACK kind that stands for a member of an AWS shape: `KmsKeyId` is `kmsKeyID`."""
    head = _HEADS.match(member)
    end = head.end() if head else 1
    small = "caCert" if head and head[0] == "CACert" else member[:end].lower()
    name = small + _WORDS.sub(lambda found: found[0].upper(), member[end:])
    return f"{name}_" if name in KEYWORDS else name
