"""Follows Postfix's journal for `relevo.queue.flow`, keeps the counts on the disk, and hears the other node's.

Everything of it is a by-product: without the journal, or with a file that is damaged, the rest of the service goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from relevo.queue.flow import HOUR, HOURS, Flow
from relevo.queue.peer import Silent

log = logging.getLogger(__name__)
PEER_SECONDS, KEEP_SECONDS, AGAIN_SECONDS = 30.0, 60.0, 10.0
_PIECE = 1 << 16  # bytes that are counted at a stretch: a millisecond
_QUESTION = b'{"do": "flow", "here": true}\n'


class Journal:
    """The counts of this node and, as they were last told, those of the other mail nodes."""

    def __init__(
        self, units: tuple[str, ...], file: str, peers: tuple[str, ...],
        ask_peer: Callable[[str, bytes], Awaitable[dict[str, Any]]],
    ) -> None:
        """Take systemd's units of Postfix, where the counts are kept, the other mail nodes, and what asks one."""
        self._units, self._file, self._ask_peer = units, Path(file), ask_peer
        self._flow = _read(self._file)
        self._heard: dict[str, tuple[float, dict[str, Any]]] = {}
        self._why = dict.fromkeys(peers, "it was not asked yet")
        self._here = "the journal was not read yet"

    async def run(self) -> None:
        """Count for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow())
            group.create_task(self._keep())
            for node in self._why:
                group.create_task(self._hear(node))

    def told(self, node: str) -> list[dict[str, Any]]:
        """Return the counts of this node, whose name is given."""
        return [{"at": node, "age": 0.0, "error": self._here, **self._flow.told()}]

    def told_of_others(self) -> list[dict[str, Any]]:
        """Return those of the others: `age` is in seconds, null when nothing was ever heard."""
        now = time.monotonic()
        nothing: dict[str, Any] = {"hours": [], "totals": {}}
        return [
            {"at": node, "age": round(now - self._heard[node][0], 1), "error": why, **self._heard[node][1]}
            if node in self._heard else {"at": node, "age": None, "error": why, **nothing}
            for node, why in self._why.items()
        ]

    async def _follow(self) -> None:
        while True:
            try:
                await self._count(await self._journal())
                self._here = "journalctl has ended"
            except OSError as error:
                self._here = f"journalctl could not be started: {error.strerror}"
            await asyncio.sleep(AGAIN_SECONDS)

    async def _journal(self) -> Process:
        """Have the journal told from the last line on, and what comes then.

        Without `--merge`, `--follow` would leave out what was before this start of the machine.
        """
        since = max(self._flow.last, time.time() - HOURS * HOUR)
        matches = [f"_SYSTEMD_UNIT={unit}" for unit in self._units]
        return await asyncio.create_subprocess_exec(
            "journalctl", "--quiet", "--merge", "--follow", "--no-tail", "--no-pager", "--output=short-unix",
            f"--since=@{since:.0f}", *matches, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL,
        )

    async def _count(self, child: Process) -> None:
        """Count what is told, whole lines at a time."""
        self._flow.resume()
        self._here, rest = "", b""
        try:
            while child.stdout and (piece := await child.stdout.read(_PIECE)):
                whole, _, rest = (rest + piece).rpartition(b"\n")
                self._flow.take(whole.splitlines())
                await asyncio.sleep(0)  # a day of lines must not hold up who asks for the queue
            await child.wait()
        finally:
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
                await child.wait()

    async def _hear(self, node: str) -> None:
        while True:
            try:
                told = (await self._ask_peer(node, _QUESTION))["flows"][0]
                self._heard[node] = time.monotonic(), {"hours": told["hours"], "totals": told["totals"]}
                self._why[node] = str(told["error"])
            except (Silent, LookupError, TypeError) as why:
                self._why[node] = str(why) if isinstance(why, Silent) else "it answers strangely"
            await asyncio.sleep(PEER_SECONDS)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(KEEP_SECONDS)
            try:
                await asyncio.to_thread(_write, self._file, json.dumps(self._flow.kept()))
            except OSError as error:
                log.warning("%s can't be written: %s", self._file, error.strerror)


def _read(file: Path) -> Flow:
    try:
        return Flow(json.loads(file.read_text(encoding="ascii")))
    except FileNotFoundError:
        return Flow()
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        log.warning("%s is damaged: mail is counted anew", file)
        return Flow()


def _write(file: Path, text: str) -> None:
    new = file.with_name(file.name + ".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(text)
    new.replace(file)
