"""The workflows: pinned, without rights that they do not need, and scripts that do what they say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.commands import faults
from tests.conftest import PROJECT
from tests.generator.samples import git, write_environment
from tests.template.generated import WALKTHROUGH, generate

PINNED = re.compile(r"^[\w.-]+/[\w./-]+@[0-9a-f]{40}$")
YQ = """#!{python}
import sys, yaml
print(yaml.safe_load(open(sys.argv[2]))[sys.argv[1][1:]])
"""
GH = """#!/bin/sh
printf '%s\\n' "$@" >> "$CALLS"
test "$2" != create
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("workflows"), (".github",), WALKTHROUGH)


@pytest.fixture(scope="module")
def workflows(repository: Path) -> dict[str, dict[Any, Any]]:
    """Workflows by name, the project's own included."""
    files = [
        *(repository / ".github" / "workflows").glob("*.yml"),
        *(PROJECT / ".github" / "workflows").glob("*.yml"),
    ]
    return {file.stem: yaml.safe_load(file.read_text()) for file in files}


def scripts(workflows: dict[str, dict[Any, Any]]) -> Iterator[tuple[str, str]]:
    for name, workflow in workflows.items():
        for job in workflow["jobs"].values():
            for step in job["steps"]:
                if "run" in step:
                    yield name, step["run"]


def script(workflow: dict[Any, Any], step: str) -> str:
    steps = [entry for job in workflow["jobs"].values() for entry in job["steps"]]
    return str(next(entry["run"] for entry in steps if entry.get("name") == step))


def test_there_are_the_workflows_that_the_readme_names(workflows: dict[str, dict[Any, Any]]) -> None:
    assert set(workflows) == {"check", "ci", "template-update", "verify"}


def test_nothing_has_rights_or_time_that_it_was_not_given(workflows: dict[str, dict[Any, Any]]) -> None:
    for name, workflow in workflows.items():
        assert workflow["permissions"] == {}, name
        assert workflow["defaults"]["run"]["shell"] == "bash", f"{name}: without it there is no pipefail"
        for job in workflow["jobs"].values():
            assert job["permissions"], name
            assert job["timeout-minutes"], name


def test_only_the_jobs_that_write_may(workflows: dict[str, dict[Any, Any]]) -> None:
    writers = {
        (name, scope)
        for name, workflow in workflows.items()
        for job in workflow["jobs"].values()
        for scope, right in job["permissions"].items()
        if right == "write"
    }
    assert writers == {
        ("check", "pull-requests"),
        ("template-update", "contents"),
        ("template-update", "pull-requests"),
        ("verify", "id-token"),
    }


def test_actions_are_pinned_by_commit_with_their_version(repository: Path) -> None:
    files = [*(repository / ".github").rglob("*.yml"), *(PROJECT / ".github").rglob("*.yml")]
    used = {
        line.split("uses: ")[1]
        for file in files
        for line in file.read_text().splitlines()
        if "uses: " in line
    }
    assert used
    for line in used:
        action, _, version = line.partition("  # ")
        if action.startswith("./"):
            assert (repository / action / "action.yml").is_file()
        else:
            assert PINNED.match(action), line
            assert re.fullmatch(r"v\d+\.\d+\.\d+", version), line
    versions = {line.split("@")[0]: line for line in used}
    assert len(versions) == len(used), "one version of an action everywhere"


def test_scripts_are_bash_and_take_nothing_from_an_event_but_by_variable(
    workflows: dict[str, dict[Any, Any]],
) -> None:
    for name, text in scripts(workflows):
        subprocess.run(["bash", "-n"], input=text, text=True, check=True)
        assert "${{" not in text, f"{name}: what a pull request says would become part of the script"


def test_commands_of_kfaws_exist(workflows: dict[str, dict[Any, Any]]) -> None:
    shown = [text for _, text in scripts(workflows) if re.search(r"\bkfaws [a-z]", text)]
    assert len(shown) == 5
    assert [fault for text in shown for fault in faults(text)] == []


def run(text: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a step as the runner does, with kfaws and stand-ins for the runner's own programs on the path."""
    tools = folder.parent / "tools"
    tools.mkdir(exist_ok=True)
    for name, content in (("yq", YQ.format(python=sys.executable)), ("gh", GH)):
        (tools / name).write_text(content)
        (tools / name).chmod(0o755)
    path = os.pathsep.join([str(tools), str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text],
        cwd=folder,
        env={**os.environ, "PATH": path, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def environment(tmp_path: Path, cache: Path) -> Path:
    """A small environment under git, with a second commit that adds an object."""
    folder = tmp_path / "environment"
    source = {"path": "claims", "directory": {"recurse": True}}
    write_environment(folder, {"claims": source}, {"claims/one.yaml": config_map("one")})
    answers = folder / ".copier-answers.yml"
    answers.write_text(f"{answers.read_text()}_commit: v1.2.3\n_src_path: gh:acme/template\n")
    git("init", "--quiet", "--initial-branch", "main", cwd=folder)
    git("add", "--all", cwd=folder)
    git("commit", "--quiet", "--message", "first", cwd=folder)
    (folder / "claims" / "two.yaml").write_text(config_map("two"))
    git("add", "--all", cwd=folder)
    git("commit", "--quiet", "--message", "second", cwd=folder)
    return folder


def config_map(name: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n"


def test_check_says_what_would_change(environment: Path, workflows: dict[str, dict[Any, Any]]) -> None:
    output, summary = environment.parent / "output", environment.parent / "summary"
    done = run(
        script(workflows["check"], "What would change"),
        environment,
        BASE=git("rev-parse", "main~1", cwd=environment),
        GITHUB_OUTPUT=str(output),
        GITHUB_STEP_SUMMARY=str(summary),
    )

    assert done.returncode == 0, done.stderr
    assert "- added `ConfigMap/claims-system/two`" in summary.read_text()
    told = output.read_text()
    assert told.startswith("changes<<END-OF-CHANGES\n### What a sync of this would change")
    assert told.endswith("\nEND-OF-CHANGES\n")


def test_check_fails_when_the_diff_does(environment: Path, workflows: dict[str, dict[Any, Any]]) -> None:
    """A pipe into `tee` would hide it."""
    names = {"GITHUB_OUTPUT": "output", "GITHUB_STEP_SUMMARY": "summary"}
    files = {name: str(environment.parent / file) for name, file in names.items()}
    done = run(script(workflows["check"], "What would change"), environment, BASE="0" * 40, **files)

    assert done.returncode != 0


def update(environment: Path, workflows: dict[str, dict[Any, Any]]) -> tuple[int, str]:
    remote, calls = environment.parent / "remote.git", environment.parent / "calls"
    git("clone", "--quiet", "--bare", environment, remote)
    git("remote", "add", "origin", remote, cwd=environment)
    for name, value in (("user.name", "bot"), ("user.email", "bot@localhost")):
        git("config", name, value, cwd=environment)
    git("switch", "--quiet", "--create", "template-update", cwd=environment)
    git("add", "--all", cwd=environment)
    calls.touch()
    done = run(
        script(workflows["template-update"], "Open a pull request, or renew it"),
        environment,
        BRANCH="template-update",
        CALLS=str(calls),
        GITHUB_STEP_SUMMARY=str(environment.parent / "summary"),
    )
    return done.returncode, calls.read_text()


def test_an_update_opens_a_pull_request_and_names_conflicts(
    environment: Path, workflows: dict[str, dict[Any, Any]]
) -> None:
    (environment / "claims" / "one.yaml").write_text("<<<<<<< before\na: 1\n=======\na: 2\n>>>>>>> after\n")

    code, calls = update(environment, workflows)

    assert code == 0
    assert "Template v1.2.3" in calls
    assert calls.count("pr\n") == 2, "a pull request that is open is renewed"
    assert "Conflicts to settle by hand: claims/one.yaml" in (environment / "body.md").read_text()
    assert "template-update" in git("branch", "--list", cwd=environment.parent / "remote.git")


def test_an_update_with_nothing_new_opens_none(
    environment: Path, workflows: dict[str, dict[Any, Any]]
) -> None:
    code, calls = update(environment, workflows)

    assert (code, calls) == (0, "")
    assert "nothing new" in (environment.parent / "summary").read_text()


def test_verify_without_a_role_fails_and_says_so(
    environment: Path, workflows: dict[str, dict[Any, Any]]
) -> None:
    text = script(workflows["verify"], "A role to look at the cluster with")

    done = run(text, environment, ROLE="")
    assert done.returncode == 1
    assert "VERIFY_ROLE_ARN" in done.stdout
    assert run(text, environment, ROLE="arn:aws:iam::123456789012:role/verify").returncode == 0


@pytest.mark.parametrize(
    ("source", "installed"),
    [
        ("gh:acme/template", "git+https://github.com/acme/template@v1.2.3"),
        ("https://git.example.com/acme/template.git", "git+https://git.example.com/acme/template.git@v1.2.3"),
        ("git+ssh://git@git.example.com/acme/t", "git+ssh://git@git.example.com/acme/t@v1.2.3"),
        ("../template", None),
    ],
)
def test_kfaws_is_installed_from_the_template(
    source: str, installed: str | None, repository: Path, environment: Path
) -> None:
    action = yaml.safe_load((repository / ".github" / "actions" / "kfaws" / "action.yml").read_text())
    text = next(step["run"] for step in action["runs"]["steps"] if step.get("name") == "Install kfaws")
    answers = environment / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace("gh:acme/template", source))
    uv = environment.parent / "tools" / "uv"
    uv.parent.mkdir(exist_ok=True)
    uv.write_text('#!/bin/sh\necho "$@"\n')
    uv.chmod(0o755)

    done = run(text, environment)

    if installed:
        wanted = f"tool install --with-executables-from pytest kubeflow-aws-gitops @ {installed}\n"
        assert done.stdout == wanted
    else:
        assert done.returncode == 1
        assert "../template is no URL" in done.stdout
