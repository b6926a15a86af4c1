"""`python -m tests.mutants.delivery [NAME...]`: does `pytest features/delivery` see what a break would do?

Each break is put into an environment of its own, whose features then run on a platform of its own, until the
first scenario fails: that must be the one that stands for the broken promise, in its own step, with words
that name the cause. It takes minutes a break, and is no part of `make test`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutants.mutant import Mutant, late

PROJECT = Path(__file__).parents[2]
ANSWERS = PROJECT / "examples" / "walkthrough" / "answers.yml"


SCENARIO = "Everything becomes healthy, and nothing before its time"
"""The one that stands for all promises that are broken here."""
BREAKS = (
    late("wave-order", "claims", 12, "", r"claims \(wave 12\) is .*claims\.kubeflow-aws\.dev"),
    Mutant(
        "health-check",
        "bootstrap/argocd/settings/resource-customizations.yaml",
        "argoproj.io/Application:",
        "example.com/Application:",
        "",
        r"\w+ \(wave \d+\) began at .*, before \w+",
    ),
    Mutant(
        "definition-expression",
        "platform/definitions/domain-certificate.yaml",
        "domainValidations[0].resourceRecord.name",
        "domainValidation[0].resourceRecord.name",
        "",
        r"ResourceGraphDefinition domain-?certificate.*domainValidation",
    ),
    Mutant(
        "project",
        "bootstrap/root/projects/platform.yaml",
        '    - {group: "", kind: Namespace}\n',
        "",
        "",
        r"namespaces \(wave 0\) .*Namespace.*not permitted in project platform",
    ),
    Mutant(
        "trust",
        "platform/roles/ack-rds.yaml",
        '"aws:RequestTag/kubernetes-service-account": "ack-rds-controller"',
        '"aws:RequestTag/kubernetes-service-account": "ack-rds"',
        "",
        r"DB\w+ [\w-]+: .*(AssumeRole|AccessDenied|assume)",
    ),
)


def main() -> None:
    """Try those that are named, or all; exits with 1 when one was not caught."""
    names = sys.argv[1:] or [one.name for one in BREAKS]
    unknown = set(names) - {one.name for one in BREAKS}
    if unknown:
        sys.exit(f"no break {', '.join(unknown)}: choose of {', '.join(one.name for one in BREAKS)}")
    missed = [one.name for one in BREAKS if one.name in names and not caught(one)]
    sys.exit(f"not caught: {', '.join(missed)}" if missed else 0)


def caught(one: Mutant) -> bool:
    """Whether the features see it; prints what they said."""
    with TemporaryDirectory(prefix="kfaws-mutant-") as folder:
        environment = Path(folder) / "kube-eks-cluster"
        kfaws = Path(sys.executable).parent / "kfaws"
        subprocess.run([kfaws, "new", environment, "--answers", ANSWERS], check=True, capture_output=True)
        one.apply(environment)
        files = [f"features/delivery/{name}.feature" for name in ("healthy", "identity", "outputs")]
        command = [sys.executable, "-m", "pytest", *files, "-x", "-p", "no:xdist"]
        done = subprocess.run(
            [*command, "--environment", environment], cwd=PROJECT, capture_output=True, text=True, check=False
        )
    said = re.search(one.says, done.stdout)
    failed = f"steps of {SCENARIO}" in done.stdout
    print(f"{one.name}: {'caught: ' + said[0][:300] if said and failed else 'NOT caught'}", flush=True)
    if not (said and failed):
        print("\n".join(done.stdout.splitlines()[-60:]), flush=True)
    return bool(said and failed)


if __name__ == "__main__":
    main()
