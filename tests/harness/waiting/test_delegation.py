"""The parent of a domain, asked over the wire."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.rrset
import pytest

from kfaws.harness.waiting.delegation import Parent

SOA = "ns.example.com. admin.example.com. 1 60 60 60 60"
RECORDS = {
    ("example.com.", "SOA"): [SOA],
    ("example.com.", "NS"): ["gone.example.com.", "ns.example.com."],
    ("ns.example.com.", "A"): ["127.0.0.1"],
}
REFERRAL = {("a.example.com.", "NS"): ["ns-1.AWSDNS-01.org.", "ns-2.awsdns-02.com."]}


@contextmanager
def servers(referrals: dict[tuple[str, str], list[str]], authoritative: bool = False) -> Iterator[Parent]:
    """A resolver and the parent's server in one; it refers, unless it is authoritative for all."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, sock = self.request
            query = dns.message.from_wire(data)
            [question] = query.question
            asked = (question.name.to_text(), dns.rdatatype.to_text(question.rdtype))
            reply = dns.message.make_response(query)
            reply.flags |= dns.flags.RA
            records = RECORDS.get(asked) or referrals.get(asked, [])
            section = reply.answer if asked in RECORDS or authoritative else reply.authority
            if records:
                section.append(dns.rrset.from_text(asked[0], 60, "IN", asked[1], *records))
            else:
                reply.set_rcode(dns.rcode.NXDOMAIN)
            sock.sendto(reply.to_wire(), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        port = server.server_address[1]
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], port
        yield Parent(resolver, port)
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("authoritative", [False, True], ids=["a referral", "an answer"])
def test_the_parent_says_where_a_domain_is_served(authoritative: bool) -> None:
    with servers(REFERRAL, authoritative) as parent:
        assert parent("a.example.com") == {"ns-1.awsdns-01.org", "ns-2.awsdns-02.com"}


def test_a_parent_that_knows_nothing_of_it_gives_none() -> None:
    with servers({}) as parent:
        assert parent("a.example.com") == set()


def test_a_parent_whose_servers_are_all_away_cannot_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(RECORDS, ("ns.example.com.", "A"))
    with servers({}) as parent, pytest.raises(OSError, match=r"no name server of example\.com\. answers"):
        parent("a.example.com")


def test_without_a_way_to_dns_it_says_so() -> None:
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = []
    with pytest.raises(dns.exception.DNSException):
        Parent(resolver)("a.example.com")
