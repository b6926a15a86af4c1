"""Official release binaries: fetched by pinned checksum, where their host can be reached."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
from pathlib import Path

import httpx

from kfaws.generator.cache import cache_home, whole_folder
from kfaws.generator.errors import KfawsError
from kfaws.generator.progress import Reporter
from kfaws.harness.tools.catalog import Download, Tool
from kfaws.harness.tools.space import is_full, remedy

MIRROR = "KFAWS_RELEASES"
"""A web address to put before that of every release: `$KFAWS_RELEASES/github.com/OWNER/NAME/...`."""
TIMEOUT = httpx.Timeout(30, connect=5)
"""Seconds for an answer, and for a connection: where a firewall swallows it, a build should start soon."""
UNREACHABLE = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError, httpx.InvalidURL, ImportError)
PLAIN = {"accept-encoding": "identity"}
"""The file as it is: what is compressed on the way has another checksum."""
CHUNK = 1 << 20


class Releases:
    """Fetches releases; a host that could not be reached is not asked again."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._down: set[str] = set()

    def fetch(self, tool: Tool, home: Path) -> bool:
        """Put a tool's programs into the folder `home`; False, once said why, where no host gives them.

        Raises KfawsError when what a host gives is not what is pinned.
        """
        downloads = [(file, address(file.url)) for file in tool.downloads]
        if not downloads or any(url.host in self._down for _, url in downloads):
            return False
        try:
            with whole_folder(home) as folder:
                for file, url in downloads:
                    self._get(tool, file, url, folder)
        except OSError as error:
            if is_full(error):
                where = {"XDG_CACHE_HOME": cache_home()}
                raise KfawsError(f"{tool.name} cannot be fetched: {remedy(where)}") from error
            raise
        except httpx.HTTPStatusError as error:
            # The host is there: it may well have the release of another program.
            answer = error.response
            self._reporter.say(
                f"{tool.name}: {answer.url.host} does not give {answer.url} "
                f"({answer.status_code} {answer.reason_phrase}), building it"
            )
            return False
        except (httpx.HTTPError, httpx.InvalidURL, ImportError) as error:
            # ImportError: what httpx says of a SOCKS proxy that it cannot use.
            host = downloads[0][1].host
            self._down.add(host)
            what = "not reachable" if isinstance(error, UNREACHABLE) else "broke off"
            why = " ".join(str(error).split()) or type(error).__name__
            self._reporter.say(f"{tool.name}: release host {host} {what} ({why}), building it")
            return False
        return True

    def _get(self, tool: Tool, file: Download, url: httpx.URL, folder: Path) -> None:
        fetched = folder / ".fetched"
        title = f"fetching {tool.name} {tool.version} from {url.host}"
        found = self._stream(url, fetched, title)
        if found != file.sha256:
            raise KfawsError(
                f"{', '.join(file.programs)}: {url} has the checksum {found}, but {file.sha256} is pinned. "
                "Nothing of it was kept. Find out who changed it (a proxy, a mirror, the project), "
                f"or build it from source: `kfaws tools --build {tool.name}`"
            )
        _place(fetched, file, folder)

    def _stream(self, url: httpx.URL, target: Path, title: str) -> str:
        """Write what an address serves to a file, and return its checksum."""
        digest = hashlib.sha256()
        with httpx.stream("GET", url, headers=PLAIN, timeout=TIMEOUT, follow_redirects=True) as answer:
            answer.raise_for_status()
            size = int(answer.headers.get("content-length") or 0)
            with self._reporter.download(title, size) as advance, target.open("wb") as out:
                for chunk in answer.iter_raw(CHUNK):
                    digest.update(chunk)
                    out.write(chunk)
                    advance(len(chunk))
        return digest.hexdigest()


def address(url: str) -> httpx.URL:
    """Where a release is asked for: at its own host, or behind KFAWS_RELEASES."""
    base = os.environ.get(MIRROR)
    if not base:
        return httpx.URL(url)
    if not base.startswith(("http://", "https://")):
        raise KfawsError(f"{MIRROR} is {base}, which is no web address: begin it with https://, or unset it")
    return httpx.URL(f"{base.rstrip('/')}/{url.partition('://')[2]}")


def _place(fetched: Path, file: Download, folder: Path) -> None:
    """Make the programs out of a file that is as pinned."""
    if file.members:
        _extract(fetched, file, folder)
        fetched.unlink()
        return
    first, *others = file.programs
    fetched.rename(folder / first)
    (folder / first).chmod(0o755)
    for other in others:
        (folder / other).symlink_to(first)


def _extract(archive: Path, file: Download, folder: Path) -> None:
    """Take the programs out of an archive, each under its own name."""
    try:
        with tarfile.open(archive) as members:
            for name in file.programs:
                _extract_one(members, file.members[name], folder / name)
    except (KeyError, tarfile.TarError) as error:
        raise KfawsError(
            f"{file.url} is as pinned, but {error.args[0]}: correct `members` in catalog.yaml"
        ) from error


def _extract_one(members: tarfile.TarFile, place: str, target: Path) -> None:
    member = members.extractfile(place)
    if member is None:
        raise tarfile.ExtractError(f"{place} in it is no file")
    with member, target.open("wb") as out:
        shutil.copyfileobj(member, out)
    target.chmod(0o755)
