"""Folders of upstream files: git's hash of one, and a seal that shows when a cached copy was damaged."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

SEAL = ".kfaws-seal.json"


def git_tree(folder: Path) -> str:
    """The hash that git has for a folder with this content."""
    entries = []
    for path in folder.iterdir():
        if path.is_symlink():
            entries.append((path.name, b"120000", _blob(str(path.readlink()).encode())))
        elif path.is_dir():
            # Git sorts a folder as if its name ended in a slash.
            entries.append((path.name + "/", b"40000", bytes.fromhex(git_tree(path))))
        else:
            mode = b"100755" if os.access(path, os.X_OK) else b"100644"
            entries.append((path.name, mode, _blob(path.read_bytes())))
    body = b"".join(
        mode + b" " + name.rstrip("/").encode() + b"\0" + digest for name, mode, digest in sorted(entries)
    )
    return _sha1(b"tree", body).hex()


def seal(folder: Path) -> None:
    """Note size and time of every file, and the hash of that list."""
    (folder / SEAL).write_text(json.dumps({"listing": _listing(folder)}))


def is_sealed(folder: Path) -> bool:
    """Tell whether every file is as it was when the folder was sealed."""
    try:
        noted = json.loads((folder / SEAL).read_text())["listing"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return bool(noted == _listing(folder))


def _listing(folder: Path) -> str:
    lines: list[str] = []
    pending = [str(folder)]
    while pending:
        for entry in os.scandir(pending.pop()):
            if entry.is_dir(follow_symlinks=False):
                pending.append(entry.path)
            elif entry.name != SEAL:
                status = entry.stat(follow_symlinks=False)
                lines.append(f"{os.path.relpath(entry.path, folder)} {status.st_size} {status.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _blob(content: bytes) -> bytes:
    return _sha1(b"blob", content)


def _sha1(kind: bytes, content: bytes) -> bytes:
    # Git's object format, not a security measure: what it names is pinned elsewhere too.
    return hashlib.sha1(kind + b" %d\0" % len(content) + content, usedforsecurity=False).digest()
