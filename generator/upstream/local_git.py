"""Git repositories on this machine that stand in for the public ones, made from a mirror."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from kfaws.generator.run import run
from kfaws.generator.upstream.mirror import Mirror

AUTHOR = ["-c", "user.name=kfaws", "-c", "user.email=kfaws@localhost", "-c", "commit.gpgsign=false"]


def serve(mirror: Mirror, folder: Path, base: str = "https://github.com") -> dict[str, str]:
    """Make a bare repository of every mirrored one, with its refs as tags.

    Returns the environment in which git (and so kustomize and Argo CD) reads them in place of `base`. Their
    commits are not the public ones: only the content is.
    """
    for (repository, ref), entry in mirror.entries.items():
        bare = folder / f"{repository}.git"
        if not bare.is_dir():
            run(["git", "init", "--quiet", "--bare", bare])
        with tempfile.TemporaryDirectory(dir=folder) as work:
            shutil.copytree(entry.folder, work, dirs_exist_ok=True, symlinks=True)
            git = ["git", *AUTHOR, f"--git-dir={bare}", f"--work-tree={work}"]
            run([*git, "add", "--all", "--force", "."])
            run([*git, "commit", "--quiet", "--allow-empty", "--message", ref])
            run([*git, "tag", "--force", ref])
    # kustomize leaves `.git` out of what it clones from GitHub; both spellings must be found.
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{folder.resolve().as_uri()}/.insteadOf",
        "GIT_CONFIG_VALUE_0": f"{base}/",
    }
