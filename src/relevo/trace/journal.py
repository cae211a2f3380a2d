"""The lines of the mail services out of the journal, as they come, behind a cursor: journalctl(1) follows it for us.

journald names a line's unit by itself: what another program writes in Postfix's name is not among these.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Sequence

from relevo.trace.index import Entry
from relevo.trace.lines import LONGEST, Line

log = logging.getLogger(__name__)
_AGAIN_SECONDS = 2.0
_LONGEST_ENTRY = 1 << 22  # bytes
_FIELDS = ("MESSAGE", "SYSLOG_IDENTIFIER", "SYSLOG_PID", "_PID")
POSTFIX_ID = 5001  # wires.POSTFIX_ID
# postsuper(1) also runs in a shell; and it has often ended before journald looks of which unit it was. Its user the
# kernel tells with the line: root, or Postfix's own, which it becomes.
_BY_HAND = ("+", "SYSLOG_IDENTIFIER=postfix/postsuper", "_UID=0", f"_UID={POSTFIX_ID}")


async def follow(units: Sequence[str], cursor: str, since: int) -> AsyncIterator[Entry]:
    """Give all lines behind a cursor, for ever; without one those since then (seconds since 1970)."""
    while True:
        child = await asyncio.create_subprocess_exec(
            *command(units, cursor, since), stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, limit=_LONGEST_ENTRY,
        )
        try:
            while text := await _read(child):
                if found := entry(text):
                    cursor = found.cursor
                    yield found
        finally:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            ended = await child.wait()
        log.warning("journalctl has ended (%s): it is started again", ended)
        await asyncio.sleep(_AGAIN_SECONDS)


def command(units: Sequence[str], cursor: str, since: int) -> list[str]:
    """Return the command that follows the journal.

    Without `--merge`, `--follow` would leave out what was before this start of the machine: its last words before a
    power cut. And where processes are hidden in a container it would follow nothing at all, for there this start has
    another name.
    """
    start = f"--after-cursor={cursor}" if cursor else f"--since=@{since}"
    return [
        "journalctl", "--merge", "--follow", "--no-tail", "--quiet", "--all", "--output=json", start,
        f"--output-fields={','.join(_FIELDS)}", *(f"_SYSTEMD_UNIT={unit}" for unit in units), *_BY_HAND,
    ]


def entry(text: bytes) -> Entry | None:
    """Return a line of the journal in journalctl's JSON; None for what is no line of a program."""
    try:
        told = json.loads(text)
        line = Line(
            int(told["__REALTIME_TIMESTAMP"]), _text(told["SYSLOG_IDENTIFIER"]),
            int(_text(told.get("SYSLOG_PID") or told.get("_PID") or "0")), _text(told["MESSAGE"])[:LONGEST],
        )
        return Entry(line, str(told["_BOOT_ID"]), str(told["__CURSOR"]))
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


async def _read(child: asyncio.subprocess.Process) -> bytes:
    if child.stdout is None:
        raise TypeError("no pipe")
    try:
        return await child.stdout.readline()
    except ValueError:  # a line that is too long; what is left of it is no JSON
        return b"\n"


def _text(value: object) -> str:
    """Return a field's text: bytes that are no UTF-8 come as a list of numbers, a field that is there twice as a list.

    Raises TypeError when there is none.
    """
    if isinstance(value, list):
        value = bytes(value).decode(errors="replace") if all(isinstance(one, int) for one in value) else value[0]
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
