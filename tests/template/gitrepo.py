"""Git repositories of templates and environments."""

from __future__ import annotations

from pathlib import Path

from kfaws.generator.run import run

IDENTITY = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder and return what it printed."""
    return run(["git", *IDENTITY, *arguments], cwd=folder).stdout.decode()


def commit_all(source: Path, folder: Path, tag: str) -> None:
    """Make what a folder holds the next commit, with a tag, of the repository in `folder`."""
    folder.mkdir(exist_ok=True)
    if not (folder / ".git").is_dir():
        git(folder, "init", "--quiet", "--initial-branch", "main")
    if source != folder:
        run(["cp", "-r", f"{source}/.", folder])
    commit(folder, tag)
    git(folder, "tag", tag)


def commit(folder: Path, message: str) -> None:
    """Commit everything that changed."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)
