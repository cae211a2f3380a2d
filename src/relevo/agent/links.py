"""The agents' talk over TLS: each sends its view when it changes, and several times a second that it is alive.

All agents of a cluster share one key and one certificate, made from a secret of the cluster: a peer is who has the key.
The platform's own certificate is not used: the storage machine has none, a public authority may sign anybody's, and
the talk must go on when it has ended or a clock is wrong.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import math
import socket
import ssl
import sys
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from relevo.agent import settings
from relevo.agent.clients import LONGEST, Clients
from relevo.agent.pace import paced
from relevo.agent.settings import Peer, Settings
from relevo.agent.verdict import FRESH_SECONDS
from relevo.agent.view import View

log = logging.getLogger(__name__)
EVERY_SECONDS = paced(0.2)
WHOLE_SECONDS = paced(2.0)
MISSED_SECONDS = paced(1.5)  # who was not heard for so long is missed
_ALIVE = b"{}\n"
_ASK = b'{"ask":true}\n'
_MOST_WAITING = 1 << 16  # bytes not yet taken by a peer: it has stopped reading, so spare our memory
_CONNECT_SECONDS = paced(2.0)
_RETRY_SECONDS = paced(0.5)
ANSWERED_SECONDS = paced(0.45)  # we send every 0.2 s, and a kernel may delay its acknowledgement as long
_ACK_AT = 8 + 4 * 12  # of `tcpi_last_ack_recv` in struct tcp_info: behind 8 bytes and 12 numbers
_USER_TIMEOUT_MS = int(paced(2000))  # a dead peer's connection ends after this, not after the kernel's 15 minutes
_TELLING = ("faults", "weight", "holder", "keepalived", "guard", "drained", "handover")
_NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME: the key is what counts, whatever a clock says


Receive = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


class OnHeard(Protocol):
    """What is called when a peer's view has come; `news`: it differs from the last one in what matters."""

    def __call__(self, *, news: bool) -> None:
        """Take note."""


@dataclass(frozen=True)
class Heard:
    """The last view of a peer; when it came and when the peer last said that it still holds, on our monotonic clock.

    `closed`: since then its kernel has ended the connection: the agent ended, the machine runs.
    """

    view: View
    at: float
    alive_at: float
    closed: bool = False

    def is_fresh(self, now: float) -> bool:
        """Tell whether the peer is heard."""
        return now - self.alive_at <= FRESH_SECONDS


def missed(heard: Mapping[str, Heard], now: float) -> frozenset[str]:
    """Return the machines that were heard of and are not heard any more."""
    return frozenset(name for name, last in heard.items() if now - last.alive_at > MISSED_SECONDS)


class Links:
    """Connections from and to the agents of the other machines.

    A line is a JSON object: a whole view (when it changed, when the peer asked, else once in a while), or `{}`, which
    says that we live and that nothing has changed. `{"ask": true}` asks the other side for its view now, and
    `{"clients": ...}` is a part of the list of clients that the mail nodes share (`relevo.agent.clients`).
    """

    def __init__(self, own: Settings, view: Callable[[], View], on_heard: OnHeard, clients: Clients) -> None:
        """Take our settings, the function that makes our view, what to call when a peer's has come, and the clients."""
        self._own = own
        self._view = view
        self._on_heard = on_heard
        self._clients = clients
        self.heard: dict[str, Heard] = {}
        self._writers: dict[str, asyncio.StreamWriter] = {}
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Listen, and talk to every peer, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._broadcast())
            for peer in self._own.peers:
                group.create_task(self._keep_connected(peer))

    def push(self) -> None:
        """Send our view now, not at the next turn."""
        self._news.set()

    def ask(self) -> None:
        """Ask the others for their views now."""
        self._send(_ASK)

    def answers(self, node: str) -> bool:
        """Tell whether the kernel of a peer's machine has just acknowledged what we sent, whatever its agent does."""
        writer = self._writers.get(node)
        return writer is not None and last_acknowledged(writer.get_extra_info("socket")) < ANSWERED_SECONDS

    def tell(self, message: Mapping[str, object]) -> bool:
        """Send a message to the other mail node; return False when it could not be sent whole."""
        line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
        writers = [self._writers.get(peer.node) for peer in self._own.peers if peer.is_mail]
        for writer in writers:
            if writer is None or writer.transport.get_write_buffer_size() >= _MOST_WAITING:
                return False
            writer.write(line)
        return True

    async def _broadcast(self) -> None:
        whole_at, told = 0.0, frozenset[str]()
        while True:
            now = time.monotonic()
            misses = missed(self.heard, now)
            if self._news.is_set() or misses != told or now - whole_at >= WHOLE_SECONDS:
                self._news.clear()
                whole_at, told = now, misses
                self._send(json.dumps(self._view(), separators=(",", ":")).encode() + b"\n")
            else:
                self._send(_ALIVE)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_SECONDS):
                    await self._news.wait()

    def _send(self, line: bytes) -> None:
        for writer in self._writers.values():
            if writer.transport.get_write_buffer_size() < _MOST_WAITING:
                writer.write(line)

    async def _keep_connected(self, peer: Peer) -> None:
        context = mutual_context(ssl.PROTOCOL_TLS_CLIENT, self._own.certificate)
        while True:
            with contextlib.suppress(OSError, ssl.SSLError):  # TimeoutError is one of the first
                await self._connect(peer, context)
            await asyncio.sleep(_RETRY_SECONDS)

    async def _connect(self, peer: Peer, context: ssl.SSLContext) -> None:
        """Connect to a peer and stay so until it goes; what we send comes from `_broadcast`."""
        async with asyncio.timeout(_CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(peer.address, settings.PORT, ssl=context)
        _end_when_dead(writer)
        self._writers[peer.node] = writer
        self.push()
        self._clients.whole_next()
        try:
            await reader.read(1)  # a peer says nothing here: this ends with the connection
        finally:
            del self._writers[peer.node]
            writer.transport.abort()

    async def _listen(self) -> None:
        own = self._own
        await listen(self._receive, own.address, settings.PORT, own.certificate, longest=LONGEST, to="the other agents")

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _end_when_dead(writer)
        node = ""
        closed = False
        try:
            while line := await reader.readline():
                node = self._take(node, line)
            closed = True
        except ConnectionResetError:
            closed = True
        except (OSError, ValueError, ssl.SSLError):
            pass
        finally:
            writer.transport.abort()
        if closed and node in self.heard:
            self.heard[node] = replace(self.heard[node], closed=True)

    def _take(self, node: str, line: bytes) -> str:
        """Take a line of a peer in and return its name, which the first view tells; raise ValueError at nonsense."""
        now = time.monotonic()
        if line == _ASK:
            self.push()
        elif line == _ALIVE:
            if node in self.heard:
                self.heard[node] = replace(self.heard[node], alive_at=now, closed=False)
        else:
            said = json.loads(line)
            if not (isinstance(said, dict) and "clients" in said):
                return self._hear(said, now)
            if not node:
                raise ValueError("clients of nobody")
            self._clients.heard(node, said)
        return node

    def _hear(self, view: View, now: float) -> str:
        if not isinstance(view, dict) or view.get("node") not in {peer.node for peer in self._own.peers}:
            raise ValueError("not a view of a peer")
        node = str(view["node"])
        before = self.heard.get(node)
        self.heard[node] = Heard(view, now, now)
        self._on_heard(news=before is None or any(before.view.get(key) != view.get(key) for key in _TELLING))
        return node


async def listen(
    receive: Receive, address: str, port: int, certificate: str, *, longest: int, to: str,
    within: float = _CONNECT_SECONDS, again: float = _RETRY_SECONDS,
) -> None:
    """Listen to who has the cluster's own key, for ever; try again while the address is not there, early at boot.

    `longest`: bytes of a line; `to`: who that is, for the log; `within`: seconds for a handshake; `again`: seconds
    until the next try.
    """
    context = mutual_context(ssl.PROTOCOL_TLS_SERVER, certificate)
    while True:
        try:
            server = await asyncio.start_server(
                receive, address, port, ssl=context, limit=longest, ssl_handshake_timeout=within,
            )
        except OSError as error:
            log.warning("can't listen to %s yet: %s", to, error)
            await asyncio.sleep(again)
        else:
            async with server:
                await server.serve_forever()


def mutual_context(protocol: int, certificate: str) -> ssl.SSLContext:
    """Return a context in which both sides must have the cluster's own key."""
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VerifyFlags(_NO_CHECK_TIME)
    context.load_cert_chain(certificate)
    context.load_verify_locations(certificate)
    return context


def last_acknowledged(connection: socket.socket) -> float:
    """Return how many seconds ago the other side's kernel last acknowledged something, infinite when none tells.

    The source is `tcpi_last_ack_recv` of tcp(7)'s TCP_INFO, in milliseconds.
    """
    with contextlib.suppress(OSError):
        told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _ACK_AT + 4)
        if len(told) == _ACK_AT + 4:
            return int.from_bytes(told[_ACK_AT:], sys.byteorder) / 1000
    return math.inf


def _end_when_dead(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _USER_TIMEOUT_MS)
