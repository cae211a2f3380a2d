"""Brings messages over one way, one after another, each tried again for up to an hour; no way waits for another."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from relevo.alerts.message import Message
from relevo.alerts.ways import Way

log = logging.getLogger(__name__)
FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 600.0
GIVE_UP_SECONDS = 3600.0
MOST_WAITING = 200  # messages; of more the oldest go
ILL_SECONDS = 120.0  # a way that fails for so long is told (`state`)

Send = Callable[[Way, Message], str]  # returns "" when it got through, else why not; shows nothing secret


@dataclass(frozen=True)
class State:
    """How a way is: whether it works, what waits, and why the last try failed ("" when it did not)."""

    line: int
    scheme: str
    works: bool
    waiting: int
    given_up: int
    why: str


class Delivery:
    """One way with its thread and its queue. What waits is in memory: a restart of the unit forgets it."""

    def __init__(
        self, way: Way, send: Send, pause: float = FIRST_PAUSE_SECONDS, within: float = GIVE_UP_SECONDS
    ) -> None:
        """Take the way and what sends; a message is first tried again after `pause` seconds, for at most `within`."""
        self._way, self._send, self._pause, self._within = way, send, pause, within
        self._waiting: deque[tuple[float, Message]] = deque(maxlen=MOST_WAITING)
        self._changed = threading.Condition()
        self._ended = False
        self._failing_since = 0.0
        self._why = ""
        self._given_up = 0
        self._thread = threading.Thread(target=self._run, name=f"way {way.line}", daemon=True)
        self._thread.start()

    def put(self, message: Message) -> None:
        """Take a message, and bring it as soon as the way works."""
        with self._changed:
            self._waiting.append((time.monotonic(), message))
            self._changed.notify()

    def state(self) -> State:
        """Return how this way is."""
        with self._changed:
            works = not self._why or time.monotonic() - self._failing_since < ILL_SECONDS
            return State(self._way.line, self._way.scheme, works, len(self._waiting), self._given_up, self._why)

    def close(self) -> None:
        """End the thread; a message that is on its way may still arrive."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._thread.join(1.0)

    def _run(self) -> None:
        pause = self._pause
        while entry := self._next():
            came, message = entry
            why = self._send(self._way, message)
            late = time.monotonic() + pause - came > self._within
            with self._changed:
                self._note(why)
                if (not why or late) and self._waiting and self._waiting[0] is entry:
                    self._waiting.popleft()
                if why and late:
                    self._given_up += 1
                    log.error("%s: given up after %.0f s: %s", self._way, time.monotonic() - came, why)
                elif why:
                    log.warning("%s: %s; again in %.0f s", self._way, why, pause)
                    self._changed.wait_for(lambda: self._ended, pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS) if why else self._pause

    def _next(self) -> tuple[float, Message] | None:
        """Wait for a message; None when it is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or bool(self._waiting))
            return None if self._ended else self._waiting[0]

    def _note(self, why: str) -> None:
        if why and not self._why:
            self._failing_since = time.monotonic()
        self._why = why
