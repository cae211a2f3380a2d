"""The local socket: one line in (`view`, `history` or `metrics`), the answer out, then the connection is closed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Callable
from typing import Any

from relevo.agent.metrics import exposition
from relevo.agent.view import View

_REQUEST_SECONDS = 5.0


async def serve(path: str, whole_view: Callable[[], View], history: Callable[[], list[dict[str, Any]]]) -> None:
    """Answer on the UNIX socket at `path` (0660) for ever."""
    answers: dict[bytes, Callable[[], str]] = {
        b"view": lambda: json.dumps(whole_view()) + "\n",
        b"history": lambda: json.dumps(history()) + "\n",
        b"metrics": lambda: exposition(whole_view()),
    }

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError):
            async with asyncio.timeout(_REQUEST_SECONDS):
                request = (await reader.readline()).strip()
                writer.write(answers.get(request, answers[b"view"])().encode())
                await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(answer, path, limit=1024)
    os.chmod(path, 0o660)  # noqa: PTH101 - /run is memory: it does not block
    async with server:
        await server.serve_forever()
