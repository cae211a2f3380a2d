"""Who may write mailboxes and queues: one pure function from what the three agents say to this node's orders.

VRRP moves the virtual IP without asking anybody; a machine that was thought dead may go on writing. So the node that
took the virtual IP claims the mailboxes, under a name that is new each time, and keeps its gate closed (no new
connection that could write to a mailbox, no delivery) until the other mail node has conceded that very claim, or was
cut off from the storage, by the arbiter's machine first, then by the claimant. Who concedes has its own gate closed,
and can't open it without a concession to a claim of its own: so at most one gate is open, however late a word arrives.
Who was cut off comes back by stopping its mount and what stands on it.

Invariants (tests/unit/agent/test_ownership.py plays them through):

1. A mail node opens its gate only while it has the virtual IP, hears another machine, is not cut off, and the other
   mail node has conceded this claim, or is cut off by the storage machine and by this node, or has never been heard of
   at all. What was granted to a claim holds until the claim ends, that is, until the virtual IP goes.
2. The storage machine cuts off at most one mail node, only when another one that is not cut off asks for it, and never
   one that it hears itself.
3. A mail node cuts the other one off only after the storage machine has: the other order leaves files that only the
   arbiter knows to be good.
4. Who is cut off gives up the virtual IP and the storage, and takes them back only when nobody that it hears has it cut
   off and it hears the storage machine.
5. Who is cut off is let back only when it says that its mount is gone: first by the mail node, after that one has
   stopped delivering the other's queue, then by the storage machine.
6. Of two mail nodes that both have the virtual IP, neither cut off, the one that has had it longer keeps it; and a node
   that does not hear the holder, but hears of it, does not take it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from relevo.agent.pace import paced

HEARD_SECONDS = paced(0.6)  # three missed words: silence
GONE_SECONDS = paced(0.7)  # nobody hears it: do not wait for its storage any longer
LOST_SECONDS = paced(5.0)  # a silent standby is cut off after this, so that its queue can be delivered
BEGIN_SECONDS = paced(2.0)  # what a new agent may need to hear the others; till then it leaves the gate as it is
RIVAL_SECONDS = paced(0.3)  # two have the virtual IP: a word that was on its way when it moved says so, too
ALONE_SECONDS = paced(1.0)  # hearing nobody for so long, and the database without a majority: we are the ones cut off


@dataclass(frozen=True)
class Word:
    """What another machine last said of itself; `heard` and `holder_since` on our monotonic clock."""

    heard: float
    lives: bool = False  # its machine's kernel answers, or has ended the connection: only the agent is silent
    holder: bool = False
    holder_since: float = float("inf")
    claim: str = ""  # the name of its claim while it has the virtual IP
    concedes: str = ""  # the claim of the other that it concedes: its own gate is closed
    cut: frozenset[str] = frozenset()
    asks: str = ""  # the node that it wants the storage machine to cut off
    clean: bool = False  # cut off, and its mount and services are down
    relayed: Mapping[str, Word] = field(default_factory=dict)  # what it heard of others

    def is_fresh(self, now: float) -> bool:
        """Tell whether it is recent enough to act upon."""
        return now - self.heard <= HEARD_SECONDS


@dataclass(frozen=True)
class Given:
    """All that the orders follow from.

    `other` is the other mail node ("" on the storage machine), `storage` the storage machine, `began` when this agent
    did. The agent sees to it that `claim` is "" without the virtual IP and a new name each time it comes.
    """

    now: float
    began: float
    node: str
    other: str
    storage: str
    words: Mapping[str, Word] = field(default_factory=dict)
    known: frozenset[str] = frozenset()  # machines whose agent was ever heard, also before a restart
    holder: bool = False
    holder_since: float = float("inf")
    claim: str = ""
    granted: str = ""  # the claim that the last orders granted
    cut: frozenset[str] = frozenset()  # whom this machine has cut off
    open: bool = False  # the gate
    was_cut: bool = False  # by the last orders
    majority_lost: bool = False  # the database says so
    alone_since: float = float("inf")  # since when nobody is heard
    storage_up: bool = True
    adopting: bool = False


@dataclass(frozen=True)
class Orders:
    """What this machine is to do. `yields`: why it must not have the virtual IP, "" when it may."""

    open: bool = False
    granted: str = ""
    concedes: str = ""
    cut: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()  # whose storage connections are to be ended, so that nothing waits for them
    asks: str = ""
    yields: str = ""
    storage: bool = True
    adopt: bool = False
    clean: bool = False
    is_cut: bool = False
    why: str = ""  # why the gate of the holder is closed


def orders(given: Given) -> Orders:
    """Return what to do now; see the invariants above."""
    said = _mail(given) if given.other else Orders(cut=_storage_cuts(given))
    return replace(said, gone=_gone(given))


def _gone(given: Given) -> frozenset[str]:
    """Return the machine that nobody hears any more, while another one is heard: two at once may be our own fault.

    An agent that hangs, ended or starts anew is no machine that has gone. Its clients write on, and were their writes
    kept from some copies before they are cut off, nobody could read them afterwards.
    """
    silent_ones = frozenset(node for node in given.words if silent(given, node, GONE_SECONDS))
    if len(silent_ones) == len(given.words):
        return frozenset()
    return frozenset(node for node in silent_ones if not given.words[node].lives)


def silent(given: Given, node: str, seconds: float = HEARD_SECONDS) -> bool:
    """Tell whether a machine has not been heard for so long, neither by us nor by one that we hear."""
    word = effective(given, node)
    return given.now - (word.heard if word else given.began) > seconds


def effective(given: Given, node: str) -> Word | None:
    """Return a machine's freshest word: its own to us, or what one that we hear has heard of it."""
    found = [given.words[node]] if node in given.words else []
    for name, word in given.words.items():
        if name != node and word.is_fresh(given.now) and node in word.relayed:
            found.append(word.relayed[node])
    return max(found, key=lambda word: word.heard, default=None)


def _storage_cuts(given: Given) -> frozenset[str]:
    kept = frozenset(node for node in given.cut if not _is_clean(given, node) or _is_cut_elsewhere(given, node))
    if kept:
        return kept
    for name, word in sorted(given.words.items()):
        asked = word.asks
        if not (word.is_fresh(given.now) and asked and asked != name and name not in given.cut):
            continue
        have = given.words.get(asked)
        if have is None or not have.is_fresh(given.now):
            return frozenset({asked})
    return frozenset()


def _is_cut_elsewhere(given: Given, node: str) -> bool:
    return any(word.is_fresh(given.now) and node in word.cut for word in given.words.values())


def _mail(given: Given) -> Orders:
    leaving = _is_clean(given, given.other) and not given.adopting
    keeps = given.cut - ({given.other} if leaving else frozenset())
    concedes = "" if given.open or given.holder else _claim_of(given, given.other)
    if by := _cut_by(given):
        clean, why = not given.storage_up and not given.adopting, f"cut off from the storage by {by}"
        return Orders(cut=keeps, yields=why, storage=False, clean=clean, is_cut=True, concedes=concedes)
    if given.majority_lost and given.now - given.alone_since >= ALONE_SECONDS:
        return Orders(cut=keeps, yields="hears no other machine", storage=False, concedes=concedes)
    if given.holder:
        return _holder(given, keeps)
    return Orders(cut=keeps, yields=_heard_of_holder(given), concedes=concedes)


def _heard_of_holder(given: Given) -> str:
    """Tell why this node must not take the virtual IP, although it hears no adverts of it."""
    direct, other = given.words.get(given.other), effective(given, given.other)
    if (direct and direct.is_fresh(given.now)) or other is None or not other.is_fresh(given.now) or not other.holder:
        return ""
    return "" if given.other in given.cut else f"{given.other} has the virtual IP, as {given.storage} hears"


def _holder(given: Given, keeps: frozenset[str]) -> Orders:
    other = effective(given, given.other)
    is_out = given.other in given.cut and given.other in _storage_word_cut(given)
    if not is_out and other and _rivals(given, other) and not _is_ours(given, other):
        return Orders(cut=keeps, yields=f"{given.other} has the virtual IP for longer")
    if not any(word.is_fresh(given.now) for word in given.words.values()):
        begins = given.open and given.now - given.began < BEGIN_SECONDS
        return Orders(open=begins, granted=given.granted, cut=keeps, why="no other machine is heard")
    if is_out:
        leaving = _is_clean(given, given.other)
        asks = "" if leaving else given.other
        return Orders(open=True, granted=given.claim, cut=keeps, adopt=not leaving, asks=asks)
    unknown = other is None and given.other not in given.known
    if unknown or given.granted == given.claim or (other and other.concedes == given.claim):
        return _granted(given, keeps, known=not unknown)
    begins = given.open and given.now - given.began < BEGIN_SECONDS
    if not silent(given, given.other):
        return Orders(open=begins, cut=keeps, why=f"{given.other} has not closed its gate yet")
    return replace(_cutting(given, keeps), open=begins)


def _granted(given: Given, keeps: frozenset[str], *, known: bool) -> Orders:
    """Return the orders of a holder whose claim stands; a standby that stays silent is cut off all the same."""
    if known and silent(given, given.other, LOST_SECONDS):
        return replace(_cutting(given, keeps), open=True, granted=given.claim, why="")
    return Orders(open=True, granted=given.claim, cut=keeps)


def _cutting(given: Given, keeps: frozenset[str]) -> Orders:
    """Return the orders of a holder who does not hear the other mail node: have it cut off, by the storage first."""
    cut = keeps | (_storage_word_cut(given) & {given.other})
    return Orders(cut=cut, asks=given.other, why=f"{given.other} is being cut off from the storage")


def _claim_of(given: Given, node: str) -> str:
    word = effective(given, node)
    return word.claim if word and word.holder else ""


def _rivals(given: Given, other: Word) -> bool:
    """Tell whether the other says that it has the virtual IP, and not only since its last word of that came late."""
    return other.holder and other.is_fresh(given.now) and other.heard > given.holder_since + RIVAL_SECONDS


def _is_ours(given: Given, other: Word) -> bool:
    mine, its = given.holder_since, other.holder_since
    return (mine, given.node) < (its, given.other)


def _is_clean(given: Given, node: str) -> bool:
    word = given.words.get(node)
    return word is not None and word.is_fresh(given.now) and word.clean


def _storage_word_cut(given: Given) -> frozenset[str]:
    word = given.words.get(given.storage)
    return word.cut if word and word.is_fresh(given.now) else frozenset()


def _cut_by(given: Given) -> str:
    """Return who has cut this node off, "" when nobody; once cut off it takes the storage machine's word to end it."""
    by = [name for name, word in sorted(given.words.items()) if word.is_fresh(given.now) and given.node in word.cut]
    if by:
        return " and ".join(by)
    storage = given.words.get(given.storage)
    return given.storage if given.was_cut and not (storage and storage.is_fresh(given.now)) else ""
