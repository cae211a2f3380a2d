"""How much this node deserves the virtual IP: one pure function from what is known to keepalived's weight.

keepalived's priority is a low base plus this weight. A higher one takes the virtual IP, so a weight says three things:
well (`WELL`), ill (less for each service that is), or `FAULT`: must not have it.

Invariants (tests/unit/agent/test_verdict.py replays them):

1. A fault that both mail nodes have moves nothing: neither counts a fault that the other one has too, and the holder
   waits `CONFIRM_SECONDS` for the other's word on a fault that need not be its own.
2. On a tie the holder keeps it (`INCUMBENT`), so nothing flaps; and there is no way back on its own, unless
   `failback` says so. Who has just let go stays behind for `LET_GO_SECONDS`, until the new holder counts as one.
3. A node that had to give it up again and again stays behind for a growing time after it is well (`hold_seconds`).
4. A node that lost the majority, is cut off from the storage, or has had no storage or database for
   `FOUNDATION_SECONDS`, never has it, nor does one whose agent has not seen its services yet claim to be well.
5. What a silent peer may think neither excuses nor accuses: without its word each node weighs its own faults only.
6. A fault more never gives a higher weight. No weight from here is below what a missing weight file means (0), except
   FAULT: losing the file never helps.
7. A node that stays behind by hand has the virtual IP only while no other node may have it.
8. While the holder has cut the other node off, its own faults don't weigh: the other may not serve, and if it was only
   paused and believes itself well, it must not look better for the moment until it has learned that.
9. A standby waits for a holder whose agent has just begun, and one whose own agent has just begun for the first word of
   the other node's, `BEGIN_SECONDS` at most: when both agents come back at once, it must not matter whose was first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from relevo.agent.faults import FOUNDATIONS, Fault
from relevo.agent.pace import paced

BASE_PRIORITY = 10  # keepalived's own, the same on both nodes; base + the highest weight stays below 255
WELL = 180
SERVICE_COST = 30  # for each service with a fault
FLOOR = 5  # above a node without an agent
BEHIND = 2  # drained, or handing over: below every other node whose agent has seen it
INCUMBENT = 20  # the holder's bonus: less than a service costs
PREFERRED = 5  # decides only when nobody holds it
FAILBACK = 25  # instead of PREFERRED with failback = "auto": more than INCUMBENT, less than a service
LET_GO_SECONDS = paced(2.0)
HELD = 25  # taken off while held down: a holder with one service ill is left alone
FAULT = -254  # keepalived's FAULT state: the virtual IP goes at once, even when nobody takes it
UNSEEN = 0  # this agent does not know its node yet

FRESH_SECONDS = paced(1.0)  # a peer's view older than this is silence
BEGIN_SECONDS = paced(3.0)  # in which an agent has seen its services for the first time, mostly within one
CONFIRM_SECONDS = paced(1.5)  # how long the holder waits for the peer's word on a fault that need not be its own
FOUNDATION_SECONDS = paced(5.0)  # a stall of the storage at another machine's death takes up to 2 s
YIELD_SECONDS = paced(10.0)  # when nobody took it after FAULT, it is not tried again for so long
HAND_OVER_SECONDS = paced(0.5)  # what it may take until the address has gone
HOLD_WINDOW_SECONDS = 600.0
HOLD_FREE = 3  # the first demotion within the window that costs time
HOLD_FIRST_SECONDS = 5.0
HOLD_MOST_SECONDS = 120.0


@dataclass(frozen=True)
class PeerWord:
    """What the other mail node last said, with times of our own clock.

    When it was heard, which probes failed there, and for each good one when it last succeeded. `ready`: it has seen all
    its services and its keepalived runs. `begins`: the latter, as far as it knows, but its agent is too young to have
    seen them. `drained`: it stays behind by hand. `holder`: it says that it has the address.
    """

    heard: float
    weight: int = 0
    ready: bool = False
    begins: bool = False
    drained: bool = False
    holder: bool = False
    bad: frozenset[str] = frozenset()
    succeeded: Mapping[str, float] = field(default_factory=dict)

    def is_fresh(self, now: float) -> bool:
        """Tell whether it is recent enough to be believed."""
        return now - self.heard <= FRESH_SECONDS


@dataclass(frozen=True)
class Situation:
    """All that the verdict looks at. Times are seconds of the monotonic clock."""

    now: float
    seen: bool  # every vital probe has had an outcome
    holder: bool
    began: float = float("-inf")  # when this agent began
    faults: Sequence[Fault] = ()
    peer: PeerWord | None = None
    alone: bool = False  # this node has cut the other mail node off
    preferred: bool = False
    failback: bool = False
    demotions: Sequence[float] = ()  # when this node lost the virtual IP because it was ill
    well_since: float = float("-inf")  # when its last fault went
    left_at: float = float("-inf")  # when the virtual IP last went from here
    yielded_at: float = float("-inf")  # when it last let go by FAULT and nobody is known to have taken it
    forbidden: str = ""  # why it must not have the virtual IP, whatever its services do (`relevo.agent.ownership`)
    behind: str = ""  # why it stays behind: planned work (`relevo.agent.planned`)


@dataclass(frozen=True)
class Verdict:
    """The weight, and in words why.

    `demoted`: the holder lets go because it is ill, and nobody made it so by hand. `yields`: at once, by FAULT.
    """

    weight: int
    why: tuple[str, ...]
    demoted: bool = False
    yields: bool = False


def weigh(given: Situation) -> Verdict:
    """Return the weight that this node deserves now; see the invariants above."""
    if given.forbidden:
        return Verdict(FAULT, (given.forbidden,))
    if lost := [fault for fault in given.faults if _disqualifies(fault, given.now)]:
        return Verdict(FAULT, _words(lost), demoted=given.holder and _is_ill(lost))
    if (silence := _silence(given)) is not None:
        return silence
    counted = [fault for fault in given.faults if _counts(fault, given)]
    weight = _weight(given, len({fault.service for fault in counted}))
    held = _is_held(given)
    why = (*_words(counted), *(("held down after repeated failovers",) if held else ()))
    if not (given.holder and counted):
        return Verdict(weight, why or ("well",))
    yields = _can_yield(given, weight)
    return Verdict(FAULT if yields else weight, why, demoted=_is_ill(counted), yields=yields)


def hold_seconds(demotions: int) -> float:
    """Return how long a node stays behind after it is well, by the number of times it gave up within the window."""
    more = demotions - HOLD_FREE
    return 0.0 if more < 0 else min(HOLD_FIRST_SECONDS * 2.0**more, HOLD_MOST_SECONDS)


def _weight(given: Situation, services: int) -> int:
    weight = WELL - SERVICE_COST * services
    if given.holder:
        weight += INCUMBENT
    elif _is_held(given) or given.now - given.left_at < LET_GO_SECONDS:
        weight -= HELD
    if given.preferred:
        weight += FAILBACK if given.failback and not services else PREFERRED
    return max(weight, FLOOR)


def _disqualifies(fault: Fault, now: float) -> bool:
    return fault.majority_lost or (fault.service in FOUNDATIONS and now - fault.since >= FOUNDATION_SECONDS)


def _counts(fault: Fault, given: Situation) -> bool:
    """Tell whether a fault weighs: not when the peer has it too, nor, for the holder, before the peer could say."""
    peer = given.peer
    if given.holder and given.alone:
        return False
    if peer is None or not peer.is_fresh(given.now):
        return True
    if fault.probe in peer.bad:
        return False
    confirmed = peer.succeeded.get(fault.probe, float("-inf")) > fault.since
    return not given.holder or fault.local or confirmed or given.now - fault.since >= CONFIRM_SECONDS


def _silence(given: Situation) -> Verdict | None:
    """Return the verdict of a node that praises itself for nothing, whatever its services do; None when it does."""
    if not given.seen:
        return Verdict(UNSEEN, ("the agent has not seen all services yet",))
    if given.behind:
        return Verdict(BEHIND, (given.behind,))
    return None if given.holder else _waits(given)


def _waits(given: Situation) -> Verdict | None:
    """Return the verdict of a standby that first lets the other node's agent say how it is."""
    peer = given.peer
    if peer is None or not peer.is_fresh(given.now):
        young = given.now - given.began < BEGIN_SECONDS
        return Verdict(UNSEEN, ("the agent has just begun and has not heard the other node's yet",)) if young else None
    if peer.holder and peer.begins:
        return Verdict(UNSEEN, ("the other node has the virtual IP, and its agent has just begun",))
    return None


def _is_held(given: Situation) -> bool:
    recent = sum(given.now - at < HOLD_WINDOW_SECONDS for at in given.demotions)
    return not given.holder and given.now - given.well_since < hold_seconds(recent)


def _can_yield(given: Situation, weight: int) -> bool:
    """Tell whether to hand over by FAULT (60 ms) instead of by weight (330 ms): only to a peer that will take it."""
    peer, ago = given.peer, given.now - given.yielded_at
    takes_it = peer is not None and peer.is_fresh(given.now) and peer.ready and peer.weight > weight
    return takes_it and (ago > YIELD_SECONDS or ago < HAND_OVER_SECONDS)


def _is_ill(faults: Sequence[Fault]) -> bool:
    return any(not fault.by_hand for fault in faults)


def _words(faults: Sequence[Fault]) -> tuple[str, ...]:
    return tuple(f"{fault.probe}: {fault.why}" for fault in faults)
