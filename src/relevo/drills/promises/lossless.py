"""Whichever machine loses power under load: what was answered with 250 arrives, and arrives once.

Given clients that send 5 numbered messages a second by SMTP and by submission, and repeat what had no answer,
when the active node, the standby or storage01 loses power for half a minute,
then every accepted message is in its mailbox once, more than once only where a client had no answer and sent it again;
and what lay in the dead node's queue is delivered by the survivor while that node is still without power.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from relevo.drills.arrivals import Arrivals, boxes, found, settle
from relevo.drills.drill import Drill
from relevo.drills.ledger import Account, Fate, Ledger, Way
from relevo.drills.mending import whole_again
from relevo.drills.nodes import Node
from relevo.drills.result import Figure
from relevo.drills.stream import ANSWER_SECONDS, Stream, doors
from relevo.drills.vocabulary import World, eventually
from relevo.drills.waiting import NotHere
from relevo.errors import DrillError
from relevo.i18n import _

RATE = 5.0  # messages a second
BEFORE_SECONDS, AFTER_SECONDS = 5.0, 20.0
RETRY_SECONDS = 60.0  # how long clients go on after the stream with what has no answer
BURST = 20
# A message that was put into the mailbox, and whose removal from the queue the dead node could not finish, is
# delivered again by who adopts that queue: SMTP prefers twice to never (RFC 5321, 4.1.1.4). It was accepted just then.
IN_HAND_SECONDS = 2.0
HOLD_SECONDS = 8.0  # how long delivery is held at most; the filter takes the burst at a few a second meanwhile
ADOPTED_SECONDS = 5.0  # from the power cut to the first message out of the dead node's queue
_ADOPTION_PATIENCE, _SETTLE_SECONDS = 90.0, 120.0
_NO_LIMIT = _("a figure, no limit")


@dataclass(frozen=True)
class Event:
    """What happens to which machine, and within how many seconds mail must be accepted and delivered again.

    `returns`: it ends while the clients still send.
    """

    title: str
    victim: Callable[[World], Node]
    accepted_within: float
    delivered_within: float
    leaves_queue: bool = False
    strike: Callable[[Node], None] = Node.crash
    what: str = _("{node} loses power")
    returns: bool = False


EVENTS = (
    Event(_("power cut of the active node"), lambda world: world.active, 3.0, 5.0, leaves_queue=True),
    Event(_("power cut of the standby"), lambda world: world.standby, 2.0, 3.0),
    Event(_("power cut of the storage machine"), lambda world: world.storage_node, 2.0, 3.0),
)


@dataclass(frozen=True)
class Story:
    """What happened: all messages, when each was seen first, and when the power was cut (monotonic seconds)."""

    event: Event
    victim: Node
    ledger: Ledger
    seen: dict[str, float]
    since: float

    def first_delivered(self) -> float | None:
        """Return the seconds from the cut until a message that was sent after it was seen in a mailbox."""
        sent = [token for token, taken in self.ledger.accepted().items() if taken.began >= self.since]
        moments = [self.seen[token] for token in sent if token in self.seen]
        return min(moments) - self.since if moments else None

    def in_hand(self) -> set[int]:
        """Return the numbers of the messages that the machine had just accepted, or was accepting, when it happened."""
        first, last = self.since - IN_HAND_SECONDS, self.since + IN_HAND_SECONDS
        taken = {entry.message.number: entry.accepted for entry in self.ledger.entries()}
        return {number for number, one in taken.items() if one and one.began < last and one.ended > first}

    def delays(self, tokens: Collection[str]) -> list[float]:
        """Return how many seconds after the cut these were seen, in order; of those that were."""
        return sorted(self.seen[token] - self.since for token in tokens if token in self.seen)


def run(world: World) -> None:
    """Cut the power of one machine after the other, each on a whole platform."""
    if not world.platform.in_lab:
        text = _("the power of {node} can't be cut from here: only the lab can do that")
        raise NotHere(text.format(node=world.active.name))
    play(world, EVENTS)


def play(world: World, events: Sequence[Event]) -> None:
    """Let one event after the other happen, each on a whole platform, and judge what became of the mail."""
    world.until_healthy()
    for event in events:
        if event.victim(world) is world.storage_node and world.cluster.storage.kind != "glusterfs":
            text = _("{node} alone has the mail: nothing can take its place").format(node=world.storage_node.name)
            world.recorder.not_run(event.title, text)
            continue
        story = _happen(world, event)
        whole_again(world, event.title)
        _judge(world, story, settle(world, story.ledger, within=_SETTLE_SECONDS))


def _happen(world: World, event: Event) -> Story:
    """Send, cut the power, go on, and see what arrives while the machine is still off."""
    victim, ledger = event.victim(world), Ledger()
    with Arrivals(boxes(world)) as arrivals, Stream(doors(world), ledger, world.mail, rate=RATE) as stream:
        stream.run_on(BEFORE_SECONDS)
        stranded: list[str] = []
        if event.leaves_queue:
            with _delivery_held(victim):
                stranded = _strand(world, stream)
                since = _strike(event, victim)
        else:
            since = _strike(event, victim)
        if event.returns:
            stream.run_on(AFTER_SECONDS / 2)
            victim.restore()
            stream.run_on(AFTER_SECONDS / 2)
        else:
            stream.run_on(AFTER_SECONDS)
        stream.finish(within=RETRY_SECONDS)
        arrivals.until(ledger.accepted().keys(), within=_ADOPTION_PATIENCE)
        story = Story(event, victim, ledger, dict(arrivals.seen), since)
    if event.leaves_queue:
        _adopted(world, story, stranded)
    return story


def _strike(event: Event, victim: Node) -> float:
    since = time.monotonic()
    event.strike(victim)
    return since


@contextmanager
def _delivery_held(node: Node) -> Iterator[None]:
    """Stop the queue manager, as a queue looks on a busy node: accepted mail stays in it until the power is cut."""
    node.run("sh", "-c", "kill -STOP $(pgrep -x qmgr)")
    try:
        yield
    finally:
        if not node.off:
            node.run("sh", "-c", "kill -CONT $(pgrep -x qmgr)")


def _strand(world: World, stream: Stream) -> list[str]:
    """Return the messages of a burst that were accepted and are in no mailbox."""
    burst = set(stream.burst(BURST))
    with suppress(DrillError):
        eventually(lambda: burst <= stream.ledger.accepted().keys(), within=HOLD_SECONDS, what="the burst's answers")
    accepted = burst & stream.ledger.accepted().keys()
    return sorted(accepted - found(world).keys())


def _adopted(world: World, story: Story, stranded: list[str]) -> None:
    delays, accepted = story.delays(stranded), story.ledger.accepted().keys()
    tried = _("cut the power of {node} with {count} accepted messages in its queue").format(
        node=story.victim.name, count=len(stranded),
    )
    with world.checking(
        _("{event}: first out of the adopted queue").format(event=story.event.title), tried=tried,
        expected=_("read within {limit:g} s, while {node} is off").format(
            limit=ADOPTED_SECONDS, node=story.victim.name,
        ),
    ) as check:
        if delays:
            text = _("read after {seconds:.2f} s").format(seconds=delays[0])
            check.saw(text, good=delays[0] <= ADOPTED_SECONDS, figure=Figure(round(delays[0], 3), "s"))
    with world.checking(
        _("{event}: last out of the adopted queue").format(event=story.event.title), tried=tried,
        expected=_("all that was accepted is read while {node} is off").format(node=story.victim.name),
    ) as check:
        there = len(accepted & story.seen.keys())
        text = _("{read} of {count} out of the queue, {there} of {accepted} of all").format(
            read=len(delays), count=len(stranded), there=there, accepted=len(accepted),
        )
        whole = bool(stranded) and len(delays) == len(stranded) and there == len(accepted)
        check.saw(text, good=whole, figure=Figure(round(delays[-1], 3), "s") if delays else None)


def _judge(world: World, story: Story, account: Account) -> None:
    """Write the account and the times into the table."""
    _accepted(world, story, account)
    _lost(world, story, account)
    _duplicated(world, story, account)
    first, ledger = story.ledger.first_accepted, story.ledger
    by_way = ", ".join(f"{way}: {_seconds(first(story.since, way))}" for way in Way)
    _time(world, story, _("first mail accepted"), first(story.since), story.event.accepted_within, more=by_way)
    _time(world, story, _("first mail delivered"), story.first_delivered(), story.event.delivered_within)
    waited = _("from when it was due, repetitions included: {seconds:.2f} s").format(
        seconds=ledger.longest_wait(story.since),
    )
    _time(world, story, _("longest sending"), ledger.longest_sending(story.since), ANSWER_SECONDS, more=waited)


def _tried(story: Story) -> str:
    return _("{rate:g} messages a second; {what} after {before:g} s; {after:g} s more").format(
        rate=RATE, what=story.event.what.format(node=story.victim.name), before=BEFORE_SECONDS, after=AFTER_SECONDS,
    )


def _accepted(world: World, story: Story, account: Account) -> None:
    with world.checking(
        _("{event}: accepted").format(event=story.event.title), tried=_tried(story),
        expected=_("in the end 250 for every message"),
    ) as check:
        refused = account.count(Fate.REFUSED)
        text = _("{accepted} of {count}; {refused} refused, {unsure} in doubt; {again} sent again").format(
            accepted=account.accepted, count=len(account.fates), refused=refused, again=account.sent_again,
            unsure=account.count(Fate.UNSURE_DELIVERED, Fate.UNSURE_MISSING),
        )
        whole = bool(account.fates) and account.accepted == len(account.fates)
        check.saw(text, good=whole, figure=_messages(account.accepted))


def _lost(world: World, story: Story, account: Account) -> None:
    with world.checking(
        _("{event}: lost").format(event=story.event.title),
        tried=_("look for each accepted message in mailboxes, queues and what came back"),
        expected=_("0: all are in their mailboxes"),
    ) as check:
        fates = (Fate.LOST, Fate.QUEUED, Fate.BOUNCED)
        lost, queued, returned = (account.count(one) for one in fates)
        text = _("{lost} lost, {queued} still in a queue, {returned} returned to the sender").format(
            lost=lost, queued=queued, returned=returned,
        )
        text += _which(account.numbers(*fates))
        check.saw(text, good=bool(account.accepted) and not lost + queued + returned, figure=_messages(lost))


def _duplicated(world: World, story: Story, account: Account) -> None:
    tried = _("count the copies of each message")
    with world.checking(
        _("{event}: duplicated by us").format(event=story.event.title), tried=tried,
        expected=_("0: no copy more than the client's own sendings explain"),
    ) as check:
        ours, uncalled = set(account.numbers(Fate.DUPLICATED)) - story.in_hand(), set(account.numbers(Fate.UNCALLED))
        text = _("{ours} too often; {uncalled} there though not taken").format(ours=len(ours), uncalled=len(uncalled))
        good = bool(account.accepted) and not ours | uncalled
        check.saw(text + _which(sorted(ours | uncalled)), good=good, figure=_messages(len(ours)))
    with world.checking(
        _("{event}: duplicates explained").format(event=story.event.title), tried=tried, expected=_NO_LIMIT,
    ) as check:
        twice, hand = account.count(Fate.RESENT), set(account.numbers(Fate.DUPLICATED)) & story.in_hand()
        text = _(
            "{twice} of the {again} that clients sent again without having had an answer; "
            "{hand} delivered by the machine in its last moment, and again out of its queue"
        ).format(twice=twice, again=account.sent_again, hand=len(hand))
        check.saw(text, good=True, figure=_messages(twice + len(hand)))


def _time(world: World, story: Story, name: str, seconds: float | None, limit: float, *, more: str = "") -> None:
    with world.checking(
        f"{story.event.title}: {name}", tried=_tried(story), expected=_("within {limit:g} s").format(limit=limit),
    ) as check:
        figure = None if seconds is None else Figure(round(seconds, 3), "s")
        text = "; ".join(part for part in (_seconds(seconds), more) if part)
        check.saw(text, good=seconds is not None and seconds <= limit, figure=figure)


def _seconds(seconds: float | None) -> str:
    return _("never") if seconds is None else f"{seconds:.2f} s"


def _messages(count: int) -> Figure:
    return Figure(float(count), _("messages"))


def _which(numbers: list[int]) -> str:
    return _(" (numbers {numbers})").format(numbers=", ".join(map(str, numbers[:20]))) if numbers else ""


DRILL = Drill(
    "lossless", _("Nothing lost, nothing twice"),
    _("Whichever machine loses power under load, every accepted message arrives, and arrives once."), run,
)
