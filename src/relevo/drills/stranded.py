"""Accepted mail that is in a machine's queue and nowhere else when it dies: the survivor must deliver it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from relevo.drills.arrivals import found
from relevo.drills.limits import aim
from relevo.drills.nodes import Node
from relevo.drills.result import Figure
from relevo.drills.stream import Stream
from relevo.drills.vocabulary import World, eventually
from relevo.errors import DrillError
from relevo.i18n import _

BURST = 20
HOLD_SECONDS = 8.0  # how long delivery is held at most; the filter takes the burst at a few a second meanwhile
ADOPTED = aim(5.0)  # from the power cut to the first message out of the dead node's queue


@contextmanager
def delivery_held(node: Node) -> Iterator[None]:
    """Stop the queue manager, as a queue looks on a busy node: accepted mail stays in it until the power is cut."""
    node.run("sh", "-c", "kill -STOP $(pgrep -x qmgr)")
    try:
        yield
    finally:
        if not node.off:
            node.run("sh", "-c", "kill -CONT $(pgrep -x qmgr)")


def strand(world: World, stream: Stream) -> list[str]:
    """Return the messages of a burst that were accepted and are in no mailbox."""
    burst = set(stream.burst(BURST))
    with suppress(DrillError):
        eventually(lambda: burst <= stream.ledger.accepted().keys(), within=HOLD_SECONDS, what=_("the burst's answers"))
    accepted = burst & stream.ledger.accepted().keys()
    return sorted(accepted - found(world).keys())


@dataclass(frozen=True)
class Rescue:
    """How `count` messages out of the queue of `node` fared: `delays` of those read, in seconds; and all accepted."""

    node: str
    count: int
    delays: Sequence[float]
    read: int
    accepted: int


def judge(world: World, title: str, rescue: Rescue) -> None:
    """Write into the table when the first and the last of them was read, and how many of all."""
    node, delays = rescue.node, rescue.delays
    tried = _("cut the power of {node} with {count} accepted messages in its queue").format(
        node=node, count=rescue.count,
    )
    with world.checking(
        _("{event}: first out of the adopted queue").format(event=title), tried=tried,
        expected=_("read within {limit}, while {node} is off").format(limit=ADOPTED, node=node),
    ) as check:
        if delays:
            text = _("read after {seconds:.2f} s").format(seconds=delays[0])
            check.saw(text, good=ADOPTED.allows(delays[0]), figure=Figure(round(delays[0], 3), "s", ADOPTED.median))
    with world.checking(
        _("{event}: last out of the adopted queue").format(event=title), tried=tried,
        expected=_("all that was accepted is read while {node} is off").format(node=node),
    ) as check:
        text = _("{read} of {count} out of the queue, {there} of {accepted} of all").format(
            read=len(delays), count=rescue.count, there=rescue.read, accepted=rescue.accepted,
        )
        whole = rescue.count > 0 and len(delays) == rescue.count and rescue.read == rescue.accepted
        check.saw(text, good=whole, figure=Figure(round(delays[-1], 3), "s") if delays else None)
