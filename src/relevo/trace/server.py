"""The index being kept, and the socket on which it is asked: a line of JSON in, one out, then it is closed.

    {"do": "find", "wanted": {...}}     {"found": [[at, key], ...], "cut": bool, "since": the oldest, "behind": seconds}
    {"do": "gather", "keys": [...]}     {"parts": [...]}
    {"do": "state"}                     {"silent": seconds since the last line of the journal, or since its begin}
    anything else                       {"refused": why}

The journal is read in portions: one a second at most while mail flows, and nothing is written while nothing comes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sqlite3
import time
from typing import Any

from relevo.trace import finding, questions
from relevo.trace.forgetting import forget
from relevo.trace.index import Entry, Index
from relevo.trace.journal import follow
from relevo.trace.settings import Settings

log = logging.getLogger(__name__)
LONGEST = 1 << 18  # bytes of a question
_PORTION, _PORTION_SECONDS = 5000, 1.0
_IDLE_SECONDS = 60.0  # so often the cursor is written when nothing of what comes is about a message
_FORGET_SECONDS = 600.0
_REQUEST_SECONDS = 5.0
_MOST_AT_ONCE = 4
_DAY = 86400


async def serve(own: Settings) -> None:
    """Keep the index of this node and answer, for ever."""
    async with asyncio.TaskGroup() as group:
        keeper = Keeper(own)
        group.create_task(keeper.run())
        group.create_task(_answer(own, keeper))


class Keeper:
    """The journal's reader."""

    def __init__(self, own: Settings) -> None:
        self._own, self._index = own, Index(own.index, own.node)
        self._waiting: list[Entry] = []
        self._some, self._full, self._room = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._written = self._forgotten = 0.0
        self.behind = 0.0  # seconds: how old the lines are that are being read
        self._heard = time.monotonic()  # when the last line came

    def state(self, line: bytes) -> dict[str, Any]:
        """Return what the reader alone knows when that is what is asked; nothing otherwise."""
        with contextlib.suppress(ValueError, RecursionError):
            if json.loads(line) == {"do": "state"}:
                return {"silent": int(time.monotonic() - self._heard)}
        return {}

    async def run(self) -> None:
        """Read the journal for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._fill())
            group.create_task(self._empty())

    async def _fill(self) -> None:
        own = self._own
        async for entry in follow(own.units, self._index.cursor, int(time.time()) - own.days * _DAY):
            self._heard = time.monotonic()
            self._waiting.append(entry)
            self._some.set()
            if len(self._waiting) >= _PORTION:
                self._room.clear()
                self._full.set()
                await self._room.wait()

    async def _empty(self) -> None:
        """Take what has come, a second after its first line, or at once when it is much."""
        while True:
            await self._some.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PORTION_SECONDS):
                    await self._full.wait()
            portion, self._waiting = self._waiting, []
            self._some.clear()
            self._full.clear()
            self._room.set()
            self.behind = time.time() - portion[-1].line.at / 1e6 if len(portion) >= _PORTION else 0.0
            await asyncio.to_thread(self._take, portion)

    def _take(self, portion: list[Entry]) -> None:
        """Put a portion into the index; where nothing is about a message the cursor alone is written, now and then."""
        self._index.take(portion)
        now = time.monotonic()
        if not self._index.has_news and now < self._written + _IDLE_SECONDS:
            return
        self._index.write()
        self._written = now
        if now > self._forgotten + _FORGET_SECONDS:
            forget(self._index.db, time.time_ns() // 1000, self._own.days, self._own.most_mb << 20)
            self._forgotten = now


async def _answer(own: Settings, keeper: Keeper) -> None:
    room = asyncio.Semaphore(_MOST_AT_ONCE)

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError, EOFError):
            async with room, asyncio.timeout(_REQUEST_SECONDS):
                line = await reader.readuntil(b"\n")
            async with room:
                told = keeper.state(line) or await asyncio.to_thread(answer, own.index, line)
            if "found" in told:
                told["behind"] = int(keeper.behind)
            writer.write(json.dumps(told, separators=(",", ":")).encode() + b"\n")
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.close()

    server = await asyncio.start_unix_server(one, own.socket, limit=LONGEST)  # in a directory of root's and its own
    async with server:
        await server.serve_forever()


def answer(index: str, line: bytes) -> dict[str, Any]:
    """Return what the index says."""
    try:
        told = json.loads(line)
        if isinstance(told, dict) and told.get("do") == "find":
            return finding.find(index, questions.wanted(told.get("wanted")))
        if isinstance(told, dict) and told.get("do") == "gather":
            return {"parts": finding.gather(index, questions.keys(told.get("keys")))}
    except (ValueError, RecursionError):
        return {"refused": "not a line of JSON"}
    except questions.Refused as why:
        return {"refused": str(why)}
    except sqlite3.Error as error:
        return {"refused": f"the index can't be read: {error}"}
    return {"refused": "none of what can be asked"}
