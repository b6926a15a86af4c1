"""Git as the embedded platform sees it: the environment's repository and upstream, all on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kfaws.generator.run import ProgramError, run
from kfaws.generator.upstream.local_git import AUTHOR


@dataclass(frozen=True)
class Snapshots:
    """A bare repository with snapshots of a folder as the commits of the branch `revision`."""

    bare: Path
    revision: str

    def take(self, folder: Path) -> str:
        """Commit the folder as it is now, uncommitted changes too; returns the commit.

        What is unchanged gives the commit that is there. The folder's own git repository is not touched.
        """
        if not self.bare.is_dir():
            self.bare.parent.mkdir(parents=True, exist_ok=True)
            run(["git", "init", "--quiet", "--bare", f"--initial-branch={self.revision}", self.bare])
        git = ["git", *AUTHOR, f"--git-dir={self.bare}", f"--work-tree={folder}"]
        run([*git, "add", "--all", "."], cwd=folder)
        if self._changed(git):
            run([*git, "commit", "--quiet", "--message", f"Snapshot of {folder.name}"], cwd=folder)
        return run([*git, "rev-parse", "HEAD"]).stdout.decode().strip()

    def head(self) -> str:
        """The commit that is there now; empty before the first."""
        if not self.bare.is_dir():
            return ""
        return run(["git", f"--git-dir={self.bare}", "rev-parse", "HEAD"]).stdout.decode().strip()

    def changed(self, before: str, after: str) -> list[str]:
        """The files that differ between two commits."""
        names = run(["git", f"--git-dir={self.bare}", "diff", "--name-only", "-z", before, after]).stdout
        return [name for name in names.decode().split("\0") if name]

    def _changed(self, git: list[str]) -> bool:
        try:
            run([*git, "rev-parse", "--quiet", "--verify", "HEAD"])
            run([*git, "diff", "--cached", "--quiet"])
        except ProgramError:
            return True
        return False


def instead_of(places: dict[str, Path]) -> dict[str, str]:
    """The environment in which git reads what begins with each URL prefix from a folder of this machine."""
    settings = [(f"url.{path.resolve().as_uri()}/.insteadOf", prefix) for prefix, path in places.items()]
    pairs = {
        name: value
        for number, (key, prefix) in enumerate(settings)
        for name, value in (
            (f"GIT_CONFIG_KEY_{number}", key),
            (f"GIT_CONFIG_VALUE_{number}", prefix),
        )
    }
    return {"GIT_CONFIG_COUNT": str(len(settings)), **pairs}
