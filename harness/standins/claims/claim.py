"""One object under reconciliation, and what AWS has of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kfaws.generator.model import Object
from kfaws.harness.standins.claims.aws import Aws, call

Schema = Mapping[str, Any]


@dataclass
class Claim:
    """An object with its references resolved; `status` is what will be written."""

    item: Object
    spec: dict[str, Any]
    status: dict[str, Any]
    aws: Aws
    region: str
    schema: Schema
    """The CRD's `spec` (of Crossplane: `forProvider`) and `status` (`atProvider`)."""
    tags: dict[str, str] = field(default_factory=dict)
    """The wanted ones, those that the controller adds included."""
    ours: bool = False
    """Whether it carries our finalizer: what is found may be what we made before a crash."""
    seen: Found | None = None
    """What AWS has, once it was looked at for the last time."""
    secret: Callable[[Mapping[str, str]], str] = lambda _: ""
    """The value behind a reference to a key of a Secret."""

    @property
    def uid(self) -> str:
        """The object's uid: the token by which a resource is made once."""
        return str(self.item["metadata"]["uid"])

    @property
    def annotations(self) -> Mapping[str, str]:
        """The object's annotations."""
        return self.item["metadata"].get("annotations") or {}

    def client(self, service: str) -> Any:
        """A client of the region that the object asks for."""
        return self.aws.client(service, self.region)

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Call AWS in that region."""
        return call(self.client(service), operation, **parameters)

    def arn(self, service: str, resource: str, region: bool = True) -> str:
        """The ARN of something of this account."""
        where = self.region if region else ""
        return f"arn:{self.aws.partition}:{service}:{where}:{self.aws.account}:{resource}"


@dataclass
class Found:
    """What AWS has: in the kind's own fields, and raw."""

    spec: dict[str, Any]
    status: dict[str, Any]
    raw: Mapping[str, Any]
    arn: str = ""
    tags: dict[str, str] | None = None
    """None where such a resource has no tags."""
