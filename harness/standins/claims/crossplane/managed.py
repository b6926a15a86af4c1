"""What all kinds of Crossplane's AWS providers have in common: Terraform's names, mapped to AWS's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from kfaws.harness.standins.claims.claim import Claim, Found
from kfaws.harness.standins.claims.names import at, bare, from_aws, same, to_aws
from kfaws.harness.standins.claims.outcome import code_of


class Managed:
    """One kind. The external name is how AWS knows the resource."""

    service: ClassVar[str]
    create_operation: ClassVar[str]
    read_operation: ClassVar[str]
    update_operation: ClassVar[str]
    delete_operation: ClassVar[str]
    answer: ClassVar[str]
    """Where the resource stands in the answer of the read operation."""
    made: ClassVar[str]
    """Where its external name stands in the answer of the create operation."""
    renames: ClassVar[Mapping[str, str]] = {}
    shown: ClassVar[Mapping[str, str]] = {}
    """Renames of what is read, where they differ from `renames`."""
    missing: ClassVar[frozenset[str]] = frozenset({"ResourceNotFoundException"})
    references: ClassVar[Mapping[str, tuple[str, str]]] = {}
    """Field -> group (without domain) and kind whose external name it is."""
    fixed: ClassVar[frozenset[str]] = frozenset({"region"})
    """Fields that no operation changes."""
    whole: ClassVar[bool] = False
    """Whether the update operation resets what it is not given."""

    def key(self, claim: Claim, name: str) -> dict[str, Any]:
        """The parameters that name the resource."""
        raise NotImplementedError

    def known_name(self, claim: Claim) -> str:
        """The external name, where it follows from the spec."""
        return ""

    def search(self, claim: Claim) -> str:
        """The external name of what was made before a crash; empty: nothing was."""
        return self.known_name(claim)

    def prepare(self, claim: Claim, parameters: dict[str, Any]) -> None:
        """Complete the create operation's parameters."""

    def complete(self, claim: Claim, name: str) -> None:
        """What has to be done once the resource is made."""

    def observe(self, claim: Claim, found: Found) -> None:
        """Add what is told otherwise, or by other operations."""

    def secrets(self, found: Found) -> dict[str, str]:
        """What goes into the connection secret."""
        return {}

    def is_ready(self, found: Found) -> bool:
        """Whether AWS has finished with it."""
        return True

    def read(self, claim: Claim, name: str) -> Found | None:
        """What AWS has; None: nothing."""
        try:
            raw = at(claim.call(self.service, self.read_operation, **self.key(claim, name)), self.answer)
        except ClientError as error:
            if code_of(error) in self.missing:
                return None
            raise
        if not raw:
            return None
        names = {**self.renames, **self.shown}
        found = Found(
            from_aws(raw, claim.schema["spec"], names), from_aws(raw, claim.schema["status"], names), raw
        )
        found.status["id"] = name
        self.observe(claim, found)
        # What is observed of the spec is told in the status as well.
        known = claim.schema["status"].get("properties") or {}
        found.status.update(
            {key: value for key, value in found.spec.items() if key in known and key not in found.status}
        )
        return found

    def parameters(self, claim: Claim, operation: str) -> dict[str, Any]:
        """The spec as an operation's parameters."""
        shape = claim.aws.input(self.service, operation)
        parameters: dict[str, Any] = to_aws(claim.spec, shape, self.renames)
        return parameters

    def create(self, claim: Claim) -> str:
        """Make it, and return its external name."""
        parameters = self.parameters(claim, self.create_operation)
        self.prepare(claim, parameters)
        answer = claim.call(self.service, self.create_operation, **parameters)
        return str(at(answer, self.made) or "") if self.made else self.known_name(claim)

    def update(self, claim: Claim, found: Found, changed: list[str]) -> None:
        """Make AWS have what the spec says."""
        parameters = self.parameters(claim, self.update_operation)
        if not self.whole:
            wanted = {bare(self.renames.get(field, field)) for field in changed}
            parameters = {name: value for name, value in parameters.items() if bare(name) in wanted}
        key = self.key(claim, found.status["id"])
        claim.call(self.service, self.update_operation, **{**parameters, **key})

    def delete(self, claim: Claim, found: Found) -> None:
        """Delete it."""
        try:
            claim.call(self.service, self.delete_operation, **self.key(claim, found.status["id"]))
        except ClientError as error:
            if code_of(error) not in self.missing:
                raise

    def changed(self, claim: Claim, found: Found) -> list[str]:
        """The fields that AWS has otherwise."""
        return [
            field
            for field, value in claim.spec.items()
            if field not in self.fixed
            and not field.endswith(("Ref", "Refs", "Selector"))
            and not self.equal(field, value, found)
        ]

    def equal(self, field: str, value: Any, found: Found) -> bool:
        """Whether a field is as it was asked for."""
        there = found.spec.get(field)
        # Terraform writes a block as a list of one; the CRD's schema says which.
        if (
            isinstance(value, list)
            and len(value) == 1
            and isinstance(value[0], dict)
            and isinstance(there, dict)
        ):
            return same(value[0], there)
        return same(value, there)
