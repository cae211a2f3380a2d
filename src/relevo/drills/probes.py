"""The exchanges that a Watch repeats: SMTP, submission, IMAP, POP3 and webmail, as their clients do them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from relevo.drills.watch import CONNECT_SECONDS, Exchange, Room, UnexpectedAnswer
from relevo.i18n import _

QUICK = 0.02  # seconds between two connections that ask for a greeting
PAGE = 0.2  # between two webmail pages, each made by PHP with a session in the database
LOGIN = 0.2  # between two IMAP logins; a login costs the server about 50 ms for the password's hash
RARE_LOGIN = 0.5  # between two POP3 logins, for the same reason
TLS = 0.1  # between two submission sessions up to the end of TLS; a login there is limited to 30 a minute by address
BESIDE, BESIDE_ROOM = 0.1, 6  # SMTP beside a stream of messages, whose clients have up to ten connections
BESIDE_LOGIN = 0.5  # between two logins, or pages, beside such a stream
SMTP_ROOM, ROOM = 15, 30  # open connections of one exchange; Postfix allows one address 20 (10 * scanners / 2)
STATIC_FILE = "/skins/elastic/images/favicon.ico"
LOGIN_FORM = b"rcmloginuser"  # the id of the user field in Roundcube's login form


@dataclass(frozen=True)
class Target:
    """Whom the probes talk to: the virtual IP, the name in its certificate, a login, and the client's own name."""

    address: str
    hostname: str
    tls: ssl.SSLContext
    login: str
    password: str
    client_name: str


Perform: TypeAlias = Callable[[Target, Room], Coroutine[None, None, str]]


class _Talk:
    """A line-wise conversation over asyncio streams."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def expect(self, start: str, going_on: str = "\0") -> str:
        """Read lines until one begins with `start`; those that begin with `going_on` come before it."""
        while True:
            if not (raw := await self.reader.readline()):
                raise UnexpectedAnswer(_("closed the connection"))
            line = raw.decode(errors="replace").strip()
            if line.startswith(start):
                return line
            if not line.startswith(going_on):
                raise UnexpectedAnswer(line[:200])

    async def ask(self, line: str, start: str, going_on: str = "\0") -> str:
        """Send a line and read its answer."""
        self.writer.write(line.encode() + b"\r\n")
        return await self.expect(start, going_on)

    def say(self, line: str) -> None:
        """Send a last line whose answer doesn't matter."""
        self.writer.write(line.encode() + b"\r\n")


@asynccontextmanager
async def _connect(target: Target, room: Room, port: int, *, tls: bool) -> AsyncIterator[_Talk]:
    async with asyncio.timeout(CONNECT_SECONDS):
        reader, writer = await asyncio.open_connection(target.address, port)
    try:
        with room.place():
            if tls:
                await writer.start_tls(target.tls, server_hostname=target.hostname)
            yield _Talk(reader, writer)
    finally:
        writer.close()


def sparse(target: Target) -> tuple[Exchange, ...]:
    """Return few exchanges, which leave the connections and the time that they need to a stream of messages."""
    return (
        Exchange("SMTP", "banner, EHLO", BESIDE, partial(_smtp, target, Room(BESIDE_ROOM))),
        Exchange("IMAP", "login, SELECT", BESIDE_LOGIN, partial(_imap_login, target, Room(ROOM))),
        Exchange("webmail", "login page", BESIDE_LOGIN, partial(_web_page, target, Room(ROOM))),
    )


def exchanges(target: Target) -> tuple[Exchange, ...]:
    """Return all exchanges, by protocol: first the quick one on the grid of 20 ms, then one that goes to the end."""
    def with_room(perform: Perform, places: int = ROOM) -> Callable[[], Coroutine[None, None, str]]:
        return partial(perform, target, Room(places))

    return (
        Exchange("SMTP", "banner, EHLO", QUICK, with_room(_smtp, SMTP_ROOM)),
        Exchange("SMTP", "submission: STARTTLS, EHLO", TLS, with_room(_submission, SMTP_ROOM)),
        Exchange("IMAP", "greeting", QUICK, with_room(_imap)),
        Exchange("IMAP", "login, SELECT", LOGIN, with_room(_imap_login)),
        Exchange("POP3", "greeting", QUICK, with_room(_pop3)),
        Exchange("POP3", "login, STAT", RARE_LOGIN, with_room(_pop3_login)),
        Exchange("webmail", "file over HTTPS", QUICK, with_room(_web_file)),
        Exchange("webmail", "login page", PAGE, with_room(_web_page)),
    )


async def _smtp(target: Target, room: Room) -> str:
    async with _connect(target, room, 25, tls=False) as talk:
        await talk.expect("220 ", "220-")
        seen = await talk.ask(f"EHLO {target.client_name}", "250 ", "250-")
        talk.say("QUIT")
        return seen


async def _submission(target: Target, room: Room) -> str:
    async with _connect(target, room, 587, tls=False) as talk:
        await talk.expect("220 ", "220-")
        await talk.ask(f"EHLO {target.client_name}", "250 ", "250-")
        await talk.ask("STARTTLS", "220 ")
        await talk.writer.start_tls(target.tls, server_hostname=target.hostname)
        seen = await talk.ask(f"EHLO {target.client_name}", "250 ", "250-")
        talk.say("QUIT")
        return seen


async def _imap(target: Target, room: Room) -> str:
    async with _connect(target, room, 143, tls=False) as talk:
        seen = await talk.expect("* OK")
        talk.say("a LOGOUT")
        return seen


async def _imap_login(target: Target, room: Room) -> str:
    async with _connect(target, room, 993, tls=True) as talk:
        await talk.expect("* OK")
        await talk.ask(f'a LOGIN "{target.login}" "{target.password}"', "a OK", "*")
        seen = await talk.ask("b SELECT INBOX", "b OK", "*")
        talk.say("c LOGOUT")
        return seen


async def _pop3(target: Target, room: Room) -> str:
    async with _connect(target, room, 110, tls=False) as talk:
        seen = await talk.expect("+OK")
        talk.say("QUIT")
        return seen


async def _pop3_login(target: Target, room: Room) -> str:
    async with _connect(target, room, 995, tls=True) as talk:
        await talk.expect("+OK")
        await talk.ask(f"USER {target.login}", "+OK")
        await talk.ask(f"PASS {target.password}", "+OK")
        seen = await talk.ask("STAT", "+OK")
        talk.say("QUIT")
        return seen


async def _web_file(target: Target, room: Room) -> str:
    return await _web(target, room, STATIC_FILE, b"")


async def _web_page(target: Target, room: Room) -> str:
    return await _web(target, room, "/", LOGIN_FORM)


async def _web(target: Target, room: Room, path: str, wanted: bytes) -> str:
    async with _connect(target, room, 443, tls=True) as talk:
        request = f"GET {path} HTTP/1.1\r\nHost: {target.hostname}\r\nConnection: close\r\n\r\n"
        talk.writer.write(request.encode())
        status = (await talk.reader.readline()).decode(errors="replace").strip()
        if " 200" not in status:
            raise UnexpectedAnswer(status or _("closed the connection"))
        if wanted not in await talk.reader.read():
            raise UnexpectedAnswer(_("{status}, but not the page that was asked for").format(status=status))
        return status
