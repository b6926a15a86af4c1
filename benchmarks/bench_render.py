"""`kfaws render` against the same builds one after another, and a second run after a change.

The walkthrough's environment. Needs upstream (KFAWS_MIRROR, or a host that answers), which is read before
anything is measured.
"""

from __future__ import annotations

import os
import shutil
from functools import partial
from pathlib import Path

from benchmarks.measure import ANSWERS, Verdicts, alternate, environment, program, seconds, workplace
from kfaws.generator.kustomization import kustomization_file
from kfaws.generator.programs import kubectl
from kfaws.generator.progress import silent
from kfaws.generator.render import render
from kfaws.generator.repository import Repository
from kfaws.generator.staging import Stage
from kfaws.generator.upstream.local_git import contents_of, serve
from kfaws.generator.upstream.mirror import configured_mirror
from kfaws.generator.upstream.nested import Complete
from kfaws.generator.upstream.resolver import Upstream

FIRST_TARGET, SECOND_TARGET = 0.6, 0.1
ROUNDS = 3
CHANGES = {
    "a claim": "claims/database.yaml",
    "an overlay": "kubeflow/pipelines/kustomization.yaml",
}


class Subject:
    """One generated environment, and the ways to build it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "environment"
        self.cache = folder / "cache" / "kubeflow-aws-gitops"
        self.env = environment(folder)
        os.environ["XDG_CACHE_HOME"] = self.env["XDG_CACHE_HOME"]
        seconds([program("kfaws"), "new", self.folder, "--answers", ANSWERS], self.env)
        rendered = render(self.folder, silent())
        self.built = [
            Path(item.application.source["path"])
            for item in rendered.applications
            if not item.not_rendered and kustomization_file(self.folder / item.application.source["path"])
        ]

    def render(self) -> float:
        """As a person runs it, with what earlier runs have left."""
        return seconds([program("kfaws"), "render", self.folder], self.env)

    def render_first(self) -> float:
        """With nothing rendered before."""
        shutil.rmtree(self.cache / "rendered", ignore_errors=True)
        return self.render()

    def one_after_another(self, root: Path, env: dict[str, str]) -> float:
        """Plain kustomize on every overlay."""
        return sum(seconds([kubectl().path, "kustomize", root / path], env) for path in self.built)

    def stage(self, folder: Path) -> Path:
        """A copy in which every upstream ref is a local path."""
        stage = Stage(folder, Repository(self.folder), Complete(Upstream(print)))
        for path in self.built:
            stage.folder(path)
        return stage.root

    def change(self, file: str) -> float:
        """The next run after one more line in a file."""
        with (self.folder / file).open("a") as text:
            text.write("# changed\n")
        return self.render()


def main() -> None:
    """First runs, then second runs."""
    verdicts = Verdicts()
    with workplace() as folder:
        subject = Subject(folder)
        subject.render_first()
        staged = subject.stage(folder / "staged")
        mirror = configured_mirror()
        git = {
            **subject.env,
            **(serve(contents_of(mirror, Upstream(print)), folder / "git") if mirror else {}),
        }
        first, local, plain = alternate(
            ROUNDS,
            subject.render_first,
            lambda: subject.one_after_another(staged, subject.env),
            lambda: subject.one_after_another(subject.folder, git),
        )
        builds = f"{len(subject.built)} kustomize builds"
        verdicts.ratio(f"render: first run / {builds} with git", first, plain, FIRST_TARGET)
        print(f"render: first run / the same without git, of local paths: {first / local:.2f}", flush=True)
        for what, file in CHANGES.items():
            [second] = alternate(ROUNDS, partial(subject.change, file))
            verdicts.ratio(f"render: after a line in {what} / first run", second, first, SECOND_TARGET)
    verdicts.exit()


if __name__ == "__main__":
    main()
