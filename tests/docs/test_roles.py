"""The reference of IAM roles, held against the template."""

from __future__ import annotations

import re

from tests.conftest import PROJECT

ROW = re.compile(r"^\| `([\w<>-]+)` \| `([\w<>-]+)/([\w<>-]+)` \|", re.MULTILINE)
TRUST = re.compile(r'replace\("NAMESPACE", "([^"]+)"\) \| replace\("ACCOUNT", "([^"]+)"\)')
BOOTSTRAP = {"ack-iam", "ack-eks"}
TEAMS = "profile-<team>"


def documented() -> dict[str, tuple[str, str]]:
    page = (PROJECT / "docs" / "reference" / "roles.md").read_text()
    return {role: (namespace, account) for role, namespace, account in ROW.findall(page)}


def test_every_role_has_its_row_with_its_service_account() -> None:
    files = [
        file
        for file in (PROJECT / "template" / "platform" / "roles").glob("*.jinja")
        if file.name != "kustomization.yaml.jinja"
    ]
    roles = {file.name.partition(".")[0]: TRUST.findall(file.read_text()) for file in files}

    listed = documented()
    assert set(listed) == {*roles, *BOOTSTRAP, TEAMS}
    assert {role: [listed[role]] for role in roles} == roles


def test_the_first_roles_are_those_of_the_bootstrap_stack() -> None:
    stack = (PROJECT / "template" / "bootstrap" / "cloudformation.yaml.jinja").read_text()
    for role in BOOTSTRAP:
        namespace, account = documented()[role]
        assert account == f"{role}-controller"
        assert namespace in stack
        assert account in stack


def test_the_condition_of_a_role_is_that_of_its_file() -> None:
    page = (PROJECT / "docs" / "reference" / "roles.md").read_text()
    listed = (PROJECT / "template" / "platform" / "roles" / "kustomization.yaml.jinja").read_text()
    included = re.findall(r"#% if (.+?) %#\n((?:  - .+\n)+)", listed)
    conditions = {
        name: condition for condition, lines in included for name in re.findall(r"  - ([\w-]+)\.yaml", lines)
    }
    written = dict(re.findall(r"^\| `([\w-]+)` \|.*\| `([^`]+)` \|$", page, re.MULTILINE))
    assert {name: written[name] for name in conditions} == conditions
