"""The commands of Postfix for one of its queues: argument lists, each with a deadline; many ids go by stdin.

A storage that hangs holds a command beyond the reach of any signal: it is left to itself then, and who asks is told.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Iterator, Sequence

from relevo.queue.listing import Selection

_LIST_SECONDS, _CHANGE_SECONDS, _HEADER_SECONDS = 12.0, 12.0, 5.0
_LONGEST_LINE = 1 << 26  # bytes: a message to a list of 100,000 recipients
MOST_HEADERS = 1 << 16  # bytes told of a message's headers
_LISTS = 3  # of one queue at once
_AT_ONCE = 8  # messages that are tried again side by side
_SAID = 400  # characters of a command's complaint
_FLAGS = {"hold": "-h", "release": "-H", "delete": "-d"}
# What postsuper(1) says of each message that it has changed.
_DONE = re.compile(r"^postsuper: (\w+): (?:removed|placed on hold|released from hold)$", re.MULTILINE)


class Unreadable(Exception):  # noqa: N818 - the state, as whoever asks reads it
    """The queue could not be read or changed; the text says what Postfix said."""


class Postfix:
    """One instance of Postfix, named by the directory of its configuration."""

    def __init__(self, configuration: str) -> None:
        self._configuration = configuration
        self._turns = asyncio.Semaphore(_LISTS)
        self._leaving: set[asyncio.Task[None]] = set()

    async def look(self, selection: Selection) -> bool:
        """Give the messages of the queue to `selection`; return whether that were all, as far as it wants them.

        A queue that is too long for the time is looked at in part: it is then that people ask. Raises Unreadable when
        nothing comes at all. While a storage hangs, no more than a few commands are sent after each other.
        """
        try:
            async with asyncio.timeout(_LIST_SECONDS):
                await self._turns.acquire()
                await self._look(selection)
        except TimeoutError:
            if not selection.looked_at:
                raise Unreadable(f"its list did not come within {_LIST_SECONDS:g} s") from None
            return False
        return True

    async def _look(self, selection: Selection) -> None:
        """Look when there is room, which is taken until the command is gone for sure."""
        try:
            child = await self._start("postqueue", "-j")
        except BaseException:
            self._turns.release()
            raise
        try:
            with _ended(child):
                await _listed(child, selection)
        finally:
            leaving = asyncio.ensure_future(self._leave(child))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)

    async def _leave(self, child: Process) -> None:
        await child.wait()
        self._turns.release()

    async def headers(self, number: str) -> bytes:
        """Return the headers of a message as they are, MOST_HEADERS at most; raise Unreadable when it is not there."""
        try:
            async with asyncio.timeout(_HEADER_SECONDS):
                child = await self._start("postcat", "-h", "-q", number, limit=MOST_HEADERS)
                with _ended(child):
                    text = await _some(child, MOST_HEADERS)
                    if not text and await child.wait():
                        raise Unreadable(await _complaint(child))
                    return text
        except TimeoutError:
            raise Unreadable(f"its headers did not come within {_HEADER_SECONDS:g} s") from None

    async def change(self, do: str, ids: Sequence[str]) -> list[str]:
        """Hold, release or delete messages; return those that were there."""
        said = await self._said("postsuper", _FLAGS[do], "-", stdin="".join(f"{one}\n" for one in ids))
        done = set(_DONE.findall(said))
        return [one for one in ids if one in done]

    async def retry(self, ids: Sequence[str]) -> list[str]:
        """Have messages tried now; return those that Postfix has taken the order for."""
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(number: str) -> str:
            async with turns:
                await self._said("postqueue", "-i", number)
            return number

        return list(await asyncio.gather(*map(one, ids)))

    async def retry_all(self) -> None:
        """Have everything tried now."""
        await self._said("postqueue", "-f")

    async def _said(self, command: str, *words: str, stdin: str = "") -> str:
        """Run a command and return what it told; raise Unreadable when it fails."""
        child = None
        try:
            async with asyncio.timeout(_CHANGE_SECONDS):
                child = await self._start(command, *words, stdin=PIPE)
                with _ended(child):
                    _out, told = await child.communicate(stdin.encode())
        except TimeoutError:
            raise Unreadable(f"{command} did not end within {_CHANGE_SECONDS:g} s: look whether it was done") from None
        text = told.decode(errors="replace")
        if child.returncode:
            raise Unreadable(_short(text))
        return text

    async def _start(self, command: str, *words: str, stdin: int = DEVNULL, limit: int = _LONGEST_LINE) -> Process:
        try:
            return await asyncio.create_subprocess_exec(
                command, "-c", self._configuration, *words, stdin=stdin, stdout=PIPE, stderr=PIPE, limit=limit,
            )
        except OSError as error:
            raise Unreadable(f"{command} could not be started: {error.strerror}") from None


async def _listed(child: Process, selection: Selection) -> None:
    complaint = asyncio.ensure_future(_complaint(child))
    try:
        while line := await _pipe(child.stdout).readline():
            selection.take(line)
            if selection.is_satisfied:
                return
        if await child.wait():
            raise Unreadable(await complaint)
    except ValueError as error:
        raise Unreadable(f"its list can't be understood: {error}") from None
    finally:
        complaint.cancel()


async def _some(child: Process, most: int) -> bytes:
    """Return the beginning of what a command writes; the rest is read, too, and let go."""
    found = b""
    while piece := await _pipe(child.stdout).read(most):
        found += piece[: most - len(found)]
    return found


async def _complaint(child: Process) -> str:
    """Return the end of what a command says on its standard error."""
    text = b""
    while piece := await _pipe(child.stderr).read(4096):
        text = (text + piece)[-4096:]
    return _short(text.decode(errors="replace"))


def _short(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return (lines[-1] if lines else "Postfix gave no reason")[:_SAID]


def _pipe(stream: asyncio.StreamReader | None) -> asyncio.StreamReader:
    if stream is None:
        raise TypeError("no pipe")
    return stream


@contextlib.contextmanager
def _ended(child: Process) -> Iterator[None]:
    """Have a command ended when its time is over, without waiting for that: it may hang in the storage."""
    try:
        yield
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
