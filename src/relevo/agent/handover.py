"""A switchover, step by step, on both sides. Each side tells the other in its view where it is; see `Handover.view`.

    old holder: gives      new deliveries wait, those under way end; the address is on lo, too
    successor:  receives   passes on to the old holder what belongs to none of its own sessions
    old holder             lets keepalived move the address, and keeps the sessions of SMTP until they are idle or over;
                           what they bring is delivered to the successor. One that never pauses is not heard any more in
                           the end, so that it gets the answer to its last message, and none is cut short behind it
    old holder: -          the address leaves lo
    successor:  -          passes on nothing any more

Nothing waits for a side that does not answer: the old holder goes on alone after `READY_SECONDS`, the successor ends it
when the other falls silent. An interrupted one is cleaned up when the agent starts anew.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from relevo.agent.barriers import BarrierError
from relevo.agent.pace import paced
from relevo.agent.passage import Passage, Session

log = logging.getLogger(__name__)
READY_SECONDS = paced(3.0)  # for deliveries under way to end, and for the other side to make ready
MOVE_SECONDS = paced(5.0)  # for the address to move; then the switchover is given up
SESSION_SECONDS = 60.0  # how long a session may go on after the move, one message after the other
LAST_SECONDS = 120.0  # and how long when it never pauses between two: then we hear no more of it
ANSWER_SECONDS = 30.0  # after which the answer that it still waits for must have gone out, if there is to be one
LONGEST_SECONDS = READY_SECONDS + MOVE_SECONDS + LAST_SECONDS + ANSWER_SECONDS  # of a whole switchover
# A client with nothing to say for so long, and twice the way to it and back, is between two messages, not within one.
BETWEEN_SECONDS = 0.25
IDLE_SECONDS = 2.0  # one whose client has nothing to say for so long is ended: it comes anew with its next message
QUIET_SECONDS = 0.3  # a delivery's connection in which nothing happens for so long is only kept for the next one
_LOOK_SECONDS = 0.2


class Handover:
    """This node's part in a switchover. Lives on the agent's event loop; what blocks runs in threads."""

    def __init__(
        self, passage: Passage, changed: Callable[[], None], holds: Callable[[], bool],
        peer_receives: Callable[[], bool], may_write: Callable[[], bool],
    ) -> None:
        """Take what acts on the kernel; `changed` is called after each step.

        `holds`: whether this node has the virtual IP; `peer_receives`: whether the other one has made ready;
        `may_write`: whether mailboxes are this node's.
        """
        self._passage, self._changed = passage, changed
        self._holds, self._peer_receives, self._may_write = holds, peer_receives, may_write
        self._giving: asyncio.Task[None] | None = None
        self._turning: asyncio.Task[None] | None = None
        self._wanted = False
        self.gives = False
        self.receives = False
        self.lets_go = False  # keepalived is to move the address now

    def view(self) -> dict[str, bool]:
        """Return what the other side must know."""
        return {"gives": self.gives, "receives": self.receives}

    async def clean_up(self) -> None:
        """Undo what an agent before us may have left half done."""
        passage = self._passage
        await self._try(
            passage.drop_address, passage.hear_again, passage.release_deliveries, passage.stop_receiving
        )

    def give(self) -> None:
        """Begin to hand the virtual IP over, unless that goes on already."""
        if self._giving is None or self._giving.done():
            self._giving = asyncio.get_running_loop().create_task(self._give())

    def follow(self, *, peer_gives: bool) -> None:
        """Make ready to receive while the other side gives, and stop when it does no more."""
        self._wanted = peer_gives and not self.gives
        if self._wanted is not self.receives and (self._turning is None or self._turning.done()):
            self._turning = asyncio.get_running_loop().create_task(self._turn())

    async def _give(self) -> None:
        self.gives = True
        self._changed()
        try:
            await self._try(self._passage.hold_deliveries, self._passage.keep_address)
            await self._until(self._is_ready, READY_SECONDS)
            self.lets_go = True
            self._changed()
            await self._until(self._has_left, MOVE_SECONDS)
            self.lets_go = False
            if not self._holds():
                await self._try(self._passage.pass_on_deliveries)
                await self._see_sessions_out()
        finally:
            self.lets_go = False
            await self._try(
                self._passage.drop_address, self._passage.hear_again, self._passage.release_deliveries
            )
            if self._may_write():
                await self._try(self._passage.ask_for_quotas)
            if not self._holds():
                await self._try(self._passage.try_again)
            self.gives = False
            self._changed()

    async def _is_ready(self) -> bool:
        return self._peer_receives() and not [d for d in await self._list(self._passage.deliveries) if is_busy(d)]

    async def _has_left(self) -> bool:
        return not self._holds()

    async def _see_sessions_out(self) -> None:
        began, hears = time.monotonic(), True
        while (left := await self._list(self._passage.sessions)) and not self._holds():
            if hears and time.monotonic() - began >= LAST_SECONDS:
                hears = not await self._try(self._passage.hear_nothing)
            longest = longest_pause(time.monotonic() - began)
            if any(is_over(session, longest) for session in left):
                await self._end_those_over(longest, hears=hears)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _end_those_over(self, longest: float, *, hears: bool) -> None:
        """End the sessions whose client has nothing to say, and none in which it says something just now.

        On a busy machine a client may send a whole message between a look and the end that follows from it, and would
        never learn what became of it. So nobody is heard while we look and end; TCP says it again to those that stay.
        Where the kernel does not do that they end all the same, or the switchover never would.
        """
        deaf = hears and await self._try(self._passage.hear_nothing)
        left = await self._list(self._passage.sessions)
        over = tuple(session for session in left if is_over(session, longest))
        await self._try(partial(self._passage.end_sessions, over))
        if deaf:
            await self._try(self._passage.hear_again)

    async def _turn(self) -> None:
        wanted = self._wanted
        if await self._try(self._passage.receive if wanted else self._passage.stop_receiving):
            self.receives = wanted
            self._changed()
        else:
            await asyncio.sleep(_LOOK_SECONDS)

    @staticmethod
    async def _until(condition: Callable[[], Coroutine[Any, Any, bool]], seconds: float) -> None:
        end = time.monotonic() + seconds
        while True:
            if await condition() or time.monotonic() > end:
                return
            await asyncio.sleep(_LOOK_SECONDS / 4)

    @staticmethod
    async def _list(ask: Callable[[], tuple[Session, ...]]) -> tuple[Session, ...]:
        try:
            return await asyncio.to_thread(ask)
        except BarrierError as error:
            log.warning("%s", error)
            return ()

    @staticmethod
    async def _try(*steps: Callable[[], None]) -> bool:
        """Do all steps, whatever becomes of one; tell whether all were done."""
        done = True
        for step in steps:
            try:
                await asyncio.to_thread(step)
            except (BarrierError, OSError, ValueError) as error:
                log.warning("switchover: %s", error)
                done = False
        return done


def longest_pause(after: float) -> float:
    """Return how long a client may have nothing to say before its session is ended, `after` so many seconds."""
    if after < SESSION_SECONDS:
        return IDLE_SECONDS
    return BETWEEN_SECONDS if after < LAST_SECONDS + ANSWER_SECONDS else 0.0


def is_over(session: Session, longest: float) -> bool:
    """Tell whether a client has had nothing to say for longer than that: not while its words may be on their way."""
    return session.idle >= longest + (2 * session.round_trip if longest > 0 else 0.0)


def is_busy(delivery: Session) -> bool:
    """Tell whether a delivery is under way in this connection."""
    return delivery.idle < QUIET_SECONDS
