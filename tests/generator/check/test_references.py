"""References that dangle, and what controllers make."""

from __future__ import annotations

import pytest

from tests.generator.check.environments import Environment

NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: kubeflow}\n---\n"

POD = """
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  serviceAccountName: a
  containers:
    - name: a
      image: example.com/a:1
      env:
        - name: HOST
          valueFrom: {configMapKeyRef: {name: database, key: host}}
        - name: MAYBE
          valueFrom: {secretKeyRef: {name: nothing, key: x, optional: true}}
      envFrom:
        - secretRef: {name: credentials}
  volumes:
    - name: data
      persistentVolumeClaim: {claimName: data}
    - name: certificate
      secret: {secretName: certificate, items: [{key: tls.crt, path: a}]}
---
"""

WRITTEN = """
apiVersion: external-secrets.io/v1alpha1
kind: PushSecret
metadata: {name: p}
spec:
  secretStoreRefs: [{kind: ClusterSecretStore, name: store}]
  selector: {secret: {name: source}}
  template: {data: {username: a, password: b}}
  data: [{match: {remoteRef: {remoteKey: a}}}]
---
apiVersion: v1
kind: Secret
metadata: {name: source}
---
"""

OTHERS = (
    WRITTEN
    + """
apiVersion: v1
kind: ServiceAccount
metadata: {name: a}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: database}
data: {host: a}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {storageClassName: efs}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: efs}
provisioner: efs.csi.aws.com
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: credentials}
spec:
  secretStoreRef: {name: store, kind: ClusterSecretStore}
  data: [{secretKey: username, remoteRef: {key: a, property: username}}]
---
apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: {name: store}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: a}
spec: {secretName: certificate, issuerRef: {name: issuer}}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: issuer}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{port: 80, name: http}]}
---
"""
)


def everything(environment: Environment, old: str = "", new: str = "", more: str = "") -> Environment:
    text = NAMESPACE + POD + OTHERS
    assert old in text
    return environment.application("a", (text.replace(old, new) if old else text) + more)


def test_what_is_all_there_has_no_finding(environment: Environment) -> None:
    assert everything(environment).texts("reference/") == []


@pytest.mark.parametrize(
    ("old", "new", "rule", "text"),
    [
        ("serviceAccountName: a", "serviceAccountName: b", "missing-object", "ServiceAccount/kubeflow/b"),
        (
            "metadata: {name: database}",
            "metadata: {name: databse}",
            "missing-object",
            "did you mean databse?",
        ),
        (
            "data: {host: a}",
            "data: {hots: a}",
            "missing-key",
            "reads key host of ConfigMap/kubeflow/database",
        ),
        ("claimName: data", "claimName: date", "missing-object", "volume data"),
        ("storageClassName: efs", "storageClassName: fsx", "missing-object", "StorageClass/fsx"),
        ("metadata: {name: credentials}", "metadata: {name: other}", "missing-object", "envFrom"),
        ("remoteKey: a", "remoteKey: b", "unknown-remote-secret", "reads secret a, which nothing writes"),
        ("property: username", "property: user", "missing-property", "a, which has password, username"),
        ("key: tls.crt", "key: tls.pem", "missing-key", "reads key tls.pem"),
        ("name: store, kind", "name: shop, kind", "missing-object", "ClusterSecretStore"),
        (
            "issuerRef: {name: issuer}",
            "issuerRef: {name: nobody}",
            "missing-object",
            "Issuer/kubeflow/nobody",
        ),
        (
            "kind: Namespace\nmetadata: {name: kubeflow}",
            "kind: Namespace\nmetadata: {name: x}",
            "missing-namespace",
            "kubeflow",
        ),
    ],
)
def test_what_dangles(environment: Environment, old: str, new: str, rule: str, text: str) -> None:
    assert any(text in what for what in everything(environment, old, new).texts(f"reference/{rule}"))


@pytest.mark.parametrize(
    ("manifest", "rule", "text"),
    [
        (
            "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\n"
            "metadata: {name: w}\n"
            "webhooks: [{name: w.x, clientConfig: {service: {name: hook, namespace: kubeflow}}}]",
            "missing-object",
            "webhook w.x names Service/kubeflow/hook",
        ),
        (
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i}\n"
            "spec: {defaultBackend: {service: {name: web, port: {number: 81}}}}",
            "missing-port",
            "port 81 of Service/kubeflow/web",
        ),
        (
            "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v}\n"
            "spec: {gateways: [gate], http: [{route: [{destination: {host: web.kubeflow.svc}}]}]}",
            "missing-object",
            "gateways names Gateway/kubeflow/gate",
        ),
        (
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b}\n"
            "roleRef: {kind: ClusterRole, name: edit}\nsubjects: [{kind: ServiceAccount, name: nobody}]",
            "missing-object",
            "subjects names ServiceAccount/kubeflow/nobody",
        ),
        (
            "apiVersion: rds.services.k8s.aws/v1alpha1\nkind: DBInstance\nmetadata: {name: d}\n"
            "spec: {masterUserPassword: {namespace: kubeflow, name: credentials, key: password}}",
            "missing-key",
            "reads key password of Secret/kubeflow/credentials, which has username",
        ),
        (
            "apiVersion: fsx.aws.m.upbound.io/v1beta1\nkind: LustreFileSystem\nmetadata: {name: f}\n"
            "spec: {providerConfigRef: {kind: ClusterProviderConfig, name: default}}",
            "missing-object",
            "ClusterProviderConfig/default",
        ),
    ],
)
def test_references_of_other_kinds(environment: Environment, manifest: str, rule: str, text: str) -> None:
    found = everything(environment, more=manifest).texts(f"reference/{rule}")
    assert any(text in what for what in found), found


def test_what_a_script_of_the_bootstrap_applies_is_there(environment: Environment) -> None:
    environment.write(
        "bootstrap/network.sh",
        "#!/bin/sh\nkubectl apply --filename - <<END\napiVersion: v1\nkind: ConfigMap\n"
        "metadata: {name: database, namespace: kubeflow}\ndata: {host: $(hostname)}\nEND\n",
    )
    text = (NAMESPACE + POD + OTHERS).replace("metadata: {name: database}", "metadata: {name: other}")
    environment.application("a", text)
    assert environment.texts("reference/") == []


def test_what_every_cluster_has_is_there(environment: Environment) -> None:
    pod = POD.replace(
        "serviceAccountName: a", "serviceAccountName: default\n  priorityClassName: system-node-critical"
    )
    environment.application("a", NAMESPACE + pod + OTHERS)
    assert environment.texts("reference/") == []


def test_a_profile_makes_its_namespace_and_accounts(environment: Environment) -> None:
    environment.application(
        "a",
        NAMESPACE + "apiVersion: kubeflow.org/v1\nkind: Profile\nmetadata: {name: team}\n---\n"
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: team}\n"
        "spec: {serviceAccountName: default-editor, containers: [{name: a, image: x}]}",
    )
    assert environment.texts("reference/") == []


@pytest.mark.parametrize("answers", [{"istio_source": "external"}, {}])
def test_namespaces_of_what_the_cluster_has_already(
    environment: Environment, answers: dict[str, str]
) -> None:
    environment.answers |= answers
    environment.application(
        "a", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: istio-system}\ndata: {a: b}"
    )
    assert len(environment.texts("reference/missing-namespace")) == (0 if answers else 1)


@pytest.mark.parametrize(("merge", "missing"), [("Merge", []), ("Replace", ["username"])])
def test_keys_of_an_external_secret_are_those_of_the_secret_that_it_reads(
    environment: Environment, merge: str, missing: list[str]
) -> None:
    environment.application(
        "a",
        NAMESPACE
        + WRITTEN
        + "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: s}\n"
        "spec:\n  dataFrom: [{extract: {key: a}}]\n"
        f"  target: {{template: {{mergePolicy: {merge}, data: {{schema: x}}}}}}\n---\n"
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
        "spec:\n  containers:\n    - name: a\n      image: a:1\n"
        "      env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: username}}}]\n",
    )
    found = environment.texts("reference/missing-key")
    assert [name in text for text, name in zip(found, missing, strict=True)] == [True] * len(missing)


def test_a_secret_of_a_kind_without_a_crd_is_beside_the_claim_that_it_is_made_for(
    environment: Environment,
) -> None:
    environment.application(
        "a",
        NAMESPACE
        + """
apiVersion: kro.run/v1alpha1
kind: ResourceGraphDefinition
metadata: {name: client}
spec:
  schema: {apiVersion: v1, group: claims.example.com, kind: Client, spec: {name: string}}
  resources:
    - id: client
      template:
        apiVersion: cognitoidp.aws.m.upbound.io/v1beta1
        kind: UserPoolClient
        metadata: {name: client}
        spec: {writeConnectionSecretToRef: {name: client}, forProvider: {region: us-west-2}}
---
apiVersion: claims.example.com/v1
kind: Client
metadata: {name: client}
spec: {name: client}
---
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {containers: [{name: a, image: "a:1", envFrom: [{secretRef: {name: client}}]}]}
""",
    )
    assert environment.texts("reference/missing-object") == []
