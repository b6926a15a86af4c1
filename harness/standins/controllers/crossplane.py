"""In the place of Crossplane's package manager: AWS providers, and which of their kinds are switched on.

Conditions and reasons are those of Crossplane v2 (apis/pkg/v1/conditions.go,
apis/apiextensions/v1alpha1/conditions.go). No package is pulled and no provider runs here: what acts on the
kinds is the stand-in of claims.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from kfaws.generator.model import Object
from kfaws.harness.crds.crossplane import kinds as derivable_kinds
from kfaws.harness.crds.derived import derived_crds
from kfaws.harness.crds.manifest import plural_of
from kfaws.harness.crds.stubs import stub_crd, stubs
from kfaws.harness.kube import Kind
from kfaws.harness.standins.controllers.conditions import Condition, conditions_of, write_status
from kfaws.harness.standins.controllers.controller import Place, Request, Requests, Seen, itself

PROVIDERS, CONFIGS = (
    Kind("pkg.crossplane.io/v1", "Provider"),
    Kind("pkg.crossplane.io/v1beta1", "DeploymentRuntimeConfig"),
)
POLICIES = Kind("apiextensions.crossplane.io/v1alpha1", "ManagedResourceActivationPolicy")
CRDS = Kind("apiextensions.k8s.io/v1", "CustomResourceDefinition")
DOMAIN = "aws.m.upbound.io"
PACKAGE, FAMILY = "provider-aws-", "provider-family-aws"
DEFAULT = "default"
"""The DeploymentRuntimeConfig that Crossplane brings along."""

Named = tuple[str, str]
"""Group and kind."""


class Crossplane:
    """A Controller for Provider and ManagedResourceActivationPolicy."""

    @property
    def watches(self) -> Mapping[Kind, Requests]:
        """Both kinds; what a provider needs and what it installs matter to all of them."""
        return {
            PROVIDERS: _itself_and_policies,
            POLICIES: _itself_and_providers,
            CONFIGS: _providers,
            CRDS: _of_crd,
        }

    def reconcile(self, place: Place, item: Object) -> float | None:
        """A Provider or a ManagedResourceActivationPolicy."""
        if Kind.of(item) == PROVIDERS:
            _reconcile_provider(place, item)
        else:
            _reconcile_policy(place, item)
        return None


def kinds_of(provider: Object) -> list[Named]:
    """The kinds of a provider's package that can be had here."""
    name = _package(provider)
    if name == FAMILY:
        return [named for named in stubs() if named[0] == DOMAIN]
    group = f"{name.removeprefix(PACKAGE)}.{DOMAIN}"
    return sorted(named for named in derivable_kinds() if named[0] == group)


def activated(policy: Object, names: Iterable[str]) -> list[str]:
    """Those of the names of CRDs that a policy switches on."""
    patterns = policy["spec"].get("activate") or ()
    return sorted({name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)})


def _package(provider: Object) -> str:
    """`provider-aws-fsx` of `xpkg.crossplane.io/crossplane-contrib/provider-aws-fsx:v2.6.0`."""
    last: str = provider["spec"]["package"].rpartition("/")[2]
    return last.partition("@")[0].partition(":")[0]


def _name(named: Named) -> str:
    return f"{plural_of(named[1])}.{named[0]}"


def _reconcile_provider(place: Place, provider: Object) -> None:
    package, kinds = provider["spec"]["package"], kinds_of(provider)
    if not kinds:
        waits = Condition(
            "Installed", False, "UnpackingPackage", f"the kinds of {package} cannot be had here"
        )
        write_status(place.cluster, provider, {"conditions": conditions_of(provider, [waits])})
        return
    for named in kinds:
        if _is_on(place, named) and place.cluster.get(CRDS, _name(named)) is None:
            [crd] = [stub_crd(*named)] if named in stubs() else derived_crds([named])
            place.cluster.create(crd)
    installed = Condition("Installed", True, "ActivePackageRevision")
    digest = hashlib.sha256(package.encode()).hexdigest()
    status = {
        "conditions": conditions_of(provider, [installed, _health(place, provider)]),
        "currentIdentifier": package,
        "currentRevision": f"{provider['metadata']['name']}-{digest[:12]}",
        "resolvedPackage": package,
    }
    write_status(place.cluster, provider, status)


def _health(place: Place, provider: Object) -> Condition:
    name = (provider["spec"].get("runtimeConfigRef") or {}).get("name", DEFAULT)
    if name == DEFAULT or place.cluster.get(CONFIGS, name):
        return Condition("Healthy", True, "HealthyPackageRevision")
    words = f'Package runtime health is "False" with message: no DeploymentRuntimeConfig "{name}"'
    return Condition("Healthy", False, "UnhealthyPackageRevision", words)


def _is_on(place: Place, named: Named) -> bool:
    """Whether a kind is installed: those of the family always are, others once a policy names them."""
    if named[0] == DOMAIN:
        return True
    return any(activated(policy, [_name(named)]) for policy in place.cluster.list(POLICIES))


def _reconcile_policy(place: Place, policy: Object) -> None:
    providers = place.cluster.list(PROVIDERS)
    names = [_name(named) for provider in providers for named in kinds_of(provider) if named[0] != DOMAIN]
    status = {
        "activated": activated(policy, names),
        "conditions": conditions_of(policy, [Condition("Healthy", True, "Running")]),
    }
    write_status(place.cluster, policy, status)


def _itself_and_policies(item: Object, seen: Seen) -> Iterable[Request]:
    yield from itself(item, seen)
    yield from (Request.of(policy) for policy in seen.all(POLICIES))


def _itself_and_providers(item: Object, seen: Seen) -> Iterable[Request]:
    yield from itself(item, seen)
    yield from _providers(item, seen)


def _providers(item: Object, seen: Seen) -> Iterable[Request]:
    yield from (Request.of(provider) for provider in seen.all(PROVIDERS))


def _of_crd(item: Object, seen: Seen) -> Iterable[Request]:
    if item["spec"]["group"].endswith(DOMAIN):
        yield from _providers(item, seen)
