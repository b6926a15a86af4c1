"""Git repositories on this machine that stand in for the public ones, made from upstream folders."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from kfaws.generator.run import run
from kfaws.generator.upstream.mirror import Mirror
from kfaws.generator.upstream.pins import pins
from kfaws.generator.upstream.resolver import Upstream

AUTHOR = ["-c", "user.name=kfaws", "-c", "user.email=kfaws@localhost", "-c", "commit.gpgsign=false"]


def serve(
    contents: Mapping[tuple[str, str], Path],
    folder: Path,
    base: str = "https://github.com",
    complete: Callable[[Path], None] = lambda _: None,
) -> dict[str, str]:
    """Make a bare repository of each one in `contents` (by repository and ref), with its refs as tags.

    `complete` may add to a copy of the content before it is committed.

    Returns the environment in which git (and so kustomize and Argo CD) reads them in place of `base`. Their
    commits are not the public ones: only the content is.
    """
    for (repository, ref), content in contents.items():
        bare = folder / f"{repository}.git"
        if not bare.is_dir():
            run(["git", "init", "--quiet", "--bare", bare])
        with tempfile.TemporaryDirectory(dir=folder) as work:
            shutil.copytree(content, work, dirs_exist_ok=True, symlinks=True)
            complete(Path(work))
            git = ["git", *AUTHOR, f"--git-dir={bare}", f"--work-tree={work}"]
            run([*git, "add", "--all", "--force", "."])
            run([*git, "commit", "--quiet", "--allow-empty", "--message", ref])
            run([*git, "tag", "--force", ref])
    for repository in {repository for repository, _ in contents}:
        # They are cloned again and again: one pack is read more quickly than many files.
        run(["git", f"--git-dir={folder / f'{repository}.git'}", "repack", "-a", "-d", "--quiet"])
    # kustomize leaves `.git` out of what it clones from GitHub; both spellings must be found.
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{folder.resolve().as_uri()}/.insteadOf",
        "GIT_CONFIG_VALUE_0": f"{base}/",
    }


def digest_of(contents: Mapping[tuple[str, str], Path], mirror: Mirror | None) -> str:
    """Changes when what `contents_of` gave would be served differently."""
    known = mirror.entries if mirror else {}
    parts = [
        (repository, ref, known[repository, ref].digest if (repository, ref) in known else str(folder))
        for (repository, ref), folder in contents.items()
    ]
    return hashlib.sha256(repr(sorted(parts)).encode()).hexdigest()[:16]


def contents_of(
    mirror: Mirror | None, upstream: Upstream, base: str = "https://github.com"
) -> dict[tuple[str, str], Path]:
    """What can be served: all that the mirror has, and what Go modules carry of the rest."""
    entries = mirror.entries if mirror else {}
    mirrored = {key: entry.folder for key, entry in entries.items()}
    modules = {
        key: upstream.tree(pin, f"{base}/{pin.repository}")
        for key, pin in pins().items()
        if pin.module and key not in mirrored
    }
    return mirrored | modules
