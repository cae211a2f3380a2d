"""When the database cluster is begun again by the agents themselves: pure, from what each says of its database.

Galera finds its companions again after a power cut, once all three are back. It does not after the databases were
stopped in order (all machines shut down before a long outage), nor when the third machine stays away. But there are two
copies of the data and no more: where both are at hand, the one that went further is the newest there is.

Each mail node's agent stops its database, which then says how far it had come (`HOLD`); the one that went furthest
begins the cluster (`BEGIN`), and the other one joins it (`LET_GO`).

Invariants (tests/unit/agent/test_revival.py replays them, each step interrupted):

1. A cluster is begun only while neither database runs: both agents have stopped theirs, and both still say so.
2. Never with a copy that another one is ahead of, that can't be read, or that is of another cluster: a human chooses.
3. The third vote waits by then, and has forgotten its companions, or its machine is not heard: garbd left alone in the
   old cluster would keep everybody out of a new one.
4. Nothing is held for good: after `PATIENCE_SECONDS`, or when an agent comes back and finds its mark, the database is
   started in the ordinary way, as it was before.
5. A database that serves, hangs, or that somebody stopped by hand is left alone, and so is the other one then.

Times are seconds of the monotonic clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from relevo.agent.pace import paced

FRESH_SECONDS = paced(1.0)  # a word older than this is silence
ORDERLY_SECONDS = paced(10.0)  # in vain for so long: one has forgotten its companions, so they can't find together
FORM_SECONDS = paced(45.0)  # the same where they may: after a power cut it takes up to 20 s
GONE_SECONDS = paced(10.0)  # a third machine that is silent for so long is away
PATIENCE_SECONDS = paced(300.0)  # the other one may have a long log to read
LAST_SECONDS = paced(200.0)  # nothing is begun later: by then the other one may be about to be started as usual
AGAIN_SECONDS = 900.0  # until the next try
_NEVER = float("-inf")
_NO_CLUSTER = "00000000-0000-0000-0000-000000000000"


class Phase(Enum):
    """How a database is, as its agent says."""

    SERVES = "serves"
    WAITS = "waits"  # it is started, and finds nobody
    STOPS = "stops"  # the agent stops it, and has it read its log
    HELD = "held"  # stopped by the agent: the position is known
    BEGINS = "begins"
    OTHER = "other"  # hangs, was stopped by hand, or nothing is known yet


class Act(Enum):
    """What an agent does next with the database or the third vote of its machine."""

    NONE = "none"
    HOLD = "hold"
    BEGIN = "begin"
    LET_GO = "let go"


@dataclass(frozen=True)
class Copy:
    """One of the two databases: since when it is in that phase, when that was last heard, and how far it had come.

    `keeps_view`: it knows its last companions and may find together with them. `seqno` counts the cluster's changes.
    """

    phase: Phase
    since: float
    heard: float
    keeps_view: bool = False
    uuid: str = ""
    seqno: int = -1

    def is_fresh(self, now: float) -> bool:
        """Tell whether this is recent enough to be believed."""
        return now - self.heard <= FRESH_SECONDS

    @property
    def is_readable(self) -> bool:
        """Tell whether its position is known."""
        return self.uuid not in {"", _NO_CLUSTER} and self.seqno >= 0


@dataclass(frozen=True)
class Vote:
    """The third vote, as its machine's agent last said."""

    held: bool
    heard: float = _NEVER

    def is_out_of_the_way(self, now: float) -> bool:
        """Tell whether it keeps nobody out: it was stopped, or its machine is away."""
        age = now - self.heard
        return age > GONE_SECONDS or (self.held and age <= FRESH_SECONDS)


def decide(own: Copy, other: Copy | None, vote: Vote, now: float, *, tried_at: float, preferred: bool) -> Act:
    """Return what a mail node's agent does.

    Args:
        own: this node's database.
        other: the other mail node's, None when it was never heard of.
        vote: the third one; it needs to be out of the way.
        now: the monotonic clock.
        tried_at: when this agent last began to hold its database, -inf when never.
        preferred: of two that went equally far, this node begins.
    """
    if own.phase is Phase.WAITS:
        return Act.HOLD if _is_in_vain(own, other, now, tried_at) else Act.NONE
    if own.phase is not Phase.HELD:
        return Act.NONE
    heard = other if other and other.is_fresh(now) else None
    if now - own.since > PATIENCE_SECONDS or (heard and heard.phase is Phase.SERVES) or objection(own, heard):
        return Act.LET_GO
    may_begin = heard and _both_held(own, heard, now) and vote.is_out_of_the_way(now)
    return Act.BEGIN if heard and may_begin and _is_ahead(own, heard, preferred=preferred) else Act.NONE


def objection(own: Copy, other: Copy | None) -> str:
    """Say why nothing can be begun with two databases that are held, "" when nothing speaks against it."""
    if own.phase is not Phase.HELD:
        return ""
    if not own.is_readable:
        return "the position of this node's database can't be read"
    if other is None or other.phase is not Phase.HELD:
        return ""
    if not other.is_readable:
        return "the position of the other node's database can't be read"
    if other.uuid != own.uuid:
        return f"the databases are of different clusters, {own.uuid} here and {other.uuid} there"
    return ""


def decide_vote(held_since: float | None, copies: Iterable[Copy | None], now: float) -> Act:
    """Return what the third vote's agent does; `held_since`: when it stopped it, None while it runs."""
    fresh = [copy.phase for copy in copies if copy and copy.is_fresh(now)]
    if held_since is None:
        return Act.HOLD if fresh == [Phase.HELD, Phase.HELD] else Act.NONE
    over = Phase.SERVES in fresh or now - held_since > PATIENCE_SECONDS
    return Act.LET_GO if over else Act.NONE


def _is_in_vain(own: Copy, other: Copy | None, now: float, tried_at: float) -> bool:
    if other is None or not other.is_fresh(now) or now - tried_at < AGAIN_SECONDS:
        return False
    if other.phase in {Phase.STOPS, Phase.HELD}:  # its agent has waited for long enough
        return now - own.since > ORDERLY_SECONDS
    patience = FORM_SECONDS if own.keeps_view and other.keeps_view else ORDERLY_SECONDS
    return other.phase is Phase.WAITS and now - max(own.since, other.since) > patience


def _both_held(own: Copy, other: Copy, now: float) -> bool:
    held = own.phase is other.phase is Phase.HELD
    return held and now - min(own.since, other.since) < LAST_SECONDS


def _is_ahead(own: Copy, other: Copy, *, preferred: bool) -> bool:
    return own.seqno > other.seqno or (own.seqno == other.seqno and preferred)
