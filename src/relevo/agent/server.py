"""The local socket: one line in (`view` or `metrics`), the answer out, then the connection is closed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Callable

from relevo.agent.metrics import exposition
from relevo.agent.view import View

_REQUEST_SECONDS = 5.0


async def serve(path: str, whole_view: Callable[[], View]) -> None:
    """Answer on the UNIX socket at `path` (0660) for ever."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError):
            async with asyncio.timeout(_REQUEST_SECONDS):
                request = (await reader.readline()).strip()
                text = exposition(whole_view()) if request == b"metrics" else json.dumps(whole_view()) + "\n"
                writer.write(text.encode())
                await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(answer, path, limit=1024)
    os.chmod(path, 0o660)  # noqa: PTH101 - /run is memory: it does not block
    async with server:
        await server.serve_forever()
