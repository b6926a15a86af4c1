"""`copier update` across a change of the template: the user's part stays, the template's moves on."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.template.gitrepo import commit, commit_all, git
from tests.template.test_copy import contents, plain_copy

MARKERS = ("<<<<<<<", "=======", ">>>>>>>")
MINE = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: mine
  namespace: kubeflow
data: {note: "the user's own"}
"""


@dataclass(frozen=True)
class Updated:
    """An environment after an update, and one made anew from the same template and answers."""

    folder: Path
    anew: Path

    def text(self, file: str) -> str:
        return (self.folder / file).read_text()

    @property
    def answers(self) -> dict[str, object]:
        loaded = yaml.safe_load(self.text(".copier-answers.yml"))
        assert isinstance(loaded, dict)
        return loaded


def change(file: Path, old: str, new: str) -> None:
    """Replace a text that is there."""
    text = file.read_text()
    assert old in text, f"{file} has no {old!r}"
    file.write_text(text.replace(old, new))


def release_next(origin: Path) -> None:
    """Version 2: a line more, a file more, a file less, another default in a claim."""
    template = origin / "template"
    readme = template / "README.md.jinja"
    title, _, rest = readme.read_text().partition("\n")
    readme.write_text(f"{title}\n\nVersion 2 says more.\n{rest}")
    (template / "platform" / "namespaces" / "version-2.md").write_text("# New in version 2\n")
    (template / ".yamllint.yaml").unlink()
    claim = template / "claims" / "database.yaml.jinja"
    claim.write_text(claim.read_text() + "# New in version 2.\n")
    commit_all(origin, origin, "v2.0.0")


def edit(environment: Path) -> None:
    """What a user does to an environment between two versions."""
    (environment / "local" / "mine.yaml").write_text(MINE)
    change(environment / "claims" / "database.yaml", "storageGB: 50", "storageGB: 80")
    (environment / "profiles" / "research.yaml").write_text(
        (environment / "profiles" / "data-science.yaml").read_text().replace("data-science", "research")
    )
    readme = environment / "README.md"
    readme.write_text(readme.read_text() + "\nOur team keeps the keys.\n")
    commit(environment, "Ours")


def update(environment: Path, *options: str) -> None:
    """Run `copier update` as a user does."""
    command = [sys.executable, "-m", "copier", "update", "--defaults", "--quiet", *options, str(environment)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def updated(template: Path, walkthrough: Path, tmp_path_factory: pytest.TempPathFactory) -> Updated:
    folder = tmp_path_factory.mktemp("update")
    origin, environment = folder / "origin", folder / "environment"
    commit_all(template, origin, "v1.0.0")
    url = f"git+{origin.as_uri()}"
    plain_copy(url, environment, walkthrough)
    git(environment, "init", "--quiet", "--initial-branch", "main")
    commit(environment, "Generated")
    edit(environment)
    release_next(origin)
    update(environment, "--data", "notebook_idle_minutes=60")
    answers = folder / "answers.yml"
    answers.write_text((environment / ".copier-answers.yml").read_text())
    plain_copy(url, folder / "anew", answers)
    return Updated(environment, folder / "anew")


def test_the_users_own_files_stay(updated: Updated) -> None:
    assert updated.text("local/mine.yaml") == MINE
    assert "research" in updated.text("profiles/research.yaml")


def test_a_claim_stays_as_the_user_wrote_it(updated: Updated) -> None:
    assert "storageGB: 80" in updated.text("claims/database.yaml")
    assert "version 2" not in updated.text("claims/database.yaml")


def test_a_file_that_both_changed_is_merged(updated: Updated) -> None:
    assert "Version 2 says more." in updated.text("README.md")
    assert "Our team keeps the keys." in updated.text("README.md")


def test_the_answers_move_on(updated: Updated) -> None:
    assert updated.answers["_commit"] == "v2.0.0"
    assert updated.answers["notebook_idle_minutes"] == 60
    assert updated.answers["cluster_name"] == "kube-eks-cluster"


def test_no_conflict_is_left(updated: Updated) -> None:
    changed = git(updated.folder, "status", "--porcelain").splitlines()
    assert changed
    assert not [line for line in changed if line[:2] in {"UU", "AA", "DU", "UD"}]
    assert not list(updated.folder.rglob("*.rej"))
    for path in updated.folder.rglob("*"):
        if path.is_file() and ".git" not in path.parts:
            assert not any(line.startswith(MARKERS) for line in path.read_text().splitlines()), path


def test_all_else_is_as_if_made_anew(updated: Updated) -> None:
    theirs = {"local/mine.yaml", "profiles/research.yaml", "claims/database.yaml", "README.md"}
    made = {name: entry for name, entry in contents(updated.folder).items() if not name.startswith(".git/")}
    anew = contents(updated.anew)
    assert {name: entry for name, entry in made.items() if name not in theirs} == {
        name: entry for name, entry in anew.items() if name not in theirs
    }
