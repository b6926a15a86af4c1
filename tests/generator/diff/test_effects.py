"""What a change of git does to AWS, and what holds a deletion back."""

from __future__ import annotations

from pathlib import Path

import pytest

from kfaws.generator.diff.effects import AwsChange, Effect, aws_changes
from kfaws.generator.diff.objects import differences
from tests.generator.check.environments import Environment

BUCKET = """
apiVersion: s3.services.k8s.aws/v1alpha1
kind: Bucket
metadata: {{name: artifacts, namespace: kubeflow-claims, annotations: {{{annotations}}}}}
spec: {{name: {name}, versioning: {{status: {status}}}}}
"""
RETAIN = "services.k8s.aws/deletion-policy: retain"
NO_PRUNE = "argocd.argoproj.io/sync-options: 'Prune=false'"
NO_DELETE = "argocd.argoproj.io/sync-options: 'Delete=false'"

LUSTRE = """
apiVersion: fsx.aws.m.upbound.io/v1beta1
kind: LustreFileSystem
metadata: {{name: lustre, namespace: kubeflow-claims}}
spec:
  managementPolicies: {policies}
  forProvider: {{storageCapacity: {capacity}, deploymentType: PERSISTENT_2, region: us-west-2}}
"""
DATABASE = """
apiVersion: rds.services.k8s.aws/v1alpha1
kind: DBInstance
metadata: {{name: database, namespace: kubeflow-claims}}
spec: {{dbInstanceIdentifier: kubeflow, dbInstanceClass: {size}, engine: mysql, allocatedStorage: {storage}}}
"""
DEFINITION = """
apiVersion: kro.run/v1alpha1
kind: ResourceGraphDefinition
metadata: {name: store}
spec:
  schema:
    apiVersion: v1alpha1
    group: claims.kubeflow-aws.dev
    kind: Store
    spec:
      bucket: string | required=true
      logs: boolean | default=false
  resources:
    - id: bucket
      template:
        apiVersion: s3.services.k8s.aws/v1alpha1
        kind: Bucket
        metadata:
          name: ${schema.metadata.name}
          annotations: {services.k8s.aws/deletion-policy: retain}
        spec: {name: "${schema.spec.bucket}"}
    - id: logs
      includeWhen: ["${schema.spec.logs}"]
      template:
        apiVersion: s3.services.k8s.aws/v1alpha1
        kind: Bucket
        metadata: {name: "${schema.metadata.name}-logs"}
        spec: {name: "${schema.spec.bucket}-logs"}
"""
STORE = """
apiVersion: claims.kubeflow-aws.dev/v1alpha1
kind: Store
metadata: {{name: store, namespace: kubeflow-claims, annotations: {{{annotations}}}}}
spec: {{bucket: artifacts, logs: {logs}}}
"""


def environment(folder: Path, text: str, *, finalizer: bool = True, definition: bool = False) -> Environment:
    made = Environment(folder)
    if definition:
        made.application("definitions", DEFINITION, namespace="kro-system")
    made.application("claims", text, namespace="kubeflow-claims")
    if finalizer:
        metadata = made.applications[-1].application.manifest["metadata"]
        metadata["finalizers"] = ["resources-finalizer.argocd.argoproj.io"]
    return made


def effects(old: Environment, new: Environment) -> list[AwsChange]:
    was, now = old.world(), new.world()
    return aws_changes(differences(was, now), now)


def bucket(annotations: str = "", name: str = "artifacts", status: str = "Enabled") -> str:
    return BUCKET.format(annotations=annotations, name=name, status=status)


@pytest.mark.parametrize(
    ("old", "new", "effect", "why"),
    [
        ("", bucket(), Effect.CREATE, "new in git"),
        (bucket(), bucket(status="Suspended"), Effect.CHANGE, "in place"),
        (bucket(), bucket(name="other"), Effect.REPLACE, "name"),
        (bucket(), "", Effect.DELETE, "deletes what it made"),
        (bucket(RETAIN), "", Effect.KEEP, "deletion-policy"),
        (bucket(NO_PRUNE), "", Effect.KEEP, "Prune=false"),
        (
            LUSTRE.format(policies="[Observe, Create, Update]", capacity=1200),
            "",
            Effect.KEEP,
            "managementPolicies",
        ),
        (LUSTRE.format(policies="['*']", capacity=1200), "", Effect.DELETE, "deletes"),
        (
            LUSTRE.format(policies="['*']", capacity=2400),
            LUSTRE.format(policies="['*']", capacity=1200),
            Effect.REPLACE,
            "storageCapacity can only grow",
        ),
        (
            DATABASE.format(size="db.t4g.medium", storage=50),
            DATABASE.format(size="db.m7g.large", storage=50),
            Effect.INTERRUPT,
            "fails over",
        ),
        (
            DATABASE.format(size="db.t4g.medium", storage=50),
            DATABASE.format(size="db.t4g.medium", storage=20),
            Effect.REPLACE,
            "allocatedStorage can only grow",
        ),
    ],
)
def test_one_resource(tmp_path: Path, old: str, new: str, effect: Effect, why: str) -> None:
    (change,) = effects(environment(tmp_path / "old", old), environment(tmp_path / "new", new))

    assert change.effect is effect
    assert why in change.why


@pytest.mark.parametrize(
    ("annotations", "finalizer", "effect"),
    [
        ("", True, Effect.DELETE),
        ("", False, Effect.KEEP),
        (NO_DELETE, True, Effect.KEEP),
        (NO_PRUNE, True, Effect.DELETE),
    ],
)
def test_an_application_that_goes(tmp_path: Path, annotations: str, finalizer: bool, effect: Effect) -> None:
    """`Prune=false` holds while the Application is there; its end is another matter."""
    old = environment(tmp_path / "old", bucket(annotations), finalizer=finalizer)

    (change,) = effects(old, Environment(tmp_path / "new"))

    assert change.effect is effect


def test_a_claim_that_no_longer_asks_for_a_resource(tmp_path: Path) -> None:
    """Even when the claim itself is never pruned, kro deletes what the claim no longer has."""
    old, new = (
        environment(tmp_path / name, STORE.format(annotations=NO_PRUNE, logs=logs), definition=True)
        for name, logs in (("old", "true"), ("new", "false"))
    )

    (change,) = effects(old, new)

    assert (change.key.name, change.effect) == ("store-logs", Effect.DELETE)


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        (NO_PRUNE, {"store": Effect.KEEP, "store-logs": Effect.KEEP}),
        ("", {"store": Effect.KEEP, "store-logs": Effect.DELETE}),
    ],
)
def test_a_claim_that_goes(tmp_path: Path, annotations: str, expected: dict[str, Effect]) -> None:
    """Pruned, it takes along what ACK does not retain."""
    claim = STORE.format(annotations=annotations, logs="true")
    old = environment(tmp_path / "old", claim, definition=True)
    new = environment(tmp_path / "new", "", definition=True)

    assert {change.key.name: change.effect for change in effects(old, new)} == expected


def test_the_gravest_comes_first(tmp_path: Path) -> None:
    old = environment(tmp_path / "old", bucket() + "---" + DATABASE.format(size="a", storage=50))
    new = environment(tmp_path / "new", LUSTRE.format(policies="['*']", capacity=1200))

    assert [change.effect for change in effects(old, new)] == [Effect.DELETE, Effect.DELETE, Effect.CREATE]


def test_labels_alone_do_not_touch_aws(tmp_path: Path) -> None:
    old = environment(tmp_path / "old", bucket())
    new = environment(tmp_path / "new", bucket(RETAIN))

    assert effects(old, new) == []


def test_an_application_that_cannot_be_rendered_is_left_out(tmp_path: Path) -> None:
    old = environment(tmp_path / "old", bucket())
    new = Environment(tmp_path / "new").application("claims", "", not_rendered="no network")

    changed = differences(old.world(), new.world())

    assert all(difference.key.kind == "Application" for difference in changed)
