"""What all ACK kinds have in common: botocore's model tells the parameters, a class its exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from kfaws.harness.standins.claims.claim import Claim, Found
from kfaws.harness.standins.claims.names import at, from_aws, same, to_aws
from kfaws.harness.standins.claims.outcome import ALWAYS_TERMINAL, code_of


class Resource:
    """One kind. Everything but `service`, the operations and the key may stay as it is."""

    service: ClassVar[str]
    create_operation: ClassVar[str]
    read_operation: ClassVar[str]
    update_operation: ClassVar[str] = ""
    delete_operation: ClassVar[str]
    answer: ClassVar[str] = ""
    """Where the resource stands in the answer of the read operation."""
    made: ClassVar[str] = ""
    """Where it stands in the answer of the create operation."""
    key: ClassVar[Mapping[str, str]]
    """Parameters that name the resource, with the fields that they come from."""
    plural_key: ClassVar[bool] = False
    """Whether the read operation takes lists of names."""
    renames: ClassVar[Mapping[str, str]] = {}
    shown: ClassVar[Mapping[str, str]] = {}
    """Renames of the status."""
    arn_member: ClassVar[str] = "Arn"
    missing: ClassVar[frozenset[str]] = frozenset()
    """Error codes by which AWS says that there is none."""
    terminal: ClassVar[frozenset[str]] = ALWAYS_TERMINAL
    late: ClassVar[tuple[str, ...]] = ()
    """Fields of the spec that AWS fills where nobody did."""
    apart: ClassVar[tuple[str, ...]] = ()
    """Fields of the spec that are no parameters of the create and update operations."""
    secrets: ClassVar[tuple[str, ...]] = ()
    """Fields that refer to a key of a Secret."""
    references: ClassVar[Mapping[str, tuple[str, str, str]]] = {}
    """Field -> group (without domain), kind and the field there that it stands for."""
    synced: ClassVar[tuple[str, tuple[str, ...]]] = ("", ())
    """Field of the status, and the values of which one it must have."""
    immutable: ClassVar[tuple[str, ...]] = ()
    tags_field: ClassVar[str] = "tags"
    tag_words: ClassVar[tuple[str, str]] = ("key", "value")
    """How the kind spells a tag."""
    tag_capitals: ClassVar[tuple[str, str]] = ("Key", "Value")
    """How AWS does."""
    tag_parameter: ClassVar[str] = "Tags"
    """Empty: tags are set after the resource is made."""

    # What a kind may do otherwise

    def search(self, claim: Claim) -> dict[str, Any] | None:
        """The key of what we made before a crash, where it is not in the spec. None: nothing."""
        return None

    def prepare(self, claim: Claim, parameters: dict[str, Any]) -> None:
        """Complete the create operation's parameters."""

    def observe(self, claim: Claim, found: Found) -> None:
        """Add what other operations tell."""

    def update(self, claim: Claim, found: Found, changed: list[str]) -> None:
        """Make AWS have what the spec says in the changed fields."""
        parameters = {
            **self.identify(claim, single=True),
            **self.parameters(claim, self.update_operation, changed),
        }
        claim.call(self.service, self.update_operation, **parameters)

    def waits(self, claim: Claim) -> bool:
        """Whether it is worth looking again soon, though it is synced."""
        return False

    def clear(self, claim: Claim, found: Found) -> None:
        """Take away what keeps the resource from being deleted."""

    def tag(self, claim: Claim, found: Found, tags: Mapping[str, str]) -> None:
        """Set tags."""

    def untag(self, claim: Claim, found: Found, keys: list[str]) -> None:
        """Take tags away."""

    # What is the same for all

    def identify(self, claim: Claim, single: bool = False) -> dict[str, Any]:
        """The parameters that name the resource; empty where it has no name yet."""
        values = {
            name: at({"spec": claim.spec, "status": claim.status}, path) for name, path in self.key.items()
        }
        if not values or any(value in (None, "") for value in values.values()):
            return {}
        return (
            {self._plural(name): [value] for name, value in values.items()}
            if self.plural_key and not single
            else values
        )

    def _plural(self, name: str) -> str:
        return name if name.endswith("s") else f"{name}s"

    def read(self, claim: Claim) -> Found | None:
        """What AWS has; None: nothing."""
        key = self.identify(claim) or (self.search(claim) if claim.ours else None)
        if not key:
            return None
        try:
            raw = self.fetch(claim, key)
        except ClientError as error:
            if code_of(error) in self.missing:
                return None
            raise
        return None if raw is None else self.found(claim, raw)

    def fetch(self, claim: Claim, key: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The resource as the read operation tells it."""
        raw = at(claim.call(self.service, self.read_operation, **key), self.answer)
        return raw if isinstance(raw, dict) else None

    def found(self, claim: Claim, raw: Mapping[str, Any]) -> Found:
        """The resource in the kind's fields."""
        found = Found(
            from_aws(raw, claim.schema["spec"], self.renames),
            from_aws(raw, claim.schema["status"], self.shown),
            raw,
        )
        found.spec.pop(self.tags_field, None)
        found.arn = str(raw.get(self.arn_member) or "")
        self.observe(claim, found)
        claim.status.update(found.status)
        return found

    def parameters(self, claim: Claim, operation: str, fields: list[str] | None = None) -> dict[str, Any]:
        """The spec (or some fields of it) as an operation's parameters."""
        shape = claim.aws.input(self.service, operation)
        skip = {*self.apart, self.tags_field}
        wanted = {
            name: value
            for name, value in claim.spec.items()
            if name not in skip and (fields is None or name in fields)
        }
        parameters: dict[str, Any] = to_aws(wanted, shape, self.renames)
        return parameters

    def create(self, claim: Claim) -> None:
        """Make it, and put what AWS answered into the status."""
        parameters = self.parameters(claim, self.create_operation)
        if claim.tags and self.tag_parameter:
            parameters[self.tag_parameter] = self.tag_list(claim, claim.tags)
        self.prepare(claim, parameters)
        answer = claim.call(self.service, self.create_operation, **parameters)
        raw = at(answer, self.made) if self.made else answer
        claim.status.update(from_aws(raw or {}, claim.schema["status"], self.shown))

    def tag_list(self, claim: Claim, tags: Mapping[str, str]) -> Any:
        """Tags as this service takes them."""
        if (claim.schema["spec"].get("properties") or {}).get(self.tags_field, {}).get("type") == "object":
            return dict(tags)
        key, value = self.tag_capitals
        return [{key: name, value: text} for name, text in tags.items()]

    def delete(self, claim: Claim, found: Found) -> None:
        """Delete it, and what is in the way of that."""
        self.clear(claim, found)
        key = self.identify(claim, single=True)
        try:
            claim.call(self.service, self.delete_operation, **key)
        except ClientError as error:
            if code_of(error) not in self.missing:
                raise

    def changed(self, claim: Claim, found: Found) -> list[str]:
        """The fields that AWS has otherwise."""
        ignored = {self.tags_field, *self.secrets}
        return [
            name
            for name, value in claim.spec.items()
            if name not in ignored
            and not name.endswith(("Ref", "Refs"))
            and not self.equal(name, value, found)
        ]

    def equal(self, name: str, value: Any, found: Found) -> bool:
        """Whether a field is as it was asked for."""
        return same(value, found.spec.get(name))

    def is_synced(self, claim: Claim) -> bool:
        """Whether AWS has finished with it."""
        path, values = self.synced
        return not path or at(claim.status, path) in values
