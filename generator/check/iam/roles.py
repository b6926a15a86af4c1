"""Roles, and who takes them: ACK objects, the bootstrap's CloudFormation, eksctl's file, annotations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import yaml

from kfaws.generator.check.iam.cloudformation import Resource, resources
from kfaws.generator.check.inventory import Item
from kfaws.generator.check.world import World, partition_of

ANNOTATION = "eks.amazonaws.com/role-arn"
ACK_ROLE = ("iam.services.k8s.aws", "Role")
ACK_POLICY = ("iam.services.k8s.aws", "Policy")
ACK_ASSOCIATION = ("eks.services.k8s.aws", "PodIdentityAssociation")


@dataclass(frozen=True)
class Policy:
    """One policy document and where it stands."""

    name: str
    document: Any = field(hash=False)
    item: Item | None
    file: str = ""


@dataclass(frozen=True)
class Role:
    """One role: its trust policy and its own policies."""

    name: str
    trust: Any = field(hash=False)
    policies: tuple[Policy, ...] = field(hash=False)
    item: Item | None
    file: str = ""
    attached: tuple[str, ...] = ()
    """ARNs of managed policies."""
    boundary: str = ""
    """ARN of its permissions boundary."""


@dataclass(frozen=True)
class Use:
    """A ServiceAccount that has a role: by an association or by an annotation."""

    namespace: str
    account: str
    role: str
    """The role's name; empty when it is not known."""
    item: Item | None
    file: str = ""
    cluster: str = ""
    annotated: bool = False

    @property
    def name(self) -> str:
        """The ServiceAccount as namespace/name."""
        return f"{self.namespace}/{self.account}"


class Identities:
    """All roles and their users."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._resources = list(resources(world.folder, pseudo_parameters(world)))

    @cached_property
    def roles(self) -> dict[str, Role]:
        """Roles by name; those whose name is known at run time only by their object's name."""
        found = [*map(_ack_role, self.world.inventory.of(*ACK_ROLE))]
        found += [_stack_role(entry) for entry in self._of_type("AWS::IAM::Role")]
        return {role.name: role for role in found}

    @cached_property
    def policies(self) -> list[Policy]:
        """All policies: of roles, managed ones, and resource policies of buckets and keys."""
        found = [policy for role in self.roles.values() for policy in role.policies]
        for item in self.world.inventory.of(*ACK_POLICY):
            found.append(Policy(item.key.name, _spec(item).get("policyDocument"), item))
        for kind in ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"):
            for entry in self._of_type(kind):
                document = entry.properties.get("PolicyDocument")
                found.append(Policy(entry.logical_id, document, None, entry.file))
        return found

    @cached_property
    def _managed(self) -> dict[str, Policy]:
        """Managed policies of this account by name."""
        found = {}
        for item in self.world.inventory.of(*ACK_POLICY):
            spec = _spec(item)
            found[str(spec.get("name") or item.key.name)] = Policy(
                item.key.name, spec.get("policyDocument"), item
            )
        for entry in self._of_type("AWS::IAM::ManagedPolicy"):
            name = str(entry.properties.get("ManagedPolicyName") or entry.logical_id)
            found[name] = Policy(entry.logical_id, entry.properties.get("PolicyDocument"), None, entry.file)
        return found

    def has_policy(self, name: str) -> bool:
        """True when the environment makes a managed policy of that name."""
        return name in self._managed

    def boundary_of(self, role: Role) -> Policy | None:
        """The role's boundary, or None when it has none that is known here."""
        return self._managed.get(role.boundary.rpartition("/")[2])

    def attached_to(self, role: Role) -> list[Policy]:
        """Those of the role's managed policies that are known here."""
        names = [arn.rpartition("/")[2] for arn in role.attached]
        return [self._managed[name] for name in names if name in self._managed]

    @cached_property
    def uses(self) -> list[Use]:
        """Everybody who has a role."""
        accounts = self.world.inventory.of("", "ServiceAccount")
        return [
            *(_association(item, self._role_objects) for item in self.world.inventory.of(*ACK_ASSOCIATION)),
            *(_annotated(item) for item in accounts if ANNOTATION in item.annotations),
            *self._profiles(),
            *self._providers(),
            *self._of_stacks(),
            *self._of_eksctl(),
        ]

    @cached_property
    def _role_objects(self) -> dict[str, str]:
        """Role names by the name of their ACK object."""
        return {item.key.name: _ack_role(item).name for item in self.world.inventory.of(*ACK_ROLE)}

    def _profiles(self) -> Iterator[Use]:
        """Kubeflow's Profile plugin annotates default-editor with a role."""
        for item in self.world.inventory.of("kubeflow.org", "Profile"):
            for plugin in _spec(item).get("plugins") or ():
                arn = (plugin.get("spec") or {}).get("awsIamRole")
                if arn:
                    yield Use(item.key.name, "default-editor", role_name(arn), item, annotated=True)

    def _providers(self) -> Iterator[Use]:
        """Crossplane annotates the ServiceAccount of its providers as their runtime configuration says."""
        for item in self.world.inventory.of("pkg.crossplane.io", "DeploymentRuntimeConfig"):
            account = (_spec(item).get("serviceAccountTemplate") or {}).get("metadata") or {}
            arn = (account.get("annotations") or {}).get(ANNOTATION)
            if arn:
                namespace = (item.application.namespace if item.application else None) or ""
                yield Use(namespace, account.get("name", ""), role_name(arn), item, annotated=True)

    def _of_type(self, kind: str) -> list[Resource]:
        return [entry for entry in self._resources if entry.type == kind]

    def _of_stacks(self) -> Iterator[Use]:
        names = {entry.logical_id: _stack_role(entry).name for entry in self._of_type("AWS::IAM::Role")}
        for entry in self._of_type("AWS::EKS::PodIdentityAssociation"):
            given = entry.properties
            reference = str(given.get("RoleArn", ""))
            logical_id = reference.removeprefix("${").removesuffix(".Arn}")
            role = names.get(logical_id) or role_name(reference)
            yield Use(
                given.get("Namespace", ""),
                given.get("ServiceAccount", ""),
                role,
                None,
                entry.file,
                cluster=str(given.get("ClusterName", "")),
            )

    def _of_eksctl(self) -> Iterator[Use]:
        """Associations that eksctl makes, each with a role of its own."""
        for file in sorted((self.world.folder / "bootstrap").rglob("*.yaml")):
            text = file.read_text(encoding="utf-8")
            if "kind: ClusterConfig" not in text:
                continue
            config = yaml.safe_load(text)
            entries = list((config.get("iam") or {}).get("podIdentityAssociations") or ())
            for addon in config.get("addons") or ():
                entries += addon.get("podIdentityAssociations") or ()
            for entry in entries:
                where = str(file.relative_to(self.world.folder))
                yield Use(entry.get("namespace", ""), entry.get("serviceAccountName", ""), "", None, where)


def pseudo_parameters(world: World) -> dict[str, str]:
    """CloudFormation's pseudo parameters, from the answers."""
    partition = partition_of(str(world.answers.get("aws_region", "")))
    return {
        "AWS::AccountId": str(world.answers.get("aws_account_id", "")),
        "AWS::Region": str(world.answers.get("aws_region", "")),
        "AWS::Partition": partition,
        "AWS::URLSuffix": "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com",
    }


def role_name(arn: str) -> str:
    """The name at the end of a role's ARN; empty when it is not known."""
    name = arn.rpartition("/")[2] if ":role/" in arn else ""
    return "" if "${" in name else name


def _spec(item: Item) -> dict[str, Any]:
    return item.manifest.get("spec") or {}


def _ack_role(item: Item) -> Role:
    spec = _spec(item)
    name = str(spec.get("name") or item.key.name)
    inline = spec.get("inlinePolicies") or {}
    documents = tuple(
        Policy(f"{name}/{policy}", document, item)
        for policy, document in (inline.items() if isinstance(inline, dict) else ())
    )
    attached = tuple(str(arn) for arn in spec.get("policies") or ())
    boundary = str(spec.get("permissionsBoundary") or "")
    return Role(name, spec.get("assumeRolePolicyDocument"), documents, item, "", attached, boundary)


def _stack_role(entry: Resource) -> Role:
    given = entry.properties
    documents = tuple(
        Policy(str(policy.get("PolicyName", "")), policy.get("PolicyDocument"), None, entry.file)
        for policy in given.get("Policies") or ()
    )
    name = str(given.get("RoleName") or entry.logical_id)
    attached = tuple(str(arn) for arn in given.get("ManagedPolicyArns") or ())
    return Role(name, given.get("AssumeRolePolicyDocument"), documents, None, entry.file, attached)


def _association(item: Item, names: dict[str, str]) -> Use:
    spec = _spec(item)
    reference = ((spec.get("roleRef") or {}).get("from") or {}).get("name") or ""
    role = names.get(reference, reference) if reference else role_name(str(spec.get("roleARN") or ""))
    return Use(
        str(spec.get("namespace") or ""),
        str(spec.get("serviceAccount") or ""),
        role,
        item,
        cluster=str(spec.get("clusterName") or ""),
    )


def _annotated(item: Item) -> Use:
    name = role_name(item.annotations[ANNOTATION])
    return Use(item.key.namespace, item.key.name, name, item, annotated=True)
