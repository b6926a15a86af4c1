"""MySQL over TLS that is verified, for a program in the same pod that cannot verify.

ML Metadata can encrypt, but its MySQL client refuses every certificate once it is told to verify one. So it speaks
plainly to this program, inside the pod, and this program speaks TLS to the database: with the authority in AUTHORITY and
the host's name checked, or not at all.

Only the log-in is looked at. The server greets, the client answers; in between, the client would ask for TLS. This
program asks in its place, which puts every packet of the log-in one number further on the server's side.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import sys
from dataclasses import dataclass, field

CLIENT_SSL = 0x0800
LARGEST_LOGIN_PACKET = 1 << 20
OK, ERROR = 0x00, 0xFF


class Refused(Exception):
    """The connection cannot be made; the text is for the client and the log."""


@dataclass(frozen=True)
class Database:
    """Where the database is, and whose certificate it has to have."""

    host: str
    port: int
    authority: str
    """File with PEM certificates; read for each connection, so that a new one needs no restart."""


@dataclass
class Link:
    """One connection of the client's, and the one to the database that belongs to it."""

    client: asyncio.StreamReader
    to_client: asyncio.StreamWriter
    server: asyncio.StreamReader
    to_server: asyncio.StreamWriter
    logged_in: asyncio.Event = field(default_factory=asyncio.Event)


async def packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Number and content of the next packet."""
    head = await reader.readexactly(4)
    length = int.from_bytes(head[:3], "little")
    if length > LARGEST_LOGIN_PACKET:
        raise Refused(f"a packet of {length} bytes does not belong to a log-in")
    return head[3], await reader.readexactly(length)


async def send(writer: asyncio.StreamWriter, number: int, content: bytes) -> None:
    """Send one packet."""
    writer.write(len(content).to_bytes(3, "little") + bytes([number & 0xFF]) + content)
    await writer.drain()


def without_tls(greeting: bytes) -> bytes:
    """The server's greeting as one of a server that has no TLS; refused if it truly has none."""
    capabilities = greeting.index(b"\0", 1) + 1 + 4 + 8 + 1
    flags = int.from_bytes(greeting[capabilities : capabilities + 2], "little")
    if not flags & CLIENT_SSL:
        raise Refused("the database offers no TLS")
    plain = (flags & ~CLIENT_SSL).to_bytes(2, "little")
    return greeting[:capabilities] + plain + greeting[capabilities + 2 :]


def asking_for_tls(answer: bytes) -> bytes:
    """The client's answer, with the wish for TLS in it; its first 32 bytes are that wish alone."""
    flags = int.from_bytes(answer[:4], "little") | CLIENT_SSL
    return flags.to_bytes(4, "little") + answer[4:]


async def log_in(link: Link, database: Database) -> None:
    """Greeting and answer, with TLS begun between them."""
    number, greeting = await packet(link.server)
    if greeting[0] == ERROR:
        await send(link.to_client, number, greeting)
        raise Refused("the database greeted with an error")
    await send(link.to_client, number, without_tls(greeting))
    number, answer = await packet(link.client)
    answer = asking_for_tls(answer)
    await send(link.to_server, number, answer[:32])
    context = ssl.create_default_context(cafile=database.authority)
    await link.to_server.start_tls(context, server_hostname=database.host)
    await send(link.to_server, number + 1, answer)


async def answers(link: Link) -> None:
    """From the server to the client: the log-in's packets with their own numbers, then everything as it is."""
    while not link.logged_in.is_set():
        number, content = await packet(link.server)
        if content[:1] in (bytes([OK]), bytes([ERROR])):
            link.logged_in.set()
        await send(link.to_client, number - 1, content)
    await copy(link.server, link.to_client)


async def questions(link: Link) -> None:
    """From the client to the server, likewise."""
    while not link.logged_in.is_set():
        number, content = await packet(link.client)
        # Whoever waited here through the end of the log-in holds the first command, which is numbered from 0.
        await send(link.to_server, number if link.logged_in.is_set() else number + 1, content)
    await copy(link.client, link.to_server)


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes on until there are no more."""
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()


async def converse(link: Link) -> None:
    """Both directions, until one ends."""
    tasks = [asyncio.ensure_future(part(link)) for part in (answers, questions)]
    done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    for task in done:
        task.result()


async def connect(client: asyncio.StreamReader, to_client: asyncio.StreamWriter, database: Database) -> None:
    """Serve one client; what goes wrong is in the log, and is told to the client while it logs in."""
    to_server = None
    try:
        server, to_server = await asyncio.open_connection(database.host, database.port)
        link = Link(client, to_client, server, to_server)
        await log_in(link, database)
        await converse(link)
    except (OSError, ssl.SSLError, Refused, ValueError) as error:
        print(f"{database.host}:{database.port}: {error}", file=sys.stderr, flush=True)
        await tell(to_client, str(error))
    except asyncio.IncompleteReadError:
        print(f"{database.host}:{database.port}: hung up during the log-in", file=sys.stderr, flush=True)
    finally:
        for writer in filter(None, (to_server, to_client)):
            writer.close()


async def tell(writer: asyncio.StreamWriter, message: str) -> None:
    """Send an error of MySQL's; a client that is gone already misses it."""
    try:
        await send(writer, 2, b"\xff" + (2026).to_bytes(2, "little") + b"#HY000" + message.encode()[:400])
    except OSError:
        return


async def main() -> None:
    """Listen inside the pod until the pod ends."""
    database = Database(os.environ["DATABASE_HOST"], int(os.environ["DATABASE_PORT"]), os.environ["AUTHORITY"])
    port = int(os.environ.get("LISTEN_PORT", "3306"))
    server = await asyncio.start_server(lambda r, w: connect(r, w, database), "127.0.0.1", port)
    print(f"listening on port {server.sockets[0].getsockname()[1]}", file=sys.stderr, flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
