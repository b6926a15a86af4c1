"""The first step of bootstrap, and the repository that Argo CD will read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

from botocore.exceptions import ClientError

from kfaws.generator.doctor.report import Line, judge, missing, unknown
from kfaws.generator.doctor.site import Site, code_of
from kfaws.generator.run import ProgramError, run

STACK_STATES = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")
GIT_SECONDS = 20.0


def check_stack(site: Site) -> Iterator[Line]:
    """The bootstrap stack, with the first controllers' roles and the boundary, is in the account."""
    if not site.answers.uses_aws:
        return
    name = f"{site.answers['environment_name']}-bootstrap"
    create = site.aws(
        "cloudformation", "deploy", "--stack-name", name, "--template-file", "bootstrap/cloudformation.yaml",
        "--capabilities", "CAPABILITY_NAMED_IAM",
    )  # fmt: skip
    try:
        stack = site.account.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if code_of(error) != "ValidationError":
            raise
        yield missing("Bootstrap stack", f"{name} does not exist", create)
        return
    yield judge(
        "Bootstrap stack", stack["StackStatus"] in STACK_STATES, f"{name}: {stack['StackStatus']}", create
    )


def check_repository(site: Site) -> Iterator[Line]:
    """The repository and revision that Argo CD follows exist; a private one must be readable from here."""
    topic = "Git repository"
    url, revision = site.answers["gitops_repository"], site.answers["gitops_revision"]
    git = shutil.which("git")
    if git is None:
        yield unknown(topic, "there is no git program on this machine", "install git")
        return
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    push = f"git push {url} HEAD:{revision}"
    try:
        listed = run([git, "ls-remote", url, revision], env=environment, timeout=GIT_SECONDS).stdout.decode()
    except ProgramError as error:
        reason = error.output.strip().splitlines()[-1:] or ["no answer"]
        yield unknown(topic, f"{url} cannot be read from here: {reason[0]}", f"git ls-remote {url}")
        return
    there = any(
        line.split("\t")[1] in (f"refs/heads/{revision}", f"refs/tags/{revision}")
        for line in listed.splitlines()
    )
    yield judge(topic, there, f"{url}, {revision}" if there else f"{url} has no {revision}", push)
