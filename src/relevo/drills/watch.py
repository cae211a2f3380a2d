"""Probe the platform many times a second from outside while something is broken, and note every answer.

Method: each probe starts a new exchange on its own grid (20 ms, or 200 to 500 ms where a login costs the server a
password hash), over a NEW TCP connection, whether or not earlier ones have ended. Connecting must succeed within 0.5 s,
so that the kernel's repetition of a lost SYN after 1 s never hides a recovery; the rest of the exchange may take up to
4 s (a mail server lets an address that it doesn't know wait 2 s for its banner, and that counts).
All run in one thread of their own, in one asyncio loop.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self

from relevo.drills.outage import Outage, Sample, outage, steady
from relevo.drills.waiting import describe, eventually
from relevo.errors import DrillError
from relevo.i18n import _

CONNECT_SECONDS = 0.5
EXCHANGE_SECONDS = 4.0
CALM_SECONDS = 3.0  # how long all must answer before a fault counts as over
_BEFORE_SECONDS = 30.0


class UnexpectedAnswer(DrillError):  # noqa: N818 - the event, as the probe meets it
    """The other side said something else than it should."""


class NoRoom(Exception):  # noqa: N818 - the situation
    """Enough connections of this exchange are open: servers limit what one address may have; this one isn't counted."""


@dataclass
class Room:
    """Places for connections that were answered; those that are still being made don't need one."""

    places: int

    @contextmanager
    def place(self) -> Iterator[None]:
        """Take a place for a while; raise NoRoom when there is none."""
        if not self.places:
            raise NoRoom
        self.places -= 1
        try:
            yield
        finally:
            self.places += 1


@dataclass(frozen=True)
class Exchange:
    """One kind of exchange: its protocol, what it does in words, its grid in seconds.

    `perform` does it and returns what it saw; OSError, EOFError, UnexpectedAnswer are failures, NoRoom doesn't count.
    """

    protocol: str
    does: str
    every: float
    perform: Callable[[], Awaitable[str]]


@dataclass
class _Track:
    exchange: Exchange
    samples: list[Sample] = field(default_factory=list)
    under_way: set[asyncio.Task[None]] = field(default_factory=set)


class Watch:
    """Run exchanges in the background. Use it as a context manager: on entry it waits until each has been good once."""

    def __init__(self, exchanges: Sequence[Exchange]) -> None:
        self._tracks = [_Track(exchange) for exchange in exchanges]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._all()), name="drill-watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            for track in self._tracks:
                self._wait_for_first(track)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def until_steady(self, since: float, *, within: float) -> None:
        """Wait until every exchange has been good for 3 s, at most `within` seconds; then return in any case."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            now = time.monotonic()
            if all(steady(list(track.samples), since, now, CALM_SECONDS) for track in self._tracks):
                return
            time.sleep(0.05)

    def outages(self, since: float, until: float | None = None) -> list[tuple[Exchange, Outage]]:
        """Return what each exchange saw from `since` until then, or until now."""
        end = time.monotonic() if until is None else until
        return [(track.exchange, outage(list(track.samples), since, end)) for track in self._tracks]

    def _wait_for_first(self, track: _Track) -> None:
        def answered() -> bool:
            samples = list(track.samples)
            if samples and not any(sample.good for sample in samples):
                raise UnexpectedAnswer(samples[-1].seen)
            return bool(samples)

        text = _("{protocol} ({does}) to answer before the fault")
        what = text.format(protocol=track.exchange.protocol, does=track.exchange.does)
        eventually(answered, within=_BEFORE_SECONDS, what=what, every=0.05)

    def _end(self) -> None:
        self._stop.set()
        self._thread.join(timeout=EXCHANGE_SECONDS + 2)

    async def _all(self) -> None:
        await asyncio.gather(*(self._repeat(track) for track in self._tracks))

    async def _repeat(self, track: _Track) -> None:
        due = time.monotonic()
        while not self._stop.is_set():
            task = asyncio.create_task(_once(track))
            track.under_way.add(task)
            task.add_done_callback(track.under_way.discard)
            due = max(due + track.exchange.every, time.monotonic())
            await asyncio.sleep(due - time.monotonic())
        for task in track.under_way:
            task.cancel()


async def _once(track: _Track) -> None:
    started = time.monotonic()
    try:
        async with asyncio.timeout(EXCHANGE_SECONDS):
            seen, good = await track.exchange.perform(), True
    except TimeoutError:
        seen, good = "no answer in time", False
    except NoRoom:
        return
    except (OSError, EOFError, UnexpectedAnswer) as trouble:
        seen, good = describe(trouble), False
    track.samples.append(Sample(started, time.monotonic(), good, seen))
