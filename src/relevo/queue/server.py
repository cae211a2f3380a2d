"""The socket for this node's own programs, and the port for the other node: a line in, a line out, then it is closed.

Who may speak: at the socket root and the users that the configuration names; at the port who has the agents' key and
comes from a mail node.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import pwd
import socket
import ssl
import sys
from typing import Any

from relevo.agent.credentials import uid_of
from relevo.agent.links import listen
from relevo.queue import peer
from relevo.queue.answers import Answer, Answers
from relevo.queue.journal import Journal
from relevo.queue.questions import LONGEST, Refused, parse
from relevo.queue.queues import Queues
from relevo.queue.settings import Settings
from relevo.trace import answers

log = logging.getLogger(__name__)
_REQUEST_SECONDS, _SECONDS = 5.0, 30.0  # until the question has come; until the answer has gone
_MOST_AT_ONCE = 16  # questions; more wait
_RETRY_SECONDS = 2.0
_FROM_SYSTEMD = 3  # sd_listen_fds(3)
# systemd's socket is systemd's: from Python 3.13 on asyncio would remove its file when it stops listening.
_STAYS: dict[str, Any] = {"cleanup_socket": False} if sys.version_info >= (3, 13) else {}


async def serve(own: Settings) -> None:
    """Answer as this node, for ever."""

    async def ask_peer(node: str, question: bytes) -> Answer:
        return await peer.ask(own.peers[node], own.port, own.certificate, question)

    async def ask_index(question: Answer) -> Answer:
        return await answers.ask_index(own.index, question)

    flow = Journal(own.units, own.flow, tuple(own.peers), ask_peer)
    replies = Answers(own.node, tuple(own.peers), Queues(own), ask_peer, ask_index, flow=flow)
    async with asyncio.TaskGroup() as group:
        group.create_task(_Server(own, replies).run())
        group.create_task(flow.run())


class _Server:
    """Both doors."""

    def __init__(self, own: Settings, answers: Answers) -> None:
        self._own, self._answers = own, answers
        self._room = asyncio.Semaphore(_MOST_AT_ONCE)

    async def run(self) -> None:
        """Answer for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._local())
            group.create_task(self._remote())

    async def _local(self) -> None:
        if os.environ.get("LISTEN_PID") == str(os.getpid()):
            given = socket.socket(fileno=_FROM_SYSTEMD)
            server = await asyncio.start_unix_server(self._serve_local, sock=given, limit=LONGEST, **_STAYS)
        else:
            server = await asyncio.start_unix_server(self._serve_local, self._own.socket, limit=LONGEST)
        async with server:
            await server.serve_forever()

    async def _remote(self) -> None:
        own = self._own
        await listen(
            self._serve_remote, own.address, own.port, own.certificate, longest=LONGEST, to="the other mail node",
            within=_REQUEST_SECONDS, again=_RETRY_SECONDS,
        )

    async def _serve_local(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._serve(reader, writer, allowed=_may_ask(uid_of(writer), self._own.users), here=False)

    async def _serve_remote(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        comes_from = str(writer.get_extra_info("peername")[0])
        await self._serve(reader, writer, allowed=comes_from in self._own.peers.values(), here=True)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, allowed: bool, here: bool
    ) -> None:
        """Answer one question; one from the other node must not be passed on."""
        try:
            async with self._room, asyncio.timeout(_SECONDS):
                answer = await self._answer(reader, allowed=allowed, here=here)
                writer.write(json.dumps(answer, separators=(",", ":")).encode() + b"\n")
                await writer.drain()
        except (OSError, ValueError, EOFError, ssl.SSLError):  # TimeoutError is one of the first
            pass
        finally:
            with contextlib.suppress(OSError, ssl.SSLError):
                writer.close()

    async def _answer(self, reader: asyncio.StreamReader, *, allowed: bool, here: bool) -> Answer:
        async with asyncio.timeout(_REQUEST_SECONDS):
            line = await reader.readuntil(b"\n")
        if not allowed:
            return {"refused": "you may not ask"}
        try:
            question = parse(line)
        except Refused as why:
            return {"refused": str(why)}
        if here and not question.here:
            return {"refused": "another node asks for what is here alone"}
        return await self._answers.answer(question)


def _may_ask(uid: int, users: tuple[str, ...]) -> bool:
    if uid == 0:
        return True
    try:
        return pwd.getpwuid(uid).pw_name in users
    except KeyError:
        return False
