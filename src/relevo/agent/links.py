"""The agents' talk: each sends its view to the others over TLS several times a second, and at once when it changes.

All agents of a cluster share one key and one certificate, made from a secret of the cluster: a peer is who has the key.
The platform's own certificate is not used: the storage machine has none, a public authority may sign anybody's, and
the talk must go on when it has ended or a clock is wrong.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from relevo.agent import settings
from relevo.agent.settings import Peer, Settings
from relevo.agent.view import View

log = logging.getLogger(__name__)
EVERY_SECONDS = 0.2
_CONNECT_SECONDS = 2.0
_RETRY_SECONDS = 0.5
_USER_TIMEOUT_MS = 2000  # a dead peer's connection ends after this, not after the kernel's 15 minutes
_LONGEST_VIEW = 1 << 18
_TELLING = ("faults", "weight", "holder", "keepalived")
_NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME: the key is what counts, whatever a clock says


class OnHeard(Protocol):
    """What is called when a peer's view has come; `news`: it differs from the last one in what matters."""

    def __call__(self, *, news: bool) -> None:
        """Take note."""


@dataclass(frozen=True)
class Heard:
    """The last view of a peer, and when it came on our monotonic clock."""

    view: View
    at: float


class Links:
    """Connections from and to the agents of the other machines."""

    def __init__(self, own: Settings, view: Callable[[], View], on_heard: OnHeard) -> None:
        """Take our settings, the function that makes our view, and what to call when a peer's view has come."""
        self._own = own
        self._view = view
        self._on_heard = on_heard
        self.heard: dict[str, Heard] = {}
        self._changed = asyncio.Condition()

    async def run(self) -> None:
        """Listen, and talk to every peer, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            for peer in self._own.peers:
                group.create_task(self._talk(peer))

    async def push(self) -> None:
        """Send our view now, not at the next turn."""
        async with self._changed:
            self._changed.notify_all()

    async def _listen(self) -> None:
        context = _context(ssl.PROTOCOL_TLS_SERVER, self._own.certificate)
        while True:
            try:
                server = await asyncio.start_server(
                    self._receive, self._own.address, settings.PORT, ssl=context, limit=_LONGEST_VIEW,
                    ssl_handshake_timeout=_CONNECT_SECONDS,
                )
            except OSError as error:  # the address is not there yet, early at boot
                log.warning("can't listen to the other agents yet: %s", error)
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                async with server:
                    await server.serve_forever()

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _end_when_dead(writer)
        names = {peer.node for peer in self._own.peers}
        with contextlib.suppress(OSError, ValueError, ssl.SSLError):
            while line := await reader.readline():
                view = json.loads(line)
                if not isinstance(view, dict) or view.get("node") not in names:
                    break
                self._hear(view)
        writer.close()

    def _hear(self, view: View) -> None:
        before = self.heard.get(view["node"])
        self.heard[view["node"]] = Heard(view, time.monotonic())
        self._on_heard(news=before is None or any(before.view.get(key) != view.get(key) for key in _TELLING))

    async def _talk(self, peer: Peer) -> None:
        context = _context(ssl.PROTOCOL_TLS_CLIENT, self._own.certificate)
        while True:
            with contextlib.suppress(OSError, ssl.SSLError):  # TimeoutError is one of the first
                await self._send_views(peer, context)
            await asyncio.sleep(_RETRY_SECONDS)

    async def _send_views(self, peer: Peer, context: ssl.SSLContext) -> None:
        async with asyncio.timeout(_CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(peer.address, settings.PORT, ssl=context)
        _end_when_dead(writer)
        try:
            while True:
                writer.write(json.dumps(self._view(), separators=(",", ":")).encode() + b"\n")
                async with asyncio.timeout(_CONNECT_SECONDS):
                    await writer.drain()
                await self._next_turn()
        finally:
            writer.transport.abort()

    async def _next_turn(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(EVERY_SECONDS), self._changed:
                await self._changed.wait()


def _context(protocol: int, certificate: str) -> ssl.SSLContext:
    """Return a context in which both sides must have the cluster's own key."""
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VerifyFlags(_NO_CHECK_TIME)
    context.load_cert_chain(certificate)
    context.load_verify_locations(certificate)
    return context


def _end_when_dead(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _USER_TIMEOUT_MS)
