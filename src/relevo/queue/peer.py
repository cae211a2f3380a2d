"""The other node: a question over TLS in which both sides must have the key that the cluster's agents share."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from typing import Any

from relevo.agent.links import mutual_context

LONGEST = 1 << 24  # bytes of an answer
_CONNECT_SECONDS, _ANSWER_SECONDS = 2.0, 16.0


class Silent(Exception):  # noqa: N818 - the state, as whoever asks reads it
    """The other node does not answer."""


async def ask(address: str, port: int, certificate: str, question: bytes) -> dict[str, Any]:
    """Return the answer to a question; raise Silent when none comes in time."""
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            return await _exchange(address, port, certificate, question)
    except TimeoutError:
        raise Silent("it does not answer in time") from None
    except (OSError, ValueError, EOFError) as error:
        raise Silent(str(getattr(error, "strerror", "") or error)) from None


async def _exchange(address: str, port: int, certificate: str, question: bytes) -> dict[str, Any]:
    context = mutual_context(ssl.PROTOCOL_TLS_CLIENT, certificate)
    async with asyncio.timeout(_CONNECT_SECONDS):
        reader, writer = await asyncio.open_connection(address, port, ssl=context, limit=LONGEST)
    try:
        writer.write(question)
        await writer.drain()
        answer = json.loads(await reader.readuntil(b"\n"))
    finally:
        with contextlib.suppress(OSError):
            writer.transport.abort()
    if not isinstance(answer, dict):
        raise ValueError("not an answer")  # noqa: TRY004 - of the other node, not of the caller
    return answer
