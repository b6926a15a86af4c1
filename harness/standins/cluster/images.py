"""References of images, by the grammar that container runtimes read (distribution's `reference` package)."""

from __future__ import annotations

import re

_LABEL = r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)"
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?")
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_PART}(?:/{_PART})*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")
_IDENTIFIER = re.compile(r"[0-9a-f]{64}")
LONGEST_NAME = 255


def is_reference(image: str) -> bool:
    """Whether a runtime could ask a registry for that: `[host/]path[:tag][@digest]`."""
    if _IDENTIFIER.fullmatch(image):
        # It would be the id of an image that the node has already.
        return False
    name, at, digest = image.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        return False
    host, path = _split_host(name)
    path, colon, tag = path.partition(":")
    if colon and not _TAG.fullmatch(tag):
        return False
    if host is not None and not _HOST.fullmatch(host):
        return False
    return len(f"{host or ''}/{path}") <= LONGEST_NAME and _PATH.fullmatch(path) is not None


def _split_host(name: str) -> tuple[str | None, str]:
    """The first part is a host when it looks like one; else all is a path on Docker Hub."""
    first, slash, rest = name.partition("/")
    if slash and (first == "localhost" or re.search(r"[.:A-Z]", first)):
        return first, rest
    return None, name
