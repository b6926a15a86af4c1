"""References to a folder of a git repository, as kustomizations and Applications write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

SCHEME = re.compile(r"^(?:https?|ssh|git|file)://|^git::|^git@|^github\.com[/:]")


@dataclass(frozen=True)
class Remote:
    """A folder of a repository at a ref."""

    url: str
    """What git is given: `https://github.com/kubeflow/community-distribution`."""
    repository: str
    """The last two parts of it: `kubeflow/community-distribution`."""
    ref: str
    path: str
    """The folder inside, empty for its root."""

    def __str__(self) -> str:
        """As a kustomization writes it."""
        return f"{self.url}//{self.path}?ref={self.ref}"


def is_remote(entry: str) -> bool:
    """Tell a reference to elsewhere from a path inside the repository."""
    return bool(SCHEME.match(entry))


def parse_remote(entry: str) -> Remote | None:
    """Read `<base>/<owner>/<repo>//<path>?ref=<ref>`, or GitHub's form with one slash before the path.

    None for what is no such reference: a plain file over HTTP, or a reference without a ref.
    """
    text = f"https://{entry}" if entry.startswith("github.com/") else entry
    parts = urlsplit(text)
    query = parse_qs(parts.query)
    ref = (query.get("ref") or query.get("version") or [""])[0]
    if not parts.scheme or not ref:
        return None
    root, separator, path = parts.path.partition("//")
    if not separator:
        if parts.hostname != "github.com":
            return None
        owner_name = root.lstrip("/").split("/", 2)
        root, path = "/" + "/".join(owner_name[:2]), (owner_name[2] if len(owner_name) > 2 else "")
    return remote_of(f"{parts.scheme}://{parts.netloc}{root}", ref, path)


def remote_of(url: str, ref: str, path: str) -> Remote | None:
    """Make a reference of a repository's URL (an Application's `repoURL`), a ref and a folder."""
    base = url.rstrip("/").removesuffix(".git")
    names = [part for part in urlsplit(base).path.split("/") if part]
    if len(names) < 2:
        return None
    return Remote(base, "/".join(names[-2:]), ref, path.strip("/"))
