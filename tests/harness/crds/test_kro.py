"""Real kro takes every definition over derived CRDs, and refuses what they do not have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml

from kfaws.generator.check.kinds import type_of
from kfaws.generator.model import Object
from kfaws.generator.upstream.errors import UpstreamError
from kfaws.generator.upstream.pins import pins
from kfaws.generator.upstream.remote import Remote
from kfaws.generator.upstream.resolver import Upstream
from kfaws.harness.crds import derivable, derived_crds
from kfaws.harness.crds.stubs import stub_crd, stubs
from kfaws.harness.kube import Cluster, Kind
from kfaws.harness.polling import Done, Failed, Pending, eventually
from tests.definitions.generated import Environment
from tests.harness.crds.plane import NAMES, kro, plane, programs

DEFINITIONS = Kind("kro.run/v1alpha1", "ResourceGraphDefinition")
FROM_MODULES = (
    ("kubernetes-sigs/kro", "helm/crds"),
    ("external-secrets/external-secrets", "config/crds/bases"),
)
WITHIN = 180.0


@pytest.fixture(scope="module")
def cluster(
    environments: dict[str, Environment], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """An API server with kro and every CRD that the definitions need, ACK's and Crossplane's derived."""
    paths = programs()
    missing = [name for name in NAMES if name not in paths]
    if missing:
        pytest.skip(f"not built: {', '.join(missing)} (run `kfaws tools`)")
    crds = [*upstream_crds(), *made_crds(environments)]
    folder = tmp_path_factory.mktemp("plane")
    with plane(folder, paths) as running:
        for crd in crds:
            running.apply(crd)
        with kro(folder, paths["kro"]):
            yield running


def upstream_crds() -> list[Object]:
    """Those of kro and of External Secrets, which Go modules carry."""
    found = []
    for repository, path in FROM_MODULES:
        [ref] = [ref for name, ref in pins() if name == repository]
        try:
            folder = Upstream(print).folder(Remote(f"https://github.com/{repository}", repository, ref, path))
        except UpstreamError as error:
            pytest.skip(str(error))
        for file in sorted(folder.glob("*.yaml")):
            found += [
                crd
                for crd in yaml.safe_load_all(file.read_text())
                if crd and crd["kind"].endswith("Definition")
            ]
    return found


def made_crds(environments: dict[str, Environment]) -> list[Object]:
    """Derived ones and stubs, of all kinds that some definition makes."""
    kinds = {
        type_of(template) for environment in environments.values() for _, template in environment.templates()
    }
    pairs = {(kind.group, kind.kind) for kind in kinds}
    derived = derived_crds(pair for pair in pairs if derivable(*pair))
    return [*derived, *(stub_crd(*pair) for pair in sorted(pairs) if pair in stubs())]


def accept(cluster: Cluster, wanted: list[Object]) -> None:
    """Apply definitions and wait until kro has taken all of them; KfawsError has its words."""
    generations = {item["metadata"]["name"]: apply(cluster, item) for item in wanted}

    def look() -> Done[None] | Pending | Failed:
        found = {item["metadata"]["name"]: item for item in cluster.list(DEFINITIONS)}
        said = {name: verdict(found[name], generation) for name, generation in generations.items()}
        waiting = [f"{name}: {words}" for name, words in said.items() if words]
        # Refused once is not refused for good: the kind that was missing may be another definition's.
        return Pending("; ".join(waiting)) if waiting else Done(None)

    eventually("definitions accepted", look, WITHIN)


def refusal(cluster: Cluster, item: Object) -> str:
    """Apply a definition whose kinds are all there, and wait for what kro has against it."""
    generation = apply(cluster, item)

    def look() -> Done[str] | Pending | Failed:
        [found] = [known for known in cluster.list(DEFINITIONS) if known["metadata"]["name"] == "broken"]
        words = verdict(found, generation)
        return Done(words) if words.startswith("refused") else Pending(words) if words else Failed("accepted")

    return eventually("the definition refused", look, WITHIN)


def apply(cluster: Cluster, item: Object) -> int:
    """The generation that an object has once it is applied."""
    return int(cluster.apply(item)["metadata"]["generation"])


def verdict(definition: Object, generation: int) -> str:
    """Empty once kro has taken this generation; else what it waits for or has against it."""
    conditions = {
        entry["type"]: entry
        for entry in (definition.get("status") or {}).get("conditions") or ()
        if entry.get("observedGeneration") == generation
    }
    graph, ready = conditions.get("GraphAccepted", {}), conditions.get("Ready", {})
    if graph.get("status") == "False":
        return f"refused: {graph.get('message')}"
    return "" if ready.get("status") == "True" else "not ready"


@pytest.mark.parametrize("name", ["walkthrough", "everything", "oauth2-proxy", "given"])
def test_kro_accepts_all_definitions(
    name: str, cluster: Cluster, environments: dict[str, Environment]
) -> None:
    accept(cluster, list(environments[name].definitions.values()))


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("mysql.status.endpoint.address", "mysql.status.endpoint.adress", "adress"),
        ("${schema.spec.multiAZ}", "${schema.spec.version}", "multiAZ"),
    ],
)
def test_kro_refuses_what_the_derived_kind_does_not_have(
    right: str, wrong: str, says: str, cluster: Cluster, walkthrough_environment: Environment
) -> None:
    accept(cluster, list(walkthrough_environment.definitions.values()))
    text = yaml.safe_dump(walkthrough_environment.definitions["Database"], width=10_000)
    assert right in text
    broken = yaml.safe_load(text.replace(right, wrong))
    broken["metadata"]["name"] = "broken"
    broken["spec"]["schema"]["kind"] = "Broken"
    assert says in refusal(cluster, broken)
    cluster.delete(broken)
