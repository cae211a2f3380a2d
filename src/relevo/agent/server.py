"""The local socket: one line in, the answer out, then the connection is closed.

`view`, `history` and `metrics` tell; `switchover`, `drain`, `undrain` and `forgive` are orders (`relevo.agent.planned`)
that only root may give: the answer is `{"refused": why}`, with why "" when it is done.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Callable
from typing import Any

from relevo.agent.credentials import uid_of
from relevo.agent.metrics import exposition
from relevo.agent.pace import paced
from relevo.agent.planned import ORDERS
from relevo.agent.view import View

_REQUEST_SECONDS = paced(5.0)


async def serve(
    path: str, whole_view: Callable[[], View], history: Callable[[], list[dict[str, Any]]], obey: Callable[[str], str],
) -> None:
    """Answer on the UNIX socket at `path` (0660) for ever."""
    answers: dict[bytes, Callable[[], str]] = {
        b"view": lambda: json.dumps(whole_view()) + "\n",
        b"history": lambda: json.dumps(history()) + "\n",
        b"metrics": lambda: exposition(whole_view()),
    }

    def answer_to(request: bytes, writer: asyncio.StreamWriter) -> str:
        if (order := request.decode(errors="replace")) in ORDERS:
            refused = obey(order) if uid_of(writer) == 0 else "only root may give orders"
            return json.dumps({"refused": refused}) + "\n"
        return answers.get(request, answers[b"view"])()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError):
            async with asyncio.timeout(_REQUEST_SECONDS):
                request = (await reader.readline()).strip()
                writer.write(answer_to(request, writer).encode())
                await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(answer, path, limit=1024)
    os.chmod(path, 0o660)  # noqa: PTH101 - /run is memory: it does not block
    async with server:
        await server.serve_forever()
