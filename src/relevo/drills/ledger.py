"""Account for every message of a drill: what clients were told of it, and what became of it. Pure.

A client sends a message until it gets an answer that settles it: 250 after the final dot, or 5xx. When the connection
is lost, or 4xx comes, after DATA has begun, the server may have taken the message all the same (RFC 1047): the client
is unsure and sends it again. So each sending that was accepted or unsure may bring one copy, and no copy more.

Invariant of `reconcile`: every message is in exactly one class of `Fate`. A class is a promise kept (DELIVERED, RESENT,
UNSURE_DELIVERED), the platform's own failure (LOST, DUPLICATED, UNCALLED), or not (yet) delivered while nobody was told
otherwise (QUEUED, BOUNCED, REFUSED, UNSURE_MISSING, UNSENT).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count, pairwise
from threading import Lock


class Way(StrEnum):
    """By which door a message comes in."""

    SMTP = "smtp"  # port 25, as another server
    SUBMISSION = "submission"  # port 587, as a user who logs in


class State(StrEnum):
    """What a client knows after a sending, or of a message after all its sendings."""

    TRIED = "tried"  # it never came to DATA: the server can't have it
    ACCEPTED = "accepted"  # 250 after the final dot
    REFUSED = "refused"  # 5xx
    UNSURE = "unsure"  # no answer, or 4xx, after DATA had begun


class Fate(StrEnum):
    """What became of a message."""

    DELIVERED = "delivered"  # accepted, and there once
    RESENT = "resent"  # there more than once, because the client had no answer and sent it again
    UNSURE_DELIVERED = "unsure_delivered"  # there once, though the client never had an answer
    LOST = "lost"  # accepted, and nowhere to be found
    DUPLICATED = "duplicated"  # there more often than the client's sendings explain
    UNCALLED = "uncalled"  # there, though the server said that it did not take it, or never saw it
    QUEUED = "queued"  # accepted, and still in a queue
    BOUNCED = "bounced"  # accepted, and returned to its sender
    REFUSED = "refused"  # refused for good, and not there
    UNSURE_MISSING = "unsure_missing"  # no answer, and not there: its sender knows
    UNSENT = "unsent"  # never got as far as DATA


@dataclass(frozen=True)
class Message:
    """A numbered message; `due` is when it was to be sent, in monotonic seconds."""

    number: int
    token: str
    recipient: str
    way: Way
    due: float


@dataclass(frozen=True)
class Attempt:
    """One sending: from MAIL FROM (the connection where it came no further) to the answer, in monotonic seconds."""

    began: float
    ended: float
    state: State
    said: str


@dataclass
class Entry:
    """A message and its sendings so far."""

    message: Message
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def accepted(self) -> Attempt | None:
        """The sending that was answered with 250."""
        return next((attempt for attempt in self.attempts if attempt.state is State.ACCEPTED), None)

    @property
    def state(self) -> State:
        """What the client knows of it by now."""
        states = [attempt.state for attempt in self.attempts]
        if State.ACCEPTED in states:
            return State.ACCEPTED
        if states[-1:] == [State.REFUSED]:
            return State.REFUSED
        return State.UNSURE if State.UNSURE in states else State.TRIED

    @property
    def takings(self) -> int:
        """How many of its sendings the server may have taken."""
        return sum(attempt.state in {State.ACCEPTED, State.UNSURE} for attempt in self.attempts)


@dataclass(frozen=True)
class Account:
    """The result: the fate of each message by its number, and how many were accepted."""

    fates: Mapping[int, Fate]
    accepted: int
    sent_again: int  # messages of which more than one sending may have been taken

    def count(self, *fates: Fate) -> int:
        """Return how many messages met one of these fates."""
        return sum(fate in fates for fate in self.fates.values())

    def numbers(self, *fates: Fate) -> list[int]:
        """Return the numbers of the messages that met one of these fates."""
        return sorted(number for number, fate in self.fates.items() if fate in fates)

    @property
    def kept(self) -> bool:
        """Nothing accepted is missing, whatever the reason, and nothing is there more often than it was sent."""
        return not self.count(Fate.LOST, Fate.QUEUED, Fate.BOUNCED, Fate.DUPLICATED, Fate.UNCALLED)


class Ledger:
    """The messages of a drill. Several threads may write to it."""

    def __init__(self) -> None:
        self._entries: dict[int, Entry] = {}
        self._numbers = count(1)
        self._lock = Lock()

    def number(self) -> int:
        """Return the next free number."""
        with self._lock:
            return next(self._numbers)

    def add(self, message: Message) -> None:
        """Note that a message is about to be sent."""
        with self._lock:
            self._entries[message.number] = Entry(message)

    def note(self, number: int, attempt: Attempt) -> None:
        """Note a sending of it."""
        with self._lock:
            self._entries[number].attempts.append(attempt)

    def entries(self) -> list[Entry]:
        """Return all entries as they are now, in the order of their numbers."""
        with self._lock:
            return [Entry(entry.message, list(entry.attempts)) for entry in self._entries.values()]

    def tokens(self) -> set[str]:
        """Return the tokens of all messages."""
        return {entry.message.token for entry in self.entries()}

    def accepted(self) -> dict[str, Attempt]:
        """Return the sending that was accepted, by token, of all messages that were."""
        return {entry.message.token: taken for entry in self.entries() if (taken := entry.accepted)}

    def reconcile(
        self, found: Mapping[str, int], queued: Mapping[str, int] | None = None, bounced: Collection[str] = (),
    ) -> Account:
        """Compare with what is there, by token: copies in mailboxes, copies in queues, what came back to its sender."""
        entries, waiting = self.entries(), queued or {}
        fates = {}
        for entry in entries:
            token = entry.message.token
            fates[entry.message.number] = fate(entry, found.get(token, 0), waiting.get(token, 0), token in bounced)
        accepted = sum(entry.state is State.ACCEPTED for entry in entries)
        return Account(fates, accepted, sum(entry.takings > 1 for entry in entries))

    def first_accepted(self, since: float, way: Way | None = None) -> float | None:
        """Return the seconds from `since` to the first 250 of a sending that began after it; None without one."""
        moments = [
            taken.ended for entry in self.entries() if (taken := entry.accepted) and taken.began >= since
            and way in {None, entry.message.way}
        ]
        return min(moments) - since if moments else None

    def longest_gap(self, since: float) -> float | None:
        """Return the longest time after `since` in which no sending was answered with 250; None without a later one.

        It runs from when a message was due or sent (again): where nobody sends there is no gap, and one client that
        waits for its own answer while all others are served, or nobody else is left, makes none.
        """
        ends = sorted(taken.ended for taken in self.accepted().values() if taken.ended > since)
        if not ends:
            return None
        entries = self.entries()
        wanted = sorted([
            *(entry.message.due for entry in entries), *(one.began for entry in entries for one in entry.attempts),
        ])
        gaps = []
        for earlier, later in pairwise([since, *ends]):
            first = bisect_left(wanted, earlier)
            asked = wanted[first] if first < len(wanted) else later
            gaps.append(later - min(asked, later))
        return max(gaps)

    def longest_sending(self, since: float) -> float:
        """Return the longest time from MAIL FROM to the 250 that came after `since`, in seconds."""
        taken = self.accepted().values()
        return max((attempt.ended - attempt.began for attempt in taken if attempt.ended >= since), default=0.0)

    def longest_wait(self, since: float) -> float:
        """Return the longest time from when a message was due to its 250 after `since`, repetitions included."""
        pairs = ((entry.message.due, entry.accepted) for entry in self.entries())
        return max((taken.ended - due for due, taken in pairs if taken and taken.ended >= since), default=0.0)


def fate(entry: Entry, found: int, queued: int, bounced: bool) -> Fate:
    """Return the one class of a message of which so many copies are in mailboxes and in queues."""
    if found + queued > entry.takings:
        return Fate.DUPLICATED if entry.takings else Fate.UNCALLED
    if found > 1 or (found and queued):
        return Fate.RESENT
    if found:
        return Fate.DELIVERED if entry.state is State.ACCEPTED else Fate.UNSURE_DELIVERED
    return _fate_of_absent(entry.state, bool(queued), bounced)


def _fate_of_absent(state: State, queued: bool, bounced: bool) -> Fate:
    if state is State.ACCEPTED:
        return Fate.QUEUED if queued else Fate.BOUNCED if bounced else Fate.LOST
    return {State.REFUSED: Fate.REFUSED, State.UNSURE: Fate.UNSURE_MISSING, State.TRIED: Fate.UNSENT}[state]
