"""Hostile requests whose trick is not in the token: headers, hosts, paths and framing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.gateway.client import Request
from tests.gateway.hostile import Case, Keys, always, carrying

SPELLINGS = (
    "kubeflow-userid",
    "KUBEFLOW-USERID",
    "Kubeflow-Userid",
    "kUBEFLOW-uSERID",
    "kubeflow_userid",
    "Kubeflow_UserId",
    "kubeflow-groups",
)


def spoofed() -> Iterator[Case]:
    """Identity headers of the client's own, without a token."""
    group = "spoofed identity"
    for spelling in SPELLINGS:
        request = Request(headers=((spelling, b"admin@example.com"),))
        yield Case(group, spelling, always(request), "no token")
    twice = Request(headers=(("kubeflow-userid", b"a@example.com"), ("Kubeflow-UserId", b"b@example.com")))
    yield Case(group, "twice", always(twice), "no token")
    for name in ("x-amzn-oidc-identity", "x-amzn-oidc-accesstoken"):
        request = Request(headers=((name, b"admin"),))
        yield Case(group, name, always(request), "no token")
    yield Case(group, "nothing at all", always(Request()), "no token")
    empty = carrying("", ("kubeflow-userid", b"admin@example.com"))
    yield Case(group, "an empty token", always(empty), "no token")
    underscores = Request(headers=(("x_amzn_oidc_data", b"e30.e30.e30"),))
    yield Case(group, "a token under another name", always(underscores), "no token")


def doubled() -> Iterator[Case]:
    """Two tokens, of which one reader takes the first and the next one the second."""
    group = "double tokens"

    def pair(keys: Keys, second: str) -> Request:
        return carrying(keys.own.token(), ("X-Amzn-Oidc-Data", second.encode()))

    yield Case(group, "a good one twice", lambda k: pair(k, k.own.token()), "more than one token")
    yield Case(
        group, "a good one and a forged one", lambda k: pair(k, k.unknown.token()), "more than one token"
    )
    yield Case(group, "a good one and an empty one", lambda k: pair(k, ""), "more than one token")
    joined = "joined by a comma"
    yield Case(group, joined, lambda k: carrying(f"{k.own.token()},{k.own.token()}"), "three parts")


def hosts() -> Iterator[Case]:
    """Hosts that look like the one of machines, where no log-in is asked for."""
    group = "host trick"
    identity = (("kubeflow-userid", b"admin@example.com"),)
    for host in (
        "api.platform.example.com.",
        "api.platform.example.com.evil.example.com",
        "evil.example.com",
        "",
    ):
        request = Request(headers=identity, host=host)
        yield Case(group, host or "empty", always(request), "no token")
    absolute = Request(headers=identity, path="http://evil.example.com/")
    yield Case(group, "another host in the request line", always(absolute), "no token")
    for name in ("x-forwarded-host", "x-original-host", "forwarded"):
        request = Request(headers=(*identity, (name, b"api.platform.example.com")))
        yield Case(group, name, always(request), "no token")


def beside_a_good_token(*headers: tuple[str, bytes]) -> Callable[[Keys], Request]:
    """Headers that come along with a token that is good."""
    return lambda keys: carrying(keys.own.token(), *headers)


def smuggled() -> Iterator[Case]:
    """Framing on which two servers would disagree: Envoy itself refuses."""
    group = "header smuggling"
    spoof = b"admin@example.com"
    lengths = beside_a_good_token(("content-length", b"0"), ("content-length", b"5"))
    chunked = beside_a_good_token(("transfer-encoding", b"chunked"), ("content-length", b"5"))
    zero = beside_a_good_token(("x-note", b"x\x00y"))
    yield Case(group, "two lengths", lengths, None, 400)
    yield Case(group, "chunks with a length", chunked, None, 400)
    yield Case(group, "a zero byte", zero, None, 400)
    for name in ("kubeflow-userid ", "kubeflow-userid\t", "kubeflow\x00-userid", "kubeflow-userid\xff"):
        yield Case(group, f"the name {name!r}", beside_a_good_token((name, spoof)), None, 400)
    yield Case(group, "a folded line", beside_a_good_token((" kubeflow-userid", spoof)), "three parts")


def methods_and_paths() -> Iterator[Case]:
    """Requests that a filter could be tempted to wave through."""
    for method in ("OPTIONS", "POST", "TRACE", "PROPFIND"):
        request = Request(method=method, headers=(("origin", b"https://evil.example.com"),))
        yield Case("unusual method", method, always(request), "no token")
    for path in (
        "/logout/",
        "/logout/../pipeline",
        "//logout",
        "/Logout",
        "/healthz/ready",
        "/%6cogout",
        "/logout%3f",
        "/dex/auth",
        "/.well-known/x",
    ):
        request = Request(path=path)
        yield Case("path trick", path, always(request), "no token")
    upgrade = Request(headers=(("connection", b"upgrade"), ("upgrade", b"websocket")))
    yield Case("upgrade", "websocket", always(upgrade), "no token")
    fragment = Request(path="/pipeline#/logout")
    yield Case("path trick", "a fragment", always(fragment), None, 400)
    internal = Request(headers=(("x-envoy-internal", b"true"), ("x-forwarded-for", b"127.0.0.1")))
    yield Case("trusted-looking origin", "internal address", always(internal), "no token")
    original = Request(headers=(("x-envoy-original-path", b"/logout"), ("x-rewrite-url", b"/logout")))
    yield Case("trusted-looking origin", "original path", always(original), "no token")


def request_cases() -> list[Case]:
    """All of them."""
    sources = (spoofed, doubled, hosts, smuggled, methods_and_paths)
    return [case for source in sources for case in source()]
