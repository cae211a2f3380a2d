"""The journal being read, and what came of it being written, in turns.

A turn hands over what was gathered and writes it a few rows a second; only then the place in the journal is noted. So
nothing is lost by a crash or a database that is away: the journal is read again from there, and writing twice changes
nothing. While the database is away the newest state of each mailbox waits in memory; when that is much, the journal
waits, too.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from relevo.node_database import Silent
from relevo.trace.journal import follow
from relevo.use.counting import Counting
from relevo.use.database import Database
from relevo.use.gathering import Gathered, Gathering
from relevo.use.lines import parse
from relevo.use.settings import Settings

log = logging.getLogger(__name__)
ROWS = 200  # of one transaction
PAUSE = 1.0  # seconds between two transactions
_AGAIN = 10.0  # seconds; after the database was silent
_MOST = 200_000  # entries that wait in memory, 100 MiB or so; then the journal waits
_QUIET = 2.0  # seconds without a line: the journal has been read to its end
_DAY = 86400
_T = TypeVar("_T")


class Collector:
    """What runs on a node."""

    def __init__(self, own: Settings, database: Database) -> None:
        self._own, self._database = own, database
        self._gathering = Gathering(own.ignored, own.most_devices)
        self._cursor = self._read_cursor()
        self._last_line = self._last_heard = 0.0  # of the journal's line, and when it came
        self._full, self._room = asyncio.Event(), asyncio.Event()
        self._room.set()
        self._said = ""

    async def run(self) -> None:
        """Work for ever."""
        with contextlib.suppress(OSError):  # its age is for how long we have written nothing; who was away could not
            os.utime(self._own.cursor)
        counting = Counting(self._own, self._database)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._read())
            group.create_task(self._turns())
            group.create_task(counting.run())

    async def _read(self) -> None:
        since = int(time.time()) - self._own.journal_days * _DAY
        async for entry in follow(self._own.units, self._cursor, since):
            if event := parse(entry.line):
                self._gathering.take(event)
            self._cursor, self._last_line, self._last_heard = entry.cursor, entry.line.at / 1e6, time.time()
            if len(self._gathering) >= _MOST:
                self._room.clear()
                self._full.set()
            await self._room.wait()

    async def _turns(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._own.every):
                    await self._full.wait()
            self._full.clear()
            await self.turn()

    async def turn(self) -> None:
        """Write what was gathered, however long the database lets it wait; then note the place in the journal."""
        cursor, until = self._cursor, self._read_until()
        gathered = self._gathering.hand_over(int(until * 1e6))
        self._room.set()
        for write in self._writes(gathered):
            await self._insist(write)
            await asyncio.sleep(PAUSE)
        if self._is_active():
            await self._insist(lambda: self._database.write_reading(int(until * 1e6)))
        self._note_cursor(cursor)

    def _writes(self, gathered: Gathered) -> Iterator[Callable[[], None]]:
        for boxes in _parts(list(gathered.boxes.items())):
            yield lambda boxes=boxes: self._database.write_boxes(boxes)  # type: ignore[misc]
        for devices in _parts(list(gathered.devices.items())):
            yield lambda devices=devices: self._database.write_devices(devices)  # type: ignore[misc]

    async def _insist(self, write: Callable[[], None]) -> None:
        while True:
            try:
                await asyncio.to_thread(write)
            except Silent as error:
                self._say(f"the database does not answer ({error}): what is new waits here and in the journal")
                await asyncio.sleep(_AGAIN)
            else:
                self._say("")
                return

    def _read_until(self) -> float:
        """Return up to when all is gathered: now, unless older lines are still being read."""
        now = time.time()
        return now if now - self._last_heard > _QUIET or now - self._last_line < _QUIET else self._last_line

    def _is_active(self) -> bool:
        return Path(self._own.active).is_symlink()

    def _read_cursor(self) -> str:
        with contextlib.suppress(OSError):
            return Path(self._own.cursor).read_text(encoding="utf-8").strip()
        return ""

    def _note_cursor(self, cursor: str) -> None:
        path = Path(self._own.cursor)
        new = path.with_suffix(".new")
        new.write_text(cursor, encoding="utf-8")
        new.replace(path)

    def _say(self, trouble: str) -> None:
        """Tell the journal of each trouble once."""
        if trouble and trouble != self._said:
            log.warning("%s", trouble)
        if self._said and not trouble:
            log.info("the database answers again")
        self._said = trouble


def _parts(rows: Sequence[_T]) -> Iterator[Sequence[Any]]:
    return (rows[start:start + ROWS] for start in range(0, len(rows), ROWS))

