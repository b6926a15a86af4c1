"""A small upstream and a small environment on top of it, in the shapes that the real ones have."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import yaml

HOST = "https://git.example.test"
WIDGETS = "acme/widgets"
GADGETS = "acme/gadgets"
REF = "v1.2.3"
OWN = f"{HOST}/me/environment.git"

UPSTREAM = {
    WIDGETS: {
        "base/kustomization.yaml": "resources:\n"
        f"  - deployment.yaml\n  - {HOST}/{GADGETS}//config?ref={REF}\n",
        "base/deployment.yaml": """
apiVersion: apps/v1
kind: Deployment
metadata: {name: widget}
spec: {replicas: 1}
""",
        "alone/kustomization.yaml": "resources:\n  - ../base/deployment.yaml\n",
        "plain/kustomization.yaml": "resources:\n  - service.yaml\n",
        "plain/service.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: widget}\n",
        "README.md": "not a manifest\n",
    },
    GADGETS: {
        "config/kustomization.yaml": "resources:\n  - crd.yaml\n  - cluster-gadget.yaml\n",
        "config/crd.yaml": """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.acme.test}
spec:
  group: acme.test
  scope: Cluster
  names: {kind: Gadget, plural: gadgets}
""",
        "config/cluster-gadget.yaml": "apiVersion: acme.test/v1\nkind: Gadget\nmetadata: {name: one}\n",
    },
}
CHART = {
    "chart/Chart.yaml": """
apiVersion: v2
name: thing
version: 0.1.0
dependencies:
  - {name: extra, version: 1.0.0, repository: "https://charts.example.test", condition: extra.enabled}
""",
    "chart/values.yaml": "extra: {enabled: false}\nreplicas: 1\n",
    "chart/crds/things.yaml": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
    "metadata: {name: things.acme.test}\nspec: {group: acme.test, scope: Namespaced, names: {kind: Thing}}\n",
    "chart/templates/all.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n"
    "  namespace: {{ .Release.Namespace }}\n"
    'data:\n  replicas: "{{ .Values.replicas }}"\n  kubernetes: {{ .Capabilities.KubeVersion.Version }}\n',
}


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def write_environment(folder: Path, applications: dict[str, dict[str, Any]], files: dict[str, str]) -> Path:
    """Write a repository with these Applications (what they add to `spec.source`) and files."""
    write(folder, {".copier-answers.yml": f"gitops_repository: {OWN}\nkubernetes_version: '1.35'\n", **files})
    for wave, (name, source) in enumerate(applications.items()):
        manifest = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": name, "annotations": {"argocd.argoproj.io/sync-wave": str(wave)}},
            "spec": {
                "project": "default",
                "source": {"repoURL": OWN, "targetRevision": "main", **source},
                "destination": {"namespace": f"{name}-system"},
            },
        }
        write(folder, {f"apps/{name}.yaml": yaml.safe_dump(manifest)})
    listed = "".join(f"  - {name}.yaml\n" for name in applications)
    write(folder, {"apps/kustomization.yaml": f"resources:\n{listed}"})
    return folder


def write_mirror(folder: Path, commits: dict[str, str], repositories: dict[str, dict[str, str]]) -> Path:
    """Write a mirror with an index."""
    for repository, files in repositories.items():
        write(folder / "git.example.test" / repository / REF, files)
    entries = [{"repository": f"{HOST}/{name}", "ref": REF, "commit": commits[name]} for name in repositories]
    (folder / "MIRROR.yaml").write_text(yaml.safe_dump({"repositories": entries}))
    return folder


def git(*arguments: str | Path, cwd: Path | None = None) -> str:
    """Run git as somebody."""
    author = ["-c", "user.name=Test", "-c", "user.email=test@localhost"]
    done = subprocess.run(["git", *author, *arguments], cwd=cwd, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def make_git(folder: Path, repository: str, files: dict[str, str]) -> str:
    """Make a bare repository with one tagged commit; return the commit."""
    work = write(folder / "work" / repository, files)
    git("init", "--quiet", cwd=work)
    git("add", "--all", cwd=work)
    git("commit", "--quiet", "--message", "all", cwd=work)
    git("tag", REF, cwd=work)
    bare = folder / f"{repository}.git"
    git("clone", "--quiet", "--bare", work, bare)
    return git("rev-parse", "HEAD", cwd=work)


def make_module(folder: Path, path: str, version: str, files: dict[str, str]) -> str:
    """Put a module's zip where a `file://` module proxy has it; return its go.sum hash."""
    escaped = re.sub("[A-Z]", lambda letter: "!" + letter[0].lower(), path)
    target = folder / escaped / "@v" / f"{version}.zip"
    target.parent.mkdir(parents=True)
    names = {f"{path}@{version}/{name}": text for name, text in files.items()}
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in names.items():
            archive.writestr(name, text)
    lines = "".join(f"{hashlib.sha256(names[n].encode()).hexdigest()}  {n}\n" for n in sorted(names))
    return "h1:" + base64.b64encode(hashlib.sha256(lines.encode()).digest()).decode()
