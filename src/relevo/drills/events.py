"""Events under a steady stream of messages: what happens to which machine, and what became of the mail.

play(world, (Event(_("power cut"), lambda world: world.active, 3.0, 5.0), ...))     each on a whole platform
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Protocol, Self

from relevo.drills import stranded
from relevo.drills.arrivals import Arrivals, boxes, settle
from relevo.drills.bricks import judge_copies
from relevo.drills.ledger import Ledger
from relevo.drills.limits import Limit
from relevo.drills.mending import make_whole
from relevo.drills.nodes import Node
from relevo.drills.stream import Stream, doors
from relevo.drills.verdicts import Scene, judge
from relevo.drills.vocabulary import World
from relevo.errors import DrillError
from relevo.i18n import _

RATE = 5.0  # messages a second
BEFORE_SECONDS, AFTER_SECONDS = 5.0, 20.0
_SENDERS_PATIENCE = 60.0  # so long without any answer clients go on with what has none
_ADOPTION_PATIENCE, _SETTLE_SECONDS = 140.0, 120.0  # a mailbox may wait for two minutes after a night without room


class Witness(Protocol):
    """Looks at something besides the mail, from before an event until its stream is over; then says what it saw."""

    def __enter__(self) -> Self:
        """Begin to look."""

    def __exit__(self, *_: object) -> None:
        """Look no more; nothing has been mended yet."""

    def judge(self, world: World, story: Story) -> None:
        """Write what was seen into the table."""


@dataclass(frozen=True)
class Event:
    """What happens to which machine, and how soon mail must be accepted and delivered again.

    None is a figure without a limit. `gap_within` limits the longest time without a 250, the strike's own included.
    `returns`: all is mended while the clients still send. `slowly`: the strike takes seconds, and it has happened when
    it is over. `rate`: of messages a second; `lasts`: for how many seconds they come after the strike.
    """

    title: str
    victim: Callable[[World], Node]
    accepted_within: Limit | None = None
    delivered_within: Limit | None = None
    leaves_queue: bool = False
    strike: Callable[[Node], object] = Node.crash
    what: str = _("{node} loses power")
    returns: bool = False
    slowly: bool = False
    gap_within: Limit | None = None
    witnesses: tuple[Callable[[World], Witness], ...] = ()
    rate: float = RATE
    lasts: float = AFTER_SECONDS


@dataclass(frozen=True)
class Story:
    """What happened: all messages, when each was seen first, and since when it was so (monotonic seconds).

    `took`: the seconds from the strike until it was so.
    """

    event: Event
    victim: Node
    ledger: Ledger
    seen: dict[str, float]
    since: float
    took: float = 0.0

    @property
    def scene(self) -> Scene:
        """The same for those who judge it."""
        event = self.event
        tried = _("{rate:g} messages a second; {what} after {before:g} s; {after:g} s more").format(
            rate=event.rate, what=event.what.format(node=self.victim.name), before=BEFORE_SECONDS, after=event.lasts,
        )
        return Scene(
            event.title, tried, self.ledger, self.seen, (self.since,), event.accepted_within, event.delivered_within,
            event.gap_within, self.took,
        )

    def rescue(self, tokens: Collection[str]) -> stranded.Rescue:
        """Return how those fared that were in the dead machine's queue."""
        delays = sorted(self.seen[token] - self.since for token in tokens if token in self.seen)
        accepted = self.ledger.accepted().keys()
        return stranded.Rescue(self.victim.name, len(tokens), delays, len(accepted & self.seen.keys()), len(accepted))


def play(world: World, events: Iterable[Event]) -> None:
    """Let one event after the other happen, each on a whole platform, and judge what became of the mail.

    When the platform does not become whole by itself, it is helped, so that the next event is a fair one; raise
    DrillError when that is of no use either.
    """
    world.until_healthy()
    for event in events:
        if event.victim(world) is world.storage_node and world.cluster.storage.kind == "nfs":
            text = _("{node} alone has the mail: nothing can take its place").format(node=world.storage_node.name)
            world.recorder.not_run(event.title, text)
            continue
        world.forgive()
        story, witnesses = _happen(world, event)
        make_whole(world, event.title)
        judge(world, story.scene, settle(world, story.ledger, within=_SETTLE_SECONDS))
        judge_copies(world, event.title)
        for witness in witnesses:
            witness.judge(world, story)


def _happen(world: World, event: Event) -> tuple[Story, list[Witness]]:
    """Send, strike, go on, and see what arrives while nothing is mended yet."""
    victim, ledger = event.victim(world), Ledger()
    with ExitStack() as stack:
        arrivals = stack.enter_context(Arrivals(boxes(world)))
        stream = stack.enter_context(Stream(doors(world), ledger, world.mail, rate=event.rate))
        witnesses = [stack.enter_context(look(world)) for look in event.witnesses]
        stream.run_on(BEFORE_SECONDS)
        left: list[str] = []
        if event.leaves_queue:
            with stranded.delivery_held(victim):
                left = stranded.strand(world, stream)
                since, took = _strike(event, victim)
        else:
            since, took = _strike(event, victim)
        _go_on(world, stream, event)
        stream.finish(patience=_SENDERS_PATIENCE)
        arrivals.until(ledger.accepted().keys(), within=_ADOPTION_PATIENCE)
        story = Story(event, victim, ledger, dict(arrivals.seen), since, took)
    if event.leaves_queue:
        stranded.judge(world, event.title, story.rescue(left))
    return story, witnesses


def _strike(event: Event, victim: Node) -> tuple[float, float]:
    """Return since when it was so, and for how long it had been going on by then."""
    began = time.monotonic()
    event.strike(victim)
    return (time.monotonic(), time.monotonic() - began) if event.slowly else (began, 0.0)


def _go_on(world: World, stream: Stream, event: Event) -> None:
    if not event.returns:
        stream.run_on(event.lasts)
        return
    stream.run_on(event.lasts / 2)
    if troubles := world.restore():
        raise DrillError("; ".join(troubles))
    stream.run_on(event.lasts / 2)
